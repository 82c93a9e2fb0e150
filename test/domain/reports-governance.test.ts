import assert from 'node:assert/strict';
import type { EventData, RunEvent } from '../../src/domain/events.ts';
import { decidedNote } from '../../src/domain/notes.ts';
import { isSettled, type Report, reportsDue } from '../../src/domain/reports.ts';
import type { Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const title = 'Recycle the pool (recycle 1.0.0) on shop-web-01';
const inThread = 'INC0010023: Recycle the pool on shop-web-01';
const proposed = f.after([f.anyOf.propose]);
assert.ok(proposed.approval);
const { plan, digest, revision } = proposed.approval;
const asked: EventData<'approval-requested'> = {
  plan,
  digest,
  revision,
  group: 'web-approvers',
  quorum: 1,
  expiresAt: '2026-11-22T09:30:00.000Z',
  changes: [],
};
const bothGroups = [
  { group: 'web-approvers', needed: 2 },
  { group: 'owners', needed: 1 },
];
const glass: EventData<'glass-broken'> = {
  digest,
  revision,
  reason: 'the shop is down',
  overridden: ['freeze', 'cooldown'],
  reviewGroup: 'duty',
  reviewBy: '2026-11-23T09:00:00.000Z',
};
const ended: RunEvent = {
  type: 'run-closed',
  data: { outcome: 'succeeded', reason: 'because', nextAction: 'Nothing.' },
};

/** What follows when these events are stored, by whoever; reports of what was before are left out. */
const news = (run: Run, events: readonly RunEvent[], by = f.arne): Report[] => {
  const known = new Set(reportsDue(run).map(({ key }) => key));
  const later = f.store(run, f.command('approve', by, {}), events);
  return reportsDue(later).filter(({ key }) => !known.has(key));
};
const noteIn = (reports: readonly Report[], key: string) => {
  const report = reports.find((one) => one.key === key);
  assert.ok(report?.to === 'ticket', `no note ${key} among ${reports.map((one) => one.key)}`);
  return report.note;
};
const threadIn = (reports: readonly Report[], key: string) => {
  const report = reports.find((one) => one.key === key);
  assert.ok(report?.to === 'thread', `no message ${key} among ${reports.map((one) => one.key)}`);
  return { text: report.text, mention: report.mention };
};
const keys = (reports: readonly Report[]) => reports.map(({ to, key }) => `${to} ${key}`);
const again = (change: Partial<typeof asked>): RunEvent => ({
  type: 'approval-requested',
  data: { ...asked, revision: 2, ...change },
});
const vote = (change: Partial<EventData<'vote-cast'>> = {}): RunEvent => ({
  type: 'vote-cast',
  data: { verb: 'approve', digest, revision: 2, reason: '', groups: ['web-approvers'], ...change },
});

describe('a request for approval', () => {
  it('names the tier and the opening it waits for, where there are any', () => {
    const plain = noteIn(news(proposed, [again({})]), 'ticket:requested:2').workNote;
    const [first, second, third] = plain.split('\n');
    assert.match(`${first} ${second}`, /^Handrail asks again .* Approvers: .*\.$/);
    assert.match(third ?? '', /^Guardrail /);
    const { workNote } = noteIn(
      news(proposed, [
        again({ tier: 'high', notBefore: '2026-11-22T22:00:00.000Z', requirements: bothGroups }),
      ]),
      'ticket:requested:2',
    );
    assert.match(workNote, /^Risk tier: high\.$/m);
    assert.match(workNote, /^It would start at 2026-11-22T22:00:00\.000Z, when the window opens\.$/m);
    assert.match(
      workNote,
      /^Approvers: 2 of web-approvers and 1 of owners until 2026-11-22T09:30:00\.000Z\.$/m,
    );
  });

  it('that is for the rollback says so, shows what was done, and calls the approvers', () => {
    const failed = f.after([...f.remediating, f.result('recycle-pool', 'failed')], {
      runbook: f.runbook({
        rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'owners' }], expires: '15m' } },
      }),
    });
    const rollback = again({
      phase: 'rollback',
      group: 'owners',
      requirements: [{ group: 'owners', needed: 1 }],
    });
    const reports = news(f.after(f.remediating), [rollback]);
    assert.deepEqual(keys(reports), ['ticket ticket:requested:2', 'thread thread:rollback:2']);
    assert.deepEqual(noteIn(reports, 'ticket:requested:2'), {
      workNote: [
        `Handrail asks for approval to roll back ${title}: matches. Run code K2QDM.`,
        'Approvers: 1 of owners until 2026-11-22T09:30:00.000Z.',
        'Step snapshot (diagnostics): succeeded, it succeeded',
        'Step recycle-pool (remediation): in progress',
      ].join('\n'),
      approval: 'requested',
    });
    assert.equal(
      threadIn(reports, 'thread:rollback:2').text,
      `${inThread}: it failed. Rolling back needs 1 more of owners until 2026-11-22T09:30:00.000Z. Type: approve K2QDM 2.`,
    );
    const real = reportsDue(failed).find(({ key }) => key.startsWith('thread:rollback:'));
    assert.deepEqual(real?.to === 'thread' && real.mention, { onCall: ['owners'] });
  });

  it('is answered by everybody whose vote counted', () => {
    const two = f.store(proposed, f.anyOf.advance, [again({ quorum: 2 })]);
    const one = f.store(two, f.anyOf.approve, [vote()]);
    assert.deepEqual(keys(news(two, [vote()])), []);
    assert.equal(
      noteIn(news(one, [vote()], f.mia), 'ticket:approved:2').workNote,
      `${title} was approved by arne and mia.\nPlan ${digest.slice(0, 12)}. Run code K2QDM.`,
    );
  });

  it('for the rollback is answered for the rollback', () => {
    const waiting = f.store(f.after(f.remediating), f.anyOf.advance, [
      again({ phase: 'rollback', group: 'owners' }),
    ]);
    const reports = news(waiting, [vote({ groups: ['owners'] })], f.mia);
    assert.match(
      noteIn(reports, 'ticket:approved:2').workNote,
      /^The rollback of Recycle the pool .* was approved by mia\.\n/,
    );
    const { approval, state } = noteIn(reports, 'ticket:approved:2');
    assert.deepEqual([approval, state], ['approved', undefined], 'the state is what people made of it');
  });

  it('names who voted when the plan voted on is no longer there', () => {
    const late = f.store(proposed, f.anyOf.approve, [vote({ revision: 7 })]).entries.at(-1);
    assert.ok(late?.type === 'vote-cast');
    assert.match(decidedNote(proposed, late).workNote, /was approved by arne\.\n/);
  });
});

