import assert from 'node:assert/strict';
import { type Command, type CommandName, refusals } from '../../src/domain/commands.ts';
import { CONTROL } from '../../src/domain/control.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { outcomes } from '../../src/domain/events.ts';
import { newRun, type Run, runStates, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';
import { assertGolden } from '../fakes/golden.ts';

const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const withRollback = { runbook: f.runbook({ rollback: f.rollbackSteps }) };
const ownApproval = {
  runbook: f.runbook({
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }], expires: '15m' } },
  }),
};
const states: { readonly state: string; readonly run: Run; readonly facts?: Partial<Facts> }[] = [
  { state: 'new', run: newRun(f.RUN) },
  { state: 'awaiting-parameters', run: f.after([f.anyOf.propose], missing), facts: missing },
  { state: 'awaiting-approval', run: f.after([f.anyOf.propose]) },
  { state: 'approved', run: f.after(f.approved) },
  { state: 'diagnosing', run: f.after(f.diagnosing) },
  { state: 'remediating', run: f.after(f.remediating) },
  { state: 'verifying', run: f.after(f.verifying) },
  {
    state: 'awaiting-rollback',
    run: f.after([...f.remediating, f.result('recycle-pool', 'failed'), f.anyOf.advance], ownApproval),
    facts: ownApproval,
  },
  {
    state: 'rolling-back',
    run: f.after([...f.remediating, f.result('recycle-pool', 'failed')], withRollback),
    facts: withRollback,
  },
  { state: 'closed', run: f.after(f.succeeded) },
];
/** The control stream has no states of a run: it is new for ever. */
const control = { state: 'control', run: newRun(CONTROL) };

describe('decide: every state and every command', () => {
  it('has an example of every state', () => {
    assert.deepEqual(
      states.map(({ run }) => stateOf(run)),
      [...runStates],
    );
  });

  it('gives the events or the refusal that the golden table says', () => {
    const table = Object.fromEntries(
      [...states, { ...control, facts: {} }].map(({ state, run, facts }) => [
        state,
        Object.fromEntries(
          Object.entries(f.anyOf).map(([name, command]) => [name, cell(run, command, facts)]),
        ),
      ]),
    );
    assertGolden('decide', table);
  });

  for (const { state, run, facts } of states)
    for (const [name, command] of Object.entries(f.anyOf))
      it(`${state} × ${name}: a refusal says what happened and what to do`, () => {
        const { decided } = f.play(run, command, facts);
        if (decided.ok) return assert.ok(Array.isArray(decided.events));
        assert.ok(decided.refusal.code in refusals);
        assert.ok(decided.refusal.message.length > 0);
        assert.match(decided.refusal.nextAction, /\w.*\.$/);
      });

  for (const { state, run, facts } of states)
    for (const [name, command] of Object.entries(f.anyOf))
      it(`${state} × ${name}: the second time changes nothing`, () => {
        const once = f.play(run, command, facts);
        const twice = f.play(once.run, command, facts);
        if (name === 'dispatch' && !once.decided.ok) return;
        assert.equal(f.types(twice.decided), 'nothing');
      });
});

function cell(run: Run, command: Command, facts: Partial<Facts> | undefined): string {
  const { decided } = f.play(run, command, facts);
  return decided.ok
    ? f.types(decided)
    : `refused: ${decided.refusal.code}${decided.events.length > 0 ? ` + ${f.types(decided)}` : ''}`;
}

const vote = (by: f.Played['run']['runId'], revision?: number): Command =>
  f.command('approve', f.person(by), revision === undefined ? {} : { revision });
const refusalOf = (run: Run, command: Command, facts?: Partial<Facts>): string => {
  const { decided } = f.play(run, command, facts);
  return decided.ok ? 'accepted' : decided.refusal.code;
};
const awaiting = f.after([f.anyOf.propose]);
const denied = f.world({ history: f.ranAt(f.minutes(-5)) });

