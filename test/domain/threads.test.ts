import assert from 'node:assert/strict';
import { askedOf } from '../../src/domain/approval.ts';
import type { EventData, LogEntry, RunEvent } from '../../src/domain/events.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import type { Run } from '../../src/domain/run.ts';
import * as threads from '../../src/domain/threads.ts';
import * as f from '../fakes/domain.ts';

const about = 'INC0010023: Recycle the pool on shop-web-01';
const run = f.after([f.anyOf.propose]);
assert.ok(run.approval);
const { plan, digest } = run.approval;
const request: EventData<'approval-requested'> = {
  plan,
  digest,
  revision: 2,
  group: 'web-approvers',
  quorum: 1,
  expiresAt: '2026-11-22T09:30:00.000Z',
  changes: [],
};
const twoGroups = {
  ...request,
  requirements: [
    { group: 'web-approvers', needed: 1 },
    { group: 'owners', needed: 2 },
  ],
};
const vote = (groups: string[]): RunEvent => ({
  type: 'vote-cast',
  data: { verb: 'approve', digest, revision: 2, reason: '', groups },
});
const asked = (data: EventData<'approval-requested'>, ...votes: RunEvent[]) => {
  const after = f.store(run, f.anyOf.approve, [{ type: 'approval-requested', data }, ...votes]);
  assert.ok(after.approval);
  return after.approval;
};
const entryOf = <T extends LogEntry['type']>(type: T, data: EventData<T>) => {
  const entry = f.store(run, f.anyOf.approve, [{ type, data } as RunEvent]).entries.at(-1);
  assert.ok(entry?.type === type);
  return entry as Extract<LogEntry, { type: T }>;
};