describe('an approval by a rule', () => {
  const ruled = (change: { revision: number }): RunEvent => ({
    type: 'auto-approved',
    data: { plan, digest, rule: 'low risk', owner: 'web', until: '2027-01-01T00:00:00Z', ...change },
  });

  it('is told for each plan, also when the one before was approved as well', () => {
    const once = f.store(proposed, f.anyOf.advance, [ruled({ revision: 2 })]);
    assert.deepEqual(keys(news(proposed, [ruled({ revision: 2 })])), ['ticket ticket:approved:2']);
    assert.deepEqual(keys(news(once, [ruled({ revision: 3 })])), ['ticket ticket:approved:3']);
  });
});

describe('waiting for approval', () => {
  it('is said to whoever is on call for a group that still has to agree, and how many', () => {
    const reports = news(proposed, [{ type: 'approval-reminded', data: { revision, count: 3 } }]);
    assert.deepEqual(keys(reports), ['thread thread:reminded:1:3']);
    assert.deepEqual(threadIn(reports, 'thread:reminded:1:3'), {
      text: `${inThread} still waits for 1 more of web-approvers until 2026-11-22T09:30:00.000Z. Type: approve K2QDM 1.`,
      mention: { onCall: ['web-approvers'] },
    });
  });

  it('that is escalated is told to the ticket and to the next group', () => {
    const reports = news(proposed, [{ type: 'approval-escalated', data: { revision, group: 'duty' } }]);
    assert.deepEqual(keys(reports), ['ticket ticket:escalated:1', 'thread thread:escalated:1']);
    assert.deepEqual(noteIn(reports, 'ticket:escalated:1'), {
      workNote: `Nobody has decided on ${title} yet: duty is asked as well. Run code K2QDM.`,
    });
    assert.deepEqual(threadIn(reports, 'thread:escalated:1'), {
      text: `${inThread}: nobody has decided, so duty is asked as well. Type: approve K2QDM 1.`,
      mention: { onCall: ['duty'] },
    });
  });
});

