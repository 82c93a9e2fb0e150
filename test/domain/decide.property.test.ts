import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { parseEntry } from '../../src/domain/events.ts';
import { planDigest } from '../../src/domain/plan.ts';
import { fold, newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const people = ['olivia', 'arne', 'mia', 'nadia', 'stranger'].map((id) => f.person(id));
/** What may still be stored after the end. */
const bookkeeping = ['reported', 'card-posted', 'owner-asked'];
const steps = ['snapshot', 'recycle-pool', 'answers', 'restore'];

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.values(f.anyOf)) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        by: fc.constantFrom(...people),
        revision: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      })
      .map(({ by, revision }) => f.command('approve', by, revision === undefined ? {} : { revision })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ by: fc.constantFrom(...people), pool: fc.constantFrom('shop', 'checkout', 'BAD VALUE') })
      .map(({ by, pool }) => f.command('confirm-parameters', by, { values: { pool } })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        by: fc.constantFrom(...people),
        name: fc.constantFrom('withdraw', 'cancel', 'reject' as const),
      })
      .map(({ by, name }) => f.command(name, by, { reason: 'because' })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        step: fc.constantFrom(...steps),
        outcome: fc.constantFrom('succeeded', 'failed', 'unknown', 'not-started', 'cancelled' as const),
      })
      .map(({ step, outcome }) => f.result(step, outcome)),
  },
);

const situations: fc.Arbitrary<Partial<Facts>> = fc.record({
  now: fc.integer({ min: 0, max: 45 }).map(f.minutes),
  runbook: fc.constantFrom(
    f.runbook({ rollback: f.rollbackSteps }),
    f.runbook({ rollback: f.rollbackSteps, version: '2.0.0' }),
  ),
  policy: fc.constantFrom(f.policy(), f.policy(f.autoApprove)),
  world: fc.constantFrom(
    f.world(),
    f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }),
    f.world({ history: f.ranAt(f.minutes(-1)) }),
    f.world({ incident: { ok: false, why: 'no answer' } }),
    f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }),
  ),
});

const histories = fc.array(fc.tuple(commands, situations), { minLength: 1, maxLength: 30 });

/** Plays a history and calls back before and after each command. */
function playAll(
  history: [Command, Partial<Facts>][],
  check: (before: Run, after: Run, command: Command) => void,
): Run {
  return history.reduce((run, [command, situation]) => {
    const next = f.play(run, command, situation).run;
    check(run, next, command);
    return next;
  }, newRun(f.RUN));
}

describe('properties of every history', () => {
  it('claims a remediation only with a valid approval of the current plan, or a policy rule', () => {
    fc.assert(
      fc.property(histories, (history) => {
        playAll(history, (before, after) => {
          for (const entry of after.entries.slice(before.entries.length)) {
            if (entry.type !== 'step-started' || entry.data.phase !== 'remediation') continue;
            const { approval } = before;
            assert.ok(approval);
            assert.equal(approval.digest, planDigest(approval.plan));
            assert.ok(approval.plan.steps.some((step) => step.id === entry.data.step));
            if (approval.rule !== undefined) return assert.equal(approval.plan.ci.environment, 'test');
            const voters = approval.votes.filter((vote) => vote.verb === 'approve').map((vote) => vote.by);
            assert.ok(voters.length >= 1);
            for (const voter of voters) {
              assert.ok(voter.kind === 'person' && ['arne', 'mia', 'nadia'].includes(voter.id));
              assert.ok(before.confirmers.every(({ id }) => id !== voter.id));
            }
          }
        });
      }),
      { numRuns: 400 },
    );
  });

  it('claims each step at most once and never two at a time', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const run = playAll(history, (_before, after) => {
          assert.ok(after.steps.filter((step) => step.result === undefined).length <= 1);
        });
        assert.equal(new Set(run.steps.map((step) => step.id)).size, run.steps.length);
      }),
      { numRuns: 300 },
    );
  });

  it('replays to the same state, through the stored form too', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const run = playAll(history, () => undefined);
        assert.deepEqual(fold(f.RUN, run.entries), run);
        const stored = run.entries.map((entry) => ({ ...entry, prev: '0'.repeat(64), hash: '0'.repeat(64) }));
        const read = stored.map((entry) => parseEntry(JSON.parse(JSON.stringify(entry))));
        assert.deepEqual(read, JSON.parse(JSON.stringify(stored)));
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing when a command is applied a second time in the same situation', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const [command, situation] = history.at(-1) ?? [f.anyOf.advance, {}];
        const run = playAll(history, () => undefined);
        const again = f.play(run, command, situation).decided;
        const types = again.events.map((event) => event.type);
        if (again.ok) assert.deepEqual(types, []);
        else assert.ok(types.every((type) => type === 'guardrails-evaluated'));
      }),
      { numRuns: 300 },
    );
  });

  it('never leaves an end, and appends nothing but reports after it', () => {
    fc.assert(
      fc.property(histories, (history) => {
        playAll(history, (before, after) => {
          if (stateOf(before) !== 'closed') return;
          assert.equal(stateOf(after), 'closed');
          const added = after.entries.slice(before.entries.length).map((entry) => entry.type);
          assert.ok(added.every((type) => bookkeeping.includes(type)));
        });
      }),
      { numRuns: 300 },
    );
  });
});