describe('a message in the thread of a run', () => {
  it('says how the run ended, why, who has it now and what to do next', () =>
    assert.deepEqual(
      threads.closedThread(run, {
        outcome: 'remediation failed',
        reason: 'Recycle: exit 1',
        nextAction: 'The resolver group takes over.',
      }),
      {
        text: 'INC0010023: remediation failed. Recycle: exit 1. For L3: The resolver group takes over. Run code K2QDM. There are no diagnostics.',
        mention: { onCall: ['L3'], involved: true },
      },
    ));

  it('calls nobody who is on call when the change was undone', () => {
    const closed = { outcome: 'rolled back', reason: 'Recycle: exit 1', nextAction: 'Look.' } as const;
    const { text, mention } = threads.closedThread(run, closed);
    assert.equal(mention, 'involved');
    assert.match(text, /^INC0010023: rolled back\. Recycle: exit 1\. For L3: Look\.$/);
  });

  it('says to whoever is on call why they are told, and where the diagnostics are', () => {
    const evidence = { sha256: 'a', bytes: 1, truncated: false, ref: 'r', tail: '' };
    const steps = (['diagnostics', 'remediation', 'verification'] as const).map((phase) => ({
      id: phase,
      phase,
      executionId: phase,
      deadline: '',
      startedAt: '',
      detail: '',
      evidence,
    }));
    const closed = {
      outcome: 'outcome unknown',
      reason: 'ops does not know this execution, but it may have run',
      nextAction: 'Somebody must look at the target.',
    } as const;
    assert.equal(
      threads.onCallText({ ...run, steps }, closed),
      `${about}: outcome unknown. ops does not know this execution, but it may have run. You are told because you are on call for L3. Somebody must look at the target. Run code K2QDM. Diagnostics are attached to INC0010023: handrail-K2QDM-diagnostics.log, handrail-K2QDM-remediation.log.`,
    );
  });

  it('promises no diagnostics of steps that left none', () => {
    const closed = { outcome: 'outcome unknown', reason: 'nobody can tell', nextAction: 'Look.' } as const;
    const bare = f.after(f.verifying);
    assert.ok(bare.steps.length > 1);
    assert.match(threads.onCallText(bare, closed), /Look\. Run code K2QDM\. There are no diagnostics\.$/);
  });

  const waits = (who: string) =>
    `${about} still waits for ${who} until 2026-11-22T09:30:00.000Z. Type: approve K2QDM 2.`;
  for (const [name, approval, who, onCall] of [
    ['whom it waits for', asked(request), '1 more of web-approvers', ['web-approvers']],
    [
      'all groups it waits for',
      asked(twoGroups),
      '1 more of web-approvers and 2 more of owners',
      ['web-approvers', 'owners'],
    ],
    [
      'only those who have not agreed yet, and calls them',
      asked(twoGroups, vote(['web-approvers'])),
      '2 more of owners',
      ['owners'],
    ],
    [
      'how many of them have not agreed yet',
      asked(twoGroups, vote(['owners'])),
      '1 more of web-approvers and 1 more of owners',
      ['web-approvers', 'owners'],
    ],
    [
      'that a second person is missing, where four eyes are wanted',
      asked({ ...request, fourEyes: true }, vote(['web-approvers'])),
      'a second person',
      ['web-approvers'],
    ],
  ] as const)
    it(`reminds of ${name}`, () =>
      assert.deepEqual(threads.reminderThread(run, approval), {
        text: waits(who),
        mention: { onCall: [...onCall] },
      }));

  it('asks the next group when nobody has decided', () =>
    assert.deepEqual(threads.escalationThread('duty')(run, asked(request)), {
      text: `${about}: nobody has decided, so duty is asked as well. Type: approve K2QDM 2.`,
      mention: { onCall: ['duty'] },
    }));

  it('asks the approvers of the rollback', () =>
    assert.deepEqual(threads.rollbackThread(run, askedOf({ ...request, group: 'owners' }, '')), {
      text: `${about}: it failed. Rolling back needs 1 more of owners until 2026-11-22T09:30:00.000Z. Type: approve K2QDM 2.`,
      mention: { onCall: ['owners'] },
    }));

  it('asks and calls every group that has to agree to the rollback', () =>
    assert.deepEqual(threads.rollbackThread(run, asked(twoGroups)), {
      text: `${about}: it failed. Rolling back needs 1 more of web-approvers and 2 more of owners until 2026-11-22T09:30:00.000Z. Type: approve K2QDM 2.`,
      mention: { onCall: ['web-approvers', 'owners'] },
    }));

  const glass = {
    digest,
    revision: 1,
    reason: 'the shop is down',
    overridden: [],
    reviewGroup: 'duty',
    reviewBy: '2026-11-23T09:00:00.000Z',
  };
  it('tells who decided alone, why, and how to review it', () =>
    assert.deepEqual(threads.glassThread(run, entryOf('glass-broken', glass)), {
      text:
        `${about}: arne decided alone. the shop is down. ` +
        'To be reviewed by duty until 2026-11-23T09:00:00.000Z: review K2QDM justified <what you found>.',
      mention: { onCall: ['duty'] },
    }));

  it('calls for a review that is late', () => {
    const late = entryOf('review-overdue', { reviewBy: glass.reviewBy });
    const broken = f.store(run, f.anyOf.approve, [{ type: 'glass-broken', data: glass }]);
    assert.deepEqual(threads.overdueThread(broken, late), {
      text: `${about}: the review of the break-glass was due 2026-11-23T09:00:00.000Z and is late.`,
      mention: { onCall: ['duty'] },
    });
  });

  it('tells those involved when the incident was changed by others, and that nothing stops by itself', () => {
    const changed = entryOf('incident-changed', { reason: 'INC0010023 is closed' });
    assert.deepEqual(threads.incidentThread(run, changed), {
      text:
        `${about}: INC0010023 is closed while the run is under way. ` +
        'What has started goes on; decide whether to cancel it (code K2QDM).',
      mention: 'involved',
    });
  });

  it('tells those involved what was left to people who have taken the incident', () =>
    assert.deepEqual(threads.leftThread(run, 'not resolved: Beth works on it'), {
      text:
        `${about}: not resolved: Beth works on it. ` +
        'What the run did is in its work notes; decide what becomes of the incident.',
      mention: 'involved',
    }));

  it('calls the resolver group when one restart more would hide the cause', () =>
    assert.deepEqual(
      threads.flappingThread(run, { guardrail: 'flapping', effect: 'deny', reason: 'third run in 2 h' }),
      {
        text:
          `${about}: third run in 2 h. The diagnostics of the earlier runs are attached to the incident, ` +
          'with a proposed problem record.',
        mention: { onCall: ['L3'] },
      },
    ));
});

describe('a message that asks for a decision', () => {
  const waiting = f.store(f.after(f.remediating), f.anyOf.advance, [
    { type: 'approval-requested', data: { ...request, phase: 'rollback' } },
    { type: 'approval-reminded', data: { revision: 2, count: 1 } },
    { type: 'approval-escalated', data: { revision: 2, group: 'duty' } },
  ]);
  const keys = (one: Run) =>
    reportsDue(one).flatMap(({ to, key }) => (to === 'thread' || key.includes(':2') ? [key] : []));
  const note = ['ticket:requested:2', 'ticket:escalated:2'];

  it('is sent while it waits', () =>
    assert.deepEqual(keys(waiting), [
      'ticket:requested:2',
      'thread:rollback:2',
      'thread:reminded:2:1',
      'ticket:escalated:2',
      'thread:escalated:2',
    ]));

  it('is not sent late: nobody is called for what was decided, and the record stays in the incident', () => {
    const voted = f.store(waiting, f.anyOf.approve, [vote(['web-approvers'])]);
    assert.deepEqual(keys(voted), [...note, 'ticket:approved:2']);
  });

  it('is not sent for a plan that another one has replaced', () => {
    const again = { ...request, revision: 3, phase: 'rollback' } as const;
    const replaced = f.store(waiting, f.anyOf.advance, [{ type: 'approval-requested', data: again }]);
    assert.deepEqual(keys(replaced), [...note, 'thread:rollback:3']);
  });
});