describe('a broken glass', () => {
  it('is told at once to the ticket and to those who have to review it', () => {
    const reports = news(proposed, [{ type: 'glass-broken', data: glass }]);
    assert.deepEqual(keys(reports), ['ticket ticket:approved:1', 'thread thread:glass:1']);
    assert.deepEqual(noteIn(reports, 'ticket:approved:1'), {
      workNote: [
        `${title} was approved by arne.`,
        'BREAK-GLASS, one person alone: the shop is down.',
        'Gone past: freeze, cooldown.',
        'To be reviewed by duty until 2026-11-23T09:00:00.000Z.',
        `Plan ${digest.slice(0, 12)}. Run code K2QDM.`,
      ].join('\n'),
      approval: 'approved',
      state: 'in-progress',
    });
    assert.equal(JSON.stringify(threadIn(reports, 'thread:glass:1').mention), '{"onCall":["duty"]}');
    assert.match(
      threadIn(reports, 'thread:glass:1').text,
      /arne decided alone\. the shop is down\. To be reviewed by duty until 2026-11-23T09:00:00\.000Z: review K2QDM /,
    );
  });

  it('that went past nothing does not say it did', () => {
    const reports = news(proposed, [{ type: 'glass-broken', data: { ...glass, overridden: [] } }]);
    assert.doesNotMatch(noteIn(reports, 'ticket:approved:1').workNote, /Gone past/);
    assert.equal(noteIn(reports, 'ticket:approved:1').workNote.split('\n').length, 4);
  });

  it('is the decision of the one who broke it, whoever had voted before', () => {
    const waiting = f.store(proposed, f.anyOf.advance, [again({ quorum: 2 })]);
    const voted = f.store(waiting, f.anyOf.approve, [vote()]);
    const reports = news(voted, [{ type: 'glass-broken', data: { ...glass, revision: 2 } }], f.mia);
    assert.match(noteIn(reports, 'ticket:approved:2').workNote, /was approved by mia\.\n/);
  });

  it('is not settled before it is reviewed, and its review is told', () => {
    const done = f.store(proposed, f.anyOf.approve, [{ type: 'glass-broken', data: glass }, ended]);
    const told = reportsDue(done).map(({ key }): RunEvent => ({ type: 'reported', data: { key, note: '' } }));
    const quiet = f.store(done, f.anyOf.advance, told);
    assert.deepEqual([reportsDue(quiet), isSettled(quiet)], [[], false]);
    const late = news(done, [{ type: 'review-overdue', data: { reviewBy: glass.reviewBy } }]);
    assert.deepEqual(keys(late), ['thread thread:review-overdue']);
    assert.deepEqual(threadIn(late, 'thread:review-overdue'), {
      text: `${inThread}: the review of the break-glass was due 2026-11-23T09:00:00.000Z and is late.`,
      mention: { onCall: ['duty'] },
    });
    const review: RunEvent = { type: 'run-reviewed', data: { verdict: 'justified', note: 'No choice.' } };
    const reviewed = news(done, [review], f.mia);
    assert.deepEqual(keys(reviewed), ['ticket ticket:reviewed', 'card card:reviewed']);
    assert.deepEqual(noteIn(reviewed, 'ticket:reviewed'), {
      workNote: `The break-glass of ${title} was reviewed by mia: justified. No choice.`,
    });
    const last = f.store(quiet, f.command('approve', f.mia, {}), [review]);
    const both = ['ticket:reviewed', 'card:reviewed'].map(
      (key): RunEvent => ({ type: 'reported', data: { key, note: '' } }),
    );
    assert.equal(isSettled(f.store(last, f.anyOf.advance, both)), true);
  });
});