const votes: { name: string; run?: Run; command: Command; facts?: Partial<Facts>; want: string }[] = [
  { name: 'a member of the approver group may approve', command: vote('arne'), want: 'accepted' },
  { name: 'somebody else may not', command: vote('stranger'), want: 'not-approver' },
  {
    name: 'another tenant may not',
    command: f.command('approve', f.person('arne', 'other'), {}),
    want: 'wrong-tenant',
  },
  {
    name: 'who confirmed the parameters may not approve the run',
    run: f.after(
      [f.anyOf.propose, f.command('confirm-parameters', f.person('nadia'), { values: { pool: 'other' } })],
      missing,
    ),
    facts: missing,
    command: vote('nadia'),
    want: 'self-approval',
  },
  { name: 'a vote for an older plan is stale', command: vote('arne', 9), want: 'stale-card' },
  {
    name: 'a vote after the end of the time is refused',
    command: vote('arne'),
    facts: { now: f.minutes(30) },
    want: 'expired',
  },
  {
    name: 'a vote one minute before the end counts',
    command: vote('arne'),
    facts: { now: f.minutes(29) },
    want: 'accepted',
  },
  {
    name: 'an unknown membership is no membership',
    command: vote('arne'),
    facts: { actorGroups: { ok: false, why: 'the directory did not answer' } },
    want: 'membership-unknown',
  },
  {
    name: 'a guardrail that denies now refuses the vote',
    command: vote('arne'),
    facts: { world: denied },
    want: 'guardrail-denied',
  },
  {
    name: 'a fact that cannot be fetched refuses the vote',
    command: vote('arne'),
    facts: { world: f.world({ incident: { ok: false, why: 'ServiceNow did not answer' } }) },
    want: 'facts-unknown',
  },
  {
    name: 'a runbook that changed voids the plan',
    command: vote('arne'),
    facts: { runbook: f.runbook({ version: '1.1.0' }) },
    want: 'plan-changed',
  },
  {
    name: 'a rejection needs a reason',
    command: f.command('reject', f.arne, { reason: ' ' }),
    want: 'reason-needed',
  },
];

