import assert from 'node:assert/strict';
import type { EventData, RunEvent } from '../../src/domain/events.ts';
import type { Actor } from '../../src/domain/people.ts';
import { system } from '../../src/domain/people.ts';
import * as run from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const at = '2026-11-22T09:00:00.000Z';
const proposed = f.after([f.anyOf.propose]);
assert.ok(proposed.approval && proposed.proposal);
const { plan, digest } = proposed.approval;
/** The run with these events after it, all by one person or part of the system. */
const then = (before: run.Run, by: Actor, ...events: RunEvent[]): run.Run =>
  f.store(before, f.command('advance', by, {}), events);
const by = (actor: Actor, ...events: RunEvent[]) => then(proposed, actor, ...events);

const ask = (change: Partial<EventData<'approval-requested'>> = {}): RunEvent => ({
  type: 'approval-requested',
  data: {
    ...{ plan, digest, revision: 2, group: 'web-approvers', quorum: 1, changes: [] },
    expiresAt: '2026-11-22T09:30:00.000Z',
    ...change,
  },
});
const vote = (change: Partial<EventData<'vote-cast'>> = {}): RunEvent => ({
  type: 'vote-cast',
  data: { verb: 'approve', digest, revision: 2, reason: '', ...change },
});
const askRollback = ask({ revision: 3, phase: 'rollback', group: 'owners' });
const glass: RunEvent & { type: 'glass-broken' } = {
  type: 'glass-broken',
  data: {
    ...{ digest, revision: 2, reason: 'the shop is down', overridden: ['freeze'] },
    ...{ reviewGroup: 'duty', reviewBy: '2026-11-23T09:00:00.000Z' },
  },
};
const start = (step: string, phase: EventData<'step-started'>['phase']): RunEvent => ({
  type: 'step-started',
  data: { step, phase, executionId: `x-${step}`, deadline: '2026-11-22T09:05:00.000Z' },
});
const waiting: RunEvent = { type: 'dispatch-waiting', data: { holder: 'other' } };
const postponed: RunEvent = { type: 'dispatch-postponed', data: { reason: 'closed' } };
const reviewed: RunEvent = { type: 'run-reviewed', data: { verdict: 'justified', note: 'it was' } };
const overdue: RunEvent = { type: 'review-overdue', data: { reviewBy: glass.data.reviewBy } };

describe('a run', () => {
  it('is nothing before its first event', () => {
    const none = run.newRun(f.RUN);
    assert.equal(run.stateOf(none), 'new');
    assert.deepEqual(
      [none.entries, none.steps, none.parameters, none.confirmers, none.reported, none.evaluations],
      [[], [], [], [], {}, {}],
    );
    assert.equal(none.overdue, false);
    assert.equal(run.requesterOf(none), undefined);
    assert.equal(run.openApproval(none), undefined);
  });

  it('is the same whether its log is read at once or event by event', () => {
    const whole = f.after(f.succeeded);
    assert.deepEqual(run.fold(f.RUN, whole.entries), whole);
    assert.deepEqual(whole.entries.reduce(run.apply, run.newRun(f.RUN)), whole);
  });

  it('has a code that people type', () => assert.equal(run.codeOf(f.RUN), 'K2QDM'));
});

