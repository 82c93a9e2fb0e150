import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { due } from '../../src/domain/due.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const denied = { world: f.world({ history: f.ranAt(f.minutes(-5)) }) };
const withRollback = { runbook: f.runbook({ rollback: f.rollbackSteps }) };

/** Every decision that stores more than one event, and the state it has to end in. */
const decisions: { name: string; before: Run; command: Command; facts?: Partial<Facts> }[] = [
  { name: 'propose', before: newRun(f.RUN), command: f.anyOf.propose },
  { name: 'propose, denied', before: newRun(f.RUN), command: f.anyOf.propose, facts: denied },
  {
    name: 'confirm parameters',
    before: f.after([f.anyOf.propose], missing),
    command: f.anyOf['confirm-parameters'],
    facts: missing,
  },
  { name: 'approve', before: f.after([f.anyOf.propose]), command: f.anyOf.approve },
  { name: 'reject', before: f.after([f.anyOf.propose]), command: f.anyOf.reject },
  {
    name: 'cancel before it starts',
    before: f.after([f.anyOf.propose]),
    command: f.anyOf.cancel,
  },
  { name: 'dispatch', before: f.after(f.approved), command: f.anyOf.dispatch },
  {
    name: 'dispatch, denied',
    before: f.after(f.approved),
    command: f.anyOf.dispatch,
    facts: denied,
  },
  {
    name: 'a step succeeds and the next is claimed',
    before: f.after(f.diagnosing),
    command: f.result('snapshot', 'succeeded'),
  },
  {
    name: 'a remediation fails and the rollback is claimed',
    before: f.after(f.remediating, withRollback),
    command: f.result('recycle-pool', 'failed'),
    facts: withRollback,
  },
  {
    name: 'the last step ends',
    before: f.after(f.verifying),
    command: f.result('answers', 'succeeded'),
  },
];

/** What the engine does by itself, until only time or people can go on. */
function settle(run: Run, facts: Partial<Facts> | undefined): Run {
  for (let turn = 0, now = run; turn < 10; turn++) {
    const next = due(now, f.T0);
    if (next.act === 'decide') now = f.play(now, f.anyOf[next.command], facts).run;
    else if (next.act === 'dispatch') now = f.play(now, f.anyOf.dispatch, facts).run;
    else return now;
  }
  throw new Error('it never settles');
}

describe('a decision cut off after any of its events', () => {
  for (const { name, before, command, facts } of decisions) {
    const { decided, run: whole } = f.play(before, command, facts);
    const wanted = stateOf(settle(whole, facts));
    for (let kept = 1; kept < decided.events.length; kept++) {
      it(`${name}: with ${kept} of ${decided.events.length} events it ends where it would have, or was not taken`, () => {
        const cut = settle(f.store(before, command, decided.events.slice(0, kept)), facts);
        const untouched = stateOf(settle(before, facts));
        assert.ok(
          [wanted, untouched].includes(stateOf(cut)),
          `${stateOf(cut)}, not ${wanted} or ${untouched}`,
        );
        // and asking again brings it where it was meant to go
        assert.equal(stateOf(settle(f.play(cut, command, facts).run, facts)), wanted);
      });
    }
  }

  it('is the end when a rejection is stored: no approval counts after it', () => {
    const before = f.after([f.anyOf.propose]);
    const [voted] = f.play(before, f.anyOf.reject).decided.events;
    assert.equal(voted?.type, 'vote-cast');
    const cut = f.store(before, f.anyOf.reject, voted ? [voted] : []);
    const late = f.play(cut, f.command('approve', f.mia, {})).decided;
    assert.equal(late.ok ? 'accepted' : late.refusal.code, 'already-ended');
    assert.equal(settle(cut, undefined).closed?.outcome, 'rejected');
  });
});
