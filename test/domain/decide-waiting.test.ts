import assert from 'node:assert/strict';
import type { Approval } from '../../src/domain/approval.ts';
import type { Command } from '../../src/domain/commands.ts';
import { escalate, remind, remindersDue } from '../../src/domain/decide-waiting.ts';
import type { Decided } from '../../src/domain/decision.ts';
import type { Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;
const said = (decided: Decided): string => (decided.ok ? f.types(decided) : decided.refusal.code);
const SECOND = 1_000;
const later = (minutes: number, ms: number): Date => new Date(f.minutes(minutes).getTime() + ms);

const patient = {
  runbook: f.runbook({ approval: { group: 'web-approvers', expires: '30m', remind: '10m' } }),
};
const urgent = {
  runbook: f.runbook({
    approval: {
      group: 'web-approvers',
      expires: '30m',
      escalate: { after: '10m', to: 'web-operations' },
    },
  }),
};
const approvalOf = (run: Run): Approval => run.approval ?? assert.fail();
const asked = f.after([f.anyOf.propose], patient);
const reminding = (run: Run, now: Date): Decided =>
  remind(run, f.anyOf.remind as Of<'remind'>, f.facts(f.arne, { now }));
const escalating = (run: Run, now: Date): Decided =>
  escalate(run, f.anyOf.escalate as Of<'escalate'>, f.facts(f.arne, { now }));

describe('reminders to approvers', () => {
  for (const [when, now, want] of [
    ['at once', f.T0, 0],
    ['just before the first', later(10, -1), 0],
    ['at the first', f.minutes(10), 1],
    ['just before the second', later(20, -1), 1],
    ['at the second', f.minutes(20), 2],
    ['just before the end', later(30, -1), 2],
    ['at the end of the time to decide', f.minutes(30), 0],
    ['after it', f.minutes(90), 0],
  ] as const)
    it(`are ${want} ${when}`, () => assert.equal(remindersDue(approvalOf(asked), now), want));

  it('are none where nobody wants them', () =>
    assert.equal(remindersDue(approvalOf(f.after([f.anyOf.propose])), f.minutes(20)), 0));

  it('are sent when they are due, once each', () => {
    assert.equal(said(reminding(asked, later(10, -SECOND))), 'not-due');
    const { events } = reminding(asked, f.minutes(10));
    assert.deepEqual(events, [{ type: 'approval-reminded', data: { revision: 1, count: 1 } }]);
    const reminded = f.store(asked, f.anyOf.remind, events, f.minutes(10));
    assert.equal(said(reminding(reminded, f.minutes(19))), 'not-due');
    assert.equal(said(reminding(reminded, f.minutes(20))), 'approval-reminded');
  });

  it('that were missed while nothing ran are made up by one', () =>
    assert.deepEqual(reminding(asked, f.minutes(29)).events, [
      { type: 'approval-reminded', data: { revision: 1, count: 2 } },
    ]));

  it('are not sent about a rollback, which has none', () => {
    const approval = { approvers: [{ group: 'web-approvers' }], expires: '15m' };
    const undo = { runbook: f.runbook({ rollback: { ...f.rollbackSteps, approval } }) };
    const run = f.after([...f.remediating, f.result('recycle-pool', 'failed')], undo);
    assert.equal(said(reminding(run, f.minutes(14))), 'not-due');
  });

  it('are those of a late review where nobody is asked for approval', () => {
    assert.equal(said(reminding(f.after(f.approved, patient), f.minutes(20))), 'nothing');
    const policy = f.policy({
      breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations', within: '1h' } },
    });
    const broken = f.after([f.anyOf.propose, f.anyOf['break-glass']], { policy });
    assert.equal(said(reminding(broken, f.minutes(59))), 'not-due');
    assert.equal(said(reminding(broken, f.minutes(60))), 'review-overdue');
  });
});

describe('the next group', () => {
  const waits = f.after([f.anyOf.propose], urgent);

  for (const [when, now, want] of [
    ['before its time', later(10, -1), 'not-due'],
    ['at its time', f.minutes(10), 'approval-escalated'],
    ['just before the end of the time to decide', later(30, -1), 'approval-escalated'],
    ['at the end of it', f.minutes(30), 'not-due'],
  ] as const)
    it(`is asked ${when}: ${want}`, () => assert.equal(said(escalating(waits, now)), want));

  it('is asked once', () => {
    const { events } = escalating(waits, f.minutes(10));
    assert.deepEqual(events, [
      { type: 'approval-escalated', data: { revision: 1, group: 'web-operations' } },
    ]);
    const escalated = f.store(waits, f.anyOf.escalate, events, f.minutes(10));
    assert.equal(said(escalating(escalated, f.minutes(11))), 'nothing');
  });

  it('is asked by nobody where there is none, and not once people have decided', () => {
    assert.equal(said(escalating(f.after([f.anyOf.propose]), f.minutes(10))), 'nothing');
    assert.equal(said(escalating(f.after(f.approved, urgent), f.minutes(10))), 'nothing');
  });
});
