import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import type { Note } from '../../src/domain/notes.ts';
import { system } from '../../src/domain/people.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import type { Run } from '../../src/domain/run.ts';
import { stepResults } from '../../src/domain/step-end.ts';
import * as f from '../fakes/domain.ts';

const runbook = f.runbook({ rollback: f.rollbackSteps });
const inTest = f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } });
const breakable = {
  breakGlass: {
    groups: ['web-approvers'],
    review: { group: 'web-operations' },
  },
};

/** The last note a run has for its incident, whichever else it has. */
const lastNote = (run: Run): Note | undefined => {
  const report = reportsDue(run).find(({ key }) => key === 'ticket:closed');
  return report?.to === 'ticket' ? report.note : undefined;
};
/** Every note there is: none but the last may resolve anything. */
const isResolved = (run: Run): boolean =>
  reportsDue(run).some((one) => one.to === 'ticket' && one.note.state === 'resolved');

const starts: [string, readonly Command[], Partial<Facts>][] = [
  ['people approved', [f.anyOf.propose, f.anyOf.approve], { runbook }],
  [
    'a rule of the policy approved',
    [f.anyOf.propose],
    { runbook, policy: f.policy(f.autoApprove), world: inTest },
  ],
  [
    'one person broke the glass for',
    [f.anyOf.propose, f.anyOf['break-glass']],
    { runbook, policy: f.policy(breakable) },
  ],
];
const ends = (['succeeded', 'failed'] as const).flatMap((snapshot) =>
  stepResults.flatMap((go) =>
    stepResults.flatMap((answers) =>
      (['succeeded', 'failed'] as const).map((restore) => ({ snapshot, go, answers, restore })),
    ),
  ),
);

describe('an incident is resolved', () => {
  for (const [how, commands, facts] of starts)
    it(`only after every step of what ${how} succeeded and nobody cancelled, whatever the end`, () => {
      const begun = f.after([...commands, f.anyOf.dispatch], facts);
      assert.equal(begun.steps.length, 1);
      const outcomes = new Set<string>();
      for (const { snapshot, go, answers, restore } of ends)
        for (const cancelAt of [0, 1, 2, 3, undefined]) {
          const results = [
            f.result('snapshot', snapshot),
            f.result('recycle-pool', go),
            f.result('answers', answers),
            f.result('restore', restore),
          ];
          const all = results.flatMap((one, n) => (n === cancelAt ? [f.anyOf.cancel, one] : [one]));
          const run = all.reduce((before, command) => f.play(before, command, facts).run, begun);
          assert.ok(run.closed, 'it has not ended');
          outcomes.add(run.closed.outcome);
          const passed = [snapshot, go, answers].every((one) => one === 'succeeded');
          // after the last check it is too late to cancel
          const want = passed && (cancelAt === undefined || cancelAt === 3);
          const path = `${snapshot} ${go} ${answers} ${restore} cancel ${cancelAt}: ${run.closed.outcome}`;
          assert.equal(isResolved(run), want, path);
          assert.equal(run.closed.outcome === 'succeeded', want, path);
          assert.deepEqual(
            lastNote(run)?.close,
            want ? { code: 'Solution provided', notes: 'Recycled. (Handrail run K2QDM)' } : undefined,
          );
        }
      assert.deepEqual([...outcomes].sort(), [
        'automation failed',
        'cancelled',
        'outcome unknown',
        'rollback failed',
        'rolled back',
        'succeeded',
      ]);
    });

  it('not when the verification failed and nothing can be undone', () => {
    const run = f.after([...f.verifying, f.result('answers', 'failed')]);
    assert.equal(run.closed?.outcome, 'verification failed');
    assert.equal(isResolved(run), false);
    assert.equal(lastNote(run)?.assignmentGroup, 'L3');
  });

  it('not while the verification is under way', () => {
    assert.equal(isResolved(f.after(f.verifying)), false);
  });

  it('not when the runbook does not say so', () => {
    const run = f.after(f.succeeded, { runbook: f.runbook({ resolve: undefined }) });
    assert.equal(run.closed?.outcome, 'succeeded');
    assert.equal(isResolved(run), false);
  });

  for (const [what, change] of [
    ['does not say so any more', { resolve: undefined }],
    ['says otherwise', { resolve: { code: 'Workaround provided', notes: 'Restarted.' } }],
  ] as const)
    it(`not when the runbook was changed before it was approved: it ${what}`, () => {
      const changed = { runbook: f.runbook({ version: '1.1.0', ...change }) };
      const asked = f.after([f.anyOf.propose]);
      const again = f.command('approve', f.arne, { revision: 2 });
      const run = [f.anyOf.approve, again, ...f.succeeded.slice(f.approved.length)].reduce(
        (before, command) => f.play(before, command, changed).run,
        asked,
      );
      assert.equal(run.closed?.outcome, 'succeeded');
      assert.equal(run.approval?.plan.runbook.version, '1.1.0');
      assert.equal(isResolved(run), false);
      const last = 'Not resolved by Handrail: recycle was changed between the proposal and the approval.';
      assert.equal(lastNote(run)?.workNote.split('\n').at(-1), last);
    });

  for (const [what, incident, why] of [
    ['names another item', { ciSysId: 'd'.repeat(32) }, 'INC0010023 names another configuration item now'],
    ['was closed by people', { state: 'closed' }, 'INC0010023 is closed'],
  ] as const)
    it(`not when it ${what} since the run has started`, () => {
      const world = f.world({ incident: { ok: true, value: f.incident(incident) } });
      const moved = f.play(f.after(f.verifying), f.command('reconsider', system('servicenow'), {}), {
        world,
      });
      const { run } = f.play(moved.run, f.result('answers', 'succeeded'));
      assert.equal(run.closed?.outcome, 'succeeded');
      assert.equal(isResolved(run), false);
      assert.equal(lastNote(run)?.workNote.split('\n').at(-1), `Not resolved by Handrail: ${why}.`);
    });
});