describe('what an event makes of a run', () => {
  it('a proposal gives it its values', () =>
    assert.deepEqual(proposed.parameters, proposed.proposal?.parameters));

  it('a check is kept under its stage, the last one of each', () => {
    const check = (stage: 'proposal' | 'dispatch', effect: 'allow' | 'deny'): RunEvent => ({
      type: 'guardrails-evaluated',
      data: { stage, effect, lines: [] },
    });
    const checked = by(f.arne, check('dispatch', 'allow'), check('dispatch', 'deny'));
    assert.equal(checked.evaluations['dispatch']?.effect, 'deny');
    assert.equal(checked.evaluations['proposal'], proposed.evaluations['proposal']);
  });

  const values = [{ name: 'pool', title: 'Pool', value: 'cart', source: 'person', confirm: false }];
  for (const type of ['parameters-confirmed', 'parameters-resolved', 'parameters-narrowed'] as const)
    it(`other values take the place of those before: ${type}`, () => {
      const changed = by(f.arne, { type, data: { parameters: values } });
      assert.deepEqual(changed.parameters, values);
      assert.deepEqual(changed.confirmers, type === 'parameters-confirmed' ? [f.arne] : []);
    });

  it('whoever confirmed is remembered once, in the order of the first time; a part of the system is nobody', () => {
    const confirm: RunEvent = { type: 'parameters-confirmed', data: { parameters: values } };
    const people = [f.olivia, f.arne, f.olivia, system('engine')];
    assert.deepEqual(people.reduce((one, actor) => then(one, actor, confirm), proposed).confirmers, [
      f.olivia,
      f.arne,
    ]);
  });

  it('a request for another plan begins anew: no votes, nothing waited for', () => {
    const again = by(f.arne, waiting, postponed, ask(), vote(), ask({ revision: 4 }));
    assert.deepEqual([again.approval?.revision, again.approval?.votes], [4, []]);
    const cleared = by(f.arne, waiting, ask());
    assert.deepEqual([cleared.waitsFor, cleared.postponed], [undefined, undefined]);
    assert.equal(by(f.arne, postponed, ask()).postponed, undefined);
  });

  it('a request for the rollback stands beside the approval of the run, and leaves what is waited for', () => {
    const both = by(f.arne, waiting, askRollback);
    assert.deepEqual([both.approval?.revision, both.rollback?.revision], [1, 3]);
    assert.equal(both.waitsFor, 'other');
  });

  it('a rule approves for itself', () => {
    const data = { plan, digest, revision: 2, rule: 'low risk', owner: 'web', until: '2027-01-01T00:00:00Z' };
    const ruled = by(system('policy'), { type: 'auto-approved', data });
    assert.deepEqual([ruled.approval?.rule, ruled.approval?.askedAt], ['low risk', at]);
    assert.equal(run.stateOf(ruled), 'approved');
  });

  it('a vote counts for its plan, with the groups the voter was in', () => {
    const voted = by(f.arne, ask(), vote({ groups: ['web-approvers'], reason: 'fine', standsInFor: f.mia }));
    assert.deepEqual(voted.approval?.votes, [
      {
        ...{ by: f.arne, at, verb: 'approve', revision: 2, reason: 'fine' },
        ...{ groups: ['web-approvers'], standsInFor: f.mia },
      },
    ]);
  });

  it('a vote of old, stored without groups, counts for every group that was asked', () => {
    const requirements = [
      { group: 'web', needed: 1 },
      { group: 'duty', needed: 1 },
    ];
    const [one] = by(f.arne, ask({ requirements }), vote()).approval?.votes ?? [];
    assert.deepEqual(one?.groups, ['web', 'duty']);
    assert.ok(one && !Object.hasOwn(one, 'standsInFor'));
  });

  it('what is said of one plan changes no other', () => {
    const old = by(f.arne, ask(), vote({ revision: 1 }));
    assert.deepEqual(old.approval?.votes, []);
    const rolling = by(f.arne, ask(), askRollback, vote({ revision: 3 }));
    assert.deepEqual([rolling.approval?.votes.length, rolling.rollback?.votes.length], [0, 1]);
    const asked = by(f.arne, ask(), askRollback, vote());
    assert.deepEqual([asked.approval?.votes.length, asked.rollback?.votes.length], [1, 0]);
  });

  it('a reminder and an escalation are noted with the plan they are about', () => {
    const reminded: RunEvent = { type: 'approval-reminded', data: { revision: 2, count: 3 } };
    const escalated: RunEvent = { type: 'approval-escalated', data: { revision: 2, group: 'duty' } };
    const asked = by(f.arne, ask(), reminded, escalated).approval;
    assert.deepEqual([asked?.reminded, asked?.escalated], [3, 'duty']);
    const other = by(f.arne, reminded, escalated).approval;
    assert.deepEqual([other?.reminded, other?.escalated], [0, undefined]);
  });

  it('a broken glass approves its plan, and asks for a review of this decision and no earlier one', () => {
    const broken = by(f.arne, ask(), glass);
    const { digest: _digest, revision: _revision, ...said } = glass.data;
    assert.deepEqual(broken.glass, { ...said, by: f.arne, at });
    assert.deepEqual(broken.approval?.glass, broken.glass);
    assert.equal(run.stateOf(broken), 'approved');
    const late = by(f.arne, ask(), glass, overdue, reviewed);
    assert.deepEqual(
      [late.overdue, late.review],
      [true, { verdict: 'justified', note: 'it was', by: f.arne, at }],
    );
    const again = then(late, f.mia, glass);
    assert.deepEqual([again.overdue, again.review, run.awaitsReview(again)], [false, undefined, true]);
  });

  it('a glass that was broken for a plan that is gone has to be reviewed, and approves nothing', () => {
    const gone = by(f.arne, glass);
    assert.deepEqual([run.awaitsReview(gone), run.stateOf(gone)], [true, 'awaiting-approval']);
  });

  it('waiting for a run, and being put off, take turns; the start of a step ends both', () => {
    assert.equal(by(f.arne, waiting).waitsFor, 'other');
    const later = by(f.arne, waiting, postponed);
    assert.deepEqual([later.waitsFor, later.postponed], [undefined, { reason: 'closed' }]);
    const started = by(f.arne, postponed, waiting, start('snapshot', 'diagnostics'));
    assert.deepEqual([started.waitsFor, started.postponed], [undefined, undefined]);
  });

  it('a step is claimed, known to the target, and ended', () => {
    const claimed = by(f.arne, start('snapshot', 'diagnostics'), start('go', 'remediation'));
    const [snapshot, go] = claimed.steps;
    assert.deepEqual(snapshot, {
      ...{ id: 'snapshot', phase: 'diagnostics', executionId: 'x-snapshot', startedAt: at },
      ...{ deadline: '2026-11-22T09:05:00.000Z', detail: '' },
    });
    const launched = then(claimed, f.arne, { type: 'step-launched', data: { step: 'go', externalId: '42' } });
    assert.deepEqual(launched.steps, [snapshot, { ...go, externalId: '42' }]);
    const end = { step: 'snapshot', phase: 'diagnostics', result: 'failed', detail: 'exit 1' } as const;
    const evidence = { sha256: 'a', bytes: 7, truncated: false, ref: 'r', tail: '' };
    const ended = then(launched, f.arne, { type: 'step-finished', data: { ...end, evidence } });
    assert.deepEqual(ended.steps[0], { ...snapshot, result: 'failed', detail: 'exit 1', evidence });
    assert.equal(run.currentStep(ended)?.id, 'go');
    const [bare] = then(launched, f.arne, { type: 'step-finished', data: end }).steps;
    assert.ok(bare && !Object.hasOwn(bare, 'evidence'));
    assert.equal(run.currentStep(proposed), undefined);
  });

  it('an end, a cancel, a card and a report are kept with what was said', () => {
    const end = { outcome: 'cancelled', reason: 'r', nextAction: 'n' } as const;
    const all = by(
      f.olivia,
      { type: 'cancel-requested', data: { reason: 'wrong server' } },
      { type: 'card-posted', data: { conversation: 'c', activity: 'a' } },
      { type: 'reported', data: { key: 'ticket:x', note: 'refused' } },
      { type: 'reported', data: { key: 'card:x', note: '' } },
      { type: 'run-closed', data: end },
    );
    assert.deepEqual(all.cancel, { by: f.olivia, reason: 'wrong server' });
    assert.deepEqual(all.card, { conversation: 'c', activity: 'a' });
    assert.deepEqual(all.reported, { 'ticket:x': 'refused', 'card:x': '' });
    assert.deepEqual(all.closed, { ...end, at });
  });

  it('what concerns every run is folded in the control stream', () => {
    const stopped = by(f.ada, { type: 'dispatch-stopped', data: { reason: 'bad release' } });
    assert.deepEqual(stopped.control?.stopped, { by: f.ada, reason: 'bad release', at });
    const resumed = then(stopped, f.ada, { type: 'dispatch-resumed', data: { reason: 'fixed' } });
    assert.deepEqual(resumed.control, { delegations: [] });
    const data = { from: f.arne, to: f.mia, until: '2026-11-23T00:00:00Z', reason: 'away' };
    const away = then(stopped, f.arne, { type: 'vote-delegated', data });
    assert.deepEqual([away.control?.delegations, away.control?.stopped?.reason], [[data], 'bad release']);
    const back = then(away, f.arne, { type: 'delegation-ended', data: { from: f.arne } });
    assert.deepEqual(back.control?.delegations, []);
  });

  it('a refusal and a change of the incident are in the log, and change nothing else', () => {
    for (const event of [
      { type: 'command-refused', data: { command: 'approve', code: 'x', revision: 1 } },
      { type: 'incident-changed', data: { reason: 'INC1 is closed' } },
    ] satisfies RunEvent[]) {
      const { entries, ...same } = by(f.arne, event);
      const { entries: before, ...rest } = proposed;
      assert.deepEqual([same, entries.length], [rest, before.length + 1]);
    }
  });
});