describe('votes', () => {
  for (const { name, run = awaiting, command, facts, want } of votes)
    it(name, () => assert.equal(refusalOf(run, command, facts), want));

  it('counts people, not clicks', () => {
    const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
    const asked = f.after([f.anyOf.propose], two);
    const once = f.play(asked, vote('arne'), two).run;
    assert.equal(stateOf(once), 'awaiting-approval');
    assert.equal(stateOf(f.play(once, vote('arne'), two).run), 'awaiting-approval');
    assert.equal(stateOf(f.play(once, vote('mia'), two).run), 'approved');
  });

  it('voids votes when the plan changes and says what changed', () => {
    const two = { ...missing, runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
    const entered = f.command('confirm-parameters', f.olivia, { values: { pool: 'shop' } });
    const once = f.after([f.anyOf.propose, entered, vote('arne')], two);
    const confirm = f.command('confirm-parameters', f.olivia, { values: { pool: 'checkout' } });
    const changed = f.play(once, confirm, two).run;
    assert.deepEqual(changed.approval?.votes, []);
    assert.equal(changed.approval?.revision, 2);
    assert.deepEqual(changed.approval?.changes, ['parameter pool changed from shop to checkout']);
    assert.equal(refusalOf(changed, vote('mia', 1), two), 'stale-card');
  });

  it('records once that somebody tried what they may not do', () => {
    const tried = f.play(awaiting, vote('stranger'));
    assert.equal(f.types(tried.decided), 'command-refused');
    assert.equal(f.types(f.play(tried.run, vote('stranger')).decided), 'nothing');
  });

  it('says the same thing again after the end to a voter who clicks twice', () => {
    const done = f.after(f.succeeded);
    assert.equal(refusalOf(done, vote('arne')), 'accepted');
    assert.equal(refusalOf(done, vote('mia')), 'already-ended');
  });
});

const ends: { name: string; commands: Command[]; facts?: Partial<Facts>; want: string }[] = [
  { name: 'all steps succeed', commands: f.succeeded, want: 'succeeded' },
  { name: 'an approver rejects', commands: [f.anyOf.propose, f.anyOf.reject], want: 'rejected' },
  { name: 'nobody decides', commands: [f.anyOf.propose], want: 'expired' },
  { name: 'the requester takes it back', commands: [f.anyOf.propose, f.anyOf.withdraw], want: 'withdrawn' },
  { name: 'it is cancelled before it starts', commands: [...f.approved, f.anyOf.cancel], want: 'cancelled' },
  {
    name: 'it is cancelled while a step runs',
    commands: [...f.diagnosing, f.anyOf.cancel, f.result('snapshot', 'cancelled')],
    want: 'cancelled',
  },
  { name: 'a guardrail denies it', commands: [f.anyOf.propose], facts: { world: denied }, want: 'denied' },
  {
    name: 'diagnostics fail',
    commands: [...f.diagnosing, f.result('snapshot', 'failed')],
    want: 'automation failed',
  },
  {
    name: 'the target never started the remediation',
    commands: [...f.remediating, f.result('recycle-pool', 'not-started')],
    want: 'automation failed',
  },
  {
    name: 'the remediation fails and cannot be undone',
    commands: [...f.remediating, f.result('recycle-pool', 'failed')],
    want: 'remediation failed',
  },
  {
    name: 'the outcome of the remediation is unknown: no rollback, no second launch',
    commands: [...f.remediating, f.result('recycle-pool', 'unknown')],
    facts: withRollback,
    want: 'outcome unknown',
  },
  {
    name: 'the service is not healthy afterwards',
    commands: [...f.verifying, f.result('answers', 'failed')],
    want: 'verification failed',
  },
  {
    name: 'it is not healthy and the rollback works',
    commands: [...f.verifying, f.result('answers', 'failed'), f.result('restore', 'succeeded')],
    facts: withRollback,
    want: 'rolled back',
  },
  {
    name: 'it is not healthy and the rollback fails',
    commands: [...f.verifying, f.result('answers', 'failed'), f.result('restore', 'failed')],
    facts: withRollback,
    want: 'rollback failed',
  },
  {
    name: 'the owner of the item says that it is not theirs',
    commands: [
      f.anyOf.propose,
      f.command('answer-ownership', f.dana, { mine: false, reason: 'handed back in May' }),
    ],
    facts: { runbook: f.runbook({ parameters: f.owned }) },
    want: 'not confirmed',
  },
];

describe('ends', () => {
  for (const { name, commands, facts, want } of ends)
    it(`${name}: ${want}`, () => {
      const run = f.after(commands, facts);
      const late = { ...facts, now: f.minutes(60) };
      const closed = want === 'expired' ? f.play(run, f.anyOf.expire, late).run : run;
      assert.equal(closed.closed?.outcome, want);
      assert.ok(closed.closed?.reason);
      assert.ok(closed.closed?.nextAction);
    });

  it('has an example of every end', () => {
    assert.deepEqual([...new Set(ends.map((end) => end.want))].sort(), [...outcomes].sort());
  });

  it('goes on after optional diagnostics failed', () => {
    const optional = {
      runbook: f.runbook({
        steps: {
          diagnostics: [{ id: 'snapshot', title: 'S', target: 'ops', job: 's', optional: true }],
          remediation: [{ id: 'recycle-pool', title: 'R', target: 'ops', job: 'r' }],
          verification: [{ id: 'answers', title: 'A', http: { url: 'http://x.example/' } }],
        },
      }),
    };
    const run = f.after([...f.diagnosing, f.result('snapshot', 'failed')], optional);
    assert.equal(stateOf(run), 'remediating');
  });

  it('is approved by a policy rule only outside production', () => {
    const rule = { policy: f.policy(f.autoApprove) };
    const test = { ...rule, world: f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }) };
    assert.equal(stateOf(f.after([f.anyOf.propose], test)), 'approved');
    assert.equal(stateOf(f.after([f.anyOf.propose], rule)), 'awaiting-approval');
  });

  it('checks the guardrails a third time when it is dispatched', () => {
    const late = f.play(f.after(f.approved), f.anyOf.dispatch, { world: denied });
    assert.equal(late.run.closed?.outcome, 'denied');
    assert.match(late.run.closed?.reason ?? '', /cooldown/);
    assert.deepEqual(Object.keys(late.run.evaluations), ['proposal', 'decision', 'dispatch']);
  });

  it('asks again when the plan changed between approval and dispatch', () => {
    const changed = f.play(f.after(f.approved), f.anyOf.dispatch, {
      runbook: f.runbook({ version: '2.0.0' }),
    });
    assert.equal(stateOf(changed.run), 'awaiting-approval');
    assert.deepEqual(changed.run.approval?.changes, ['the runbook version changed from 1.0.0 to 2.0.0']);
  });
});

describe('commands', () => {
  it('has a decider and an example for each', () => {
    const names: CommandName[] = Object.values(f.anyOf).map((command) => command.name);
    assert.deepEqual(names, Object.keys(f.anyOf));
  });
});
