import assert from 'node:assert/strict';
import type { EventData } from '../../src/domain/events.ts';
import { type Report, reportsDue } from '../../src/domain/reports.ts';
import { fold, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const proposed = f.after([f.anyOf.propose]);
const closedNote = (reports: readonly Report[]) => {
  const report = reports.find(({ key }) => key === 'ticket:closed');
  assert.ok(report?.to === 'ticket');
  return report.note;
};
const messageIn = (reports: readonly Report[]) => reports.find((one) => one.to === 'thread');

describe('flapping', () => {
  const denied = (facts?: Record<string, string>): Run =>
    f.store(proposed, f.anyOf.advance, [
      {
        type: 'guardrails-evaluated',
        data: {
          ...(proposed.evaluations['proposal'] as EventData<'guardrails-evaluated'>),
          stage: 'decision',
          effect: 'deny',
          lines: [
            { guardrail: 'flapping', effect: 'deny', reason: 'third run', ...(facts ? { facts } : {}) },
          ],
        },
      },
      { type: 'run-closed', data: { outcome: 'denied', reason: 'because', nextAction: 'Nothing.' } },
    ]);

  it('is not told of a run that ended for another reason, because time has passed since', () => {
    const flapping = denied();
    const [before, end] = [flapping.entries.slice(0, -1), flapping.entries.at(-1)];
    assert.ok(end);
    const later = { stage: 'dispatch' as const, effect: 'deny' as const, lines: [] };
    const run = f.store(fold(f.RUN, before), f.anyOf.advance, [
      { type: 'guardrails-evaluated', data: later },
      end,
    ]);
    assert.equal(run.closed?.outcome, 'denied');
    assert.equal(messageIn(reportsDue(run)), undefined);
  });

  it('pages a person, attaches the series and proposes a problem record', () => {
    const reports = reportsDue(denied({ runs: 'run-1, run-2', incidents: 'INC1, INC2' }));
    const series = reports.find(({ to }) => to === 'series');
    assert.deepEqual(series, { to: 'series', key: 'attached:series', runs: ['run-1', 'run-2'] });
    const { workNote, assignmentGroup } = closedNote(reports);
    assert.equal(assignmentGroup, 'L3');
    assert.deepEqual(workNote.split('\n').slice(-2), [
      'Proposed problem record: "Recurring incidents on shop-web-01: Recycle the pool does not last".',
      'Why: third run. Earlier runs: run-1, run-2; incidents: INC1, INC2.',
    ]);
    assert.deepEqual(messageIn(reports)?.mention, { onCall: ['L3'] });
  });

  it('attaches nothing when the earlier runs are not known', () => {
    const reports = reportsDue(denied());
    assert.deepEqual(
      reports.map(({ key }) => key),
      ['ticket:requested:1', 'ticket:closed', 'card:closed', 'thread:flapping'],
    );
    assert.match(closedNote(reports).workNote, /Earlier runs: see the log; incidents: INC0010023\.$/);
  });
});