describe('the state of a run', () => {
  const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
  const approvedTwice = [ask(), vote({ groups: ['web-approvers'] })];
  const states: [run.RunState, run.Run][] = [
    ['awaiting-parameters', f.after([f.anyOf.propose], missing)],
    ['awaiting-approval', proposed],
    ['approved', f.after(f.approved)],
    ['approved', by(f.arne, ...approvedTwice)],
    ['diagnosing', by(f.arne, ...approvedTwice, start('a', 'diagnostics'))],
    ['remediating', by(f.arne, ...approvedTwice, start('a', 'diagnostics'), start('b', 'remediation'))],
    ['verifying', by(f.arne, ...approvedTwice, start('b', 'remediation'), start('c', 'verification'))],
    ['awaiting-rollback', by(f.arne, ...approvedTwice, start('b', 'remediation'), askRollback)],
    [
      'remediating',
      by(f.arne, ...approvedTwice, start('b', 'remediation'), askRollback, vote({ revision: 3 })),
    ],
    ['rolling-back', by(f.arne, ...approvedTwice, start('d', 'rollback'))],
    ['closed', f.after(f.succeeded)],
    [
      'closed',
      by(f.arne, askRollback, {
        type: 'run-closed',
        data: { outcome: 'rolled back', reason: '', nextAction: '' },
      }),
    ],
  ];
  for (const [state, one] of states)
    it(`is ${state} after ${one.entries.at(-1)?.type}`, () => {
      assert.equal(run.stateOf(one), state);
      const open = { 'awaiting-approval': one.approval, 'awaiting-rollback': one.rollback };
      assert.equal(run.openApproval(one), open[state as keyof typeof open]);
    });

  it('is one of these, each of which has an example here', () =>
    assert.deepEqual(new Set(['new', ...states.map(([state]) => state)]), new Set(run.runStates)));

  it('waits for a second person where four eyes are wanted and nobody asked', () => {
    const four = ask({ fourEyes: true });
    const once = by(f.arne, four, vote({ groups: ['web-approvers'] }));
    assert.equal(run.stateOf(once), 'awaiting-approval');
    const confirm: RunEvent = { type: 'parameters-confirmed', data: { parameters: [] } };
    const asked = then(then(proposed, f.olivia, confirm), f.arne, four, vote({ groups: ['web-approvers'] }));
    assert.equal(run.stateOf(asked), 'approved');
  });
});

describe('an end that is decided', () => {
  const reject = vote({ verb: 'reject', reason: 'wrong server' });
  const cancel: RunEvent = { type: 'cancel-requested', data: { reason: 'no' } };
  const closed: RunEvent = { type: 'run-closed', data: { outcome: 'rejected', reason: '', nextAction: '' } };
  for (const [name, one, ending] of [
    ['is one after a rejection', by(f.arne, ask(), reject), true],
    [
      'is one after a rejection of the rollback',
      by(f.arne, askRollback, vote({ verb: 'reject', revision: 3 })),
      true,
    ],
    ['is one after a cancel before the first step', by(f.arne, cancel), true],
    ['is none after a cancel on the way', by(f.arne, start('a', 'diagnostics'), cancel), false],
    ['is none while it waits', proposed, false],
    ['is none once it is stored', by(f.arne, ask(), reject, closed), false],
  ] as const)
    it(name, () => assert.equal(run.isEnding(one), ending));

  it('has the rejection of the rollback before that of the run', () => {
    const both = by(
      f.arne,
      ask(),
      reject,
      askRollback,
      vote({ verb: 'reject', revision: 3, reason: 'keep it' }),
    );
    assert.equal(run.rejectionOf(both)?.reason, 'keep it');
    assert.equal(run.rejectionOf(by(f.arne, ask(), reject))?.reason, 'wrong server');
    assert.equal(run.rejectionOf(proposed), undefined);
  });

  it('awaits a review only when a glass was broken that nobody has reviewed', () => {
    assert.deepEqual(
      [proposed, by(f.arne, glass), by(f.arne, glass, reviewed), by(f.arne, reviewed)].map(run.awaitsReview),
      [false, true, false, false],
    );
  });
});

describe('who asked for a run', () => {
  const confirm: RunEvent = { type: 'parameters-confirmed', data: { parameters: [] } };
  const asked = f.command('propose', f.olivia, { incident: 'a'.repeat(32), runbook: 'recycle', reason: 'x' });
  for (const [name, one, who] of [
    ['is the person who did', then(f.after([asked]), f.arne, confirm), f.olivia],
    ['is the first who confirmed what the system raised', by(f.arne, confirm), f.arne],
    ['is the system that raised it, when nobody confirmed', proposed, system('servicenow')],
  ] as const)
    it(name, () => assert.deepEqual(run.requesterOf(one), who));
});
