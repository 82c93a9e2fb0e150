import assert from 'node:assert/strict';
import { type Due, due } from '../../src/domain/due.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const engine = f.command('advance', system('engine'), {});
/** A run with further events, stored at some minute. */
const then = (run: Run, events: readonly RunEvent[], minute = 0): Run =>
  f.store(run, engine, events, f.minutes(minute));
const inWords = (next: Due): string => {
  if (next.act === 'wait') return `wait until ${next.until.toISOString()}`;
  if (next.act === 'decide') return next.command;
  return next.act === 'step' ? `step ${next.step.id} as ${next.record.executionId}` : next.act;
};
/** What is due at some minute after the start. */
const at = (run: Run, minute = 0): string => inWords(due(run, f.minutes(minute)));
/** A run that waits for approval, with other terms than the runbook's. */
const asked = (terms: Record<string, unknown>): Run => {
  const run = f.after([f.anyOf.propose]);
  const request = run.entries.find((entry) => entry.type === 'approval-requested');
  assert.ok(request?.type === 'approval-requested');
  const { type, data } = request;
  return then(run, [{ type, data: { ...data, revision: 2, ...terms } }]);
};
const ended: RunEvent = {
  type: 'run-closed',
  data: { outcome: 'succeeded', reason: 'verified healthy', nextAction: 'Nothing to do.' },
};

describe('what a run needs next', () => {
  it('is nothing before it is proposed, and after its end', () => {
    assert.equal(at(newRun(f.RUN)), 'nothing');
    assert.equal(at(f.after(f.succeeded), 60), 'nothing');
  });

  it('is the time to fill in values, up to its last moment', () => {
    const run = f.after([f.anyOf.propose], missing);
    assert.equal(stateOf(run), 'awaiting-parameters');
    const until = run.proposal?.expiresAt ?? '';
    assert.equal(at(run), `wait until ${until}`);
    assert.equal(inWords(due(run, new Date(Date.parse(until) - 1))), `wait until ${until}`);
    assert.equal(inWords(due(run, new Date(until))), 'expire');
  });

  it('is to go on when the process died after the proposal, or after the last value', () => {
    const whole = f.after([f.anyOf.propose], missing);
    const [proposed] = whole.entries;
    assert.ok(proposed?.type === 'run-proposed');
    assert.equal(at(then(newRun(f.RUN), [{ type: proposed.type, data: proposed.data }])), 'advance');
    const parameters = whole.parameters.map((one) => ({ ...one, value: 'shop', confirm: false }));
    assert.equal(at(then(whole, [{ type: 'parameters-confirmed', data: { parameters } }])), 'advance');
  });

  it('is its end when its time is over before it could go on', () => {
    const [proposed] = f.after([f.anyOf.propose]).entries;
    assert.ok(proposed?.type === 'run-proposed');
    const cut = then(newRun(f.RUN), [{ type: proposed.type, data: proposed.data }]);
    assert.equal(at(cut, 29), 'advance');
    assert.equal(at(cut, 30), 'expire');
  });

  it('is the end of the time to decide, up to its last moment', () => {
    const run = f.after([f.anyOf.propose]);
    assert.equal(at(run), 'wait until 2026-11-22T09:30:00.000Z');
    assert.equal(at(run, 30), 'expire');
    assert.equal(at(run, 60), 'expire');
  });

  it('is a reminder each time it is due, and none at the end', () => {
    const run = asked({ remindEvery: 10 * 60_000 });
    assert.equal(at(run, 9), 'wait until 2026-11-22T09:10:00.000Z');
    assert.equal(at(run, 10), 'remind');
    const reminded = then(run, [{ type: 'approval-reminded', data: { revision: 2, count: 1 } }], 10);
    assert.equal(at(reminded, 10), 'wait until 2026-11-22T09:20:00.000Z');
    const twice = then(reminded, [{ type: 'approval-reminded', data: { revision: 2, count: 2 } }], 20);
    assert.equal(at(twice, 20), 'wait until 2026-11-22T09:30:00.000Z');
    assert.equal(at(twice, 30), 'expire');
  });

  it('is no reminder after the end', () => {
    const run = asked({ remindEvery: 20 * 60_000 });
    const reminded = then(run, [{ type: 'approval-reminded', data: { revision: 2, count: 1 } }], 20);
    assert.equal(at(reminded, 20), 'wait until 2026-11-22T09:30:00.000Z');
  });

  it('is the end of the time to decide on a rollback', () => {
    const approval = { approvers: [{ group: 'web-approvers' }], expires: '15m' };
    const runbook = f.runbook({ rollback: { ...f.rollbackSteps, approval } });
    const run = f.after([...f.remediating, f.result('recycle-pool', 'failed'), f.anyOf.advance], { runbook });
    assert.equal(stateOf(run), 'awaiting-rollback');
    assert.equal(at(run), 'wait until 2026-11-22T09:15:00.000Z');
    assert.equal(at(run, 15), 'expire');
  });

  it('is the next group, once, and whichever comes first', () => {
    const escalation = { escalateAt: f.minutes(15).toISOString(), escalateTo: 'duty' };
    const run = asked({ remindEvery: 20 * 60_000, ...escalation });
    assert.equal(at(run, 0), 'wait until 2026-11-22T09:15:00.000Z');
    assert.equal(at(run, 15), 'escalate');
    assert.equal(at(run, 25), 'escalate');
    const escalated = then(run, [{ type: 'approval-escalated', data: { revision: 2, group: 'duty' } }], 15);
    assert.equal(at(escalated, 15), 'wait until 2026-11-22T09:20:00.000Z');
    const first = asked({ remindEvery: 5 * 60_000, ...escalation });
    assert.equal(at(first, 0), 'wait until 2026-11-22T09:05:00.000Z');
  });

  it('is to start when it is approved, not before the window it waits for, nor before the next look', () => {
    assert.equal(at(f.after(f.approved)), 'dispatch');
    const postponed = (until?: string): Run =>
      then(
        f.after(f.approved),
        [{ type: 'dispatch-postponed', data: { reason: 'closed', ...(until ? { until } : {}) } }],
        5,
      );
    const opens = f.minutes(20).toISOString();
    assert.equal(at(postponed(opens), 19), `wait until ${opens}`);
    assert.equal(at(postponed(opens), 20), 'dispatch');
    assert.equal(at(postponed(), 5), 'wait until 2026-11-22T09:05:15.000Z');
    assert.equal(at(postponed(), 6), 'dispatch');
    const noted = then(postponed(), [{ type: 'card-posted', data: { conversation: 'c', activity: 'a' } }], 7);
    assert.equal(at(noted, 6), 'dispatch', 'whatever is stored later');
    const run = f.after(f.approved);
    assert.ok(run.approval);
    const later: Run = { ...run, approval: { ...run.approval, notBefore: opens } };
    assert.equal(at(later, 19), `wait until ${opens}`);
    assert.equal(at(later, 20), 'dispatch');
  });

  it('is the step that was claimed, whichever phase it is in', () => {
    const undo = { runbook: f.runbook({ rollback: f.rollbackSteps }) };
    for (const [step, commands] of [
      ['snapshot', f.diagnosing],
      ['recycle-pool', f.remediating],
      ['answers', f.verifying],
      ['restore', [...f.verifying, f.result('answers', 'failed')]],
    ] as const)
      assert.equal(at(f.after(commands, undo)), `step ${step} as ${f.facts(f.arne).executionId}`);
  });

  it('is to go on when a step ended and nothing was stored after it', () => {
    const run = f.after(f.diagnosing);
    const finished: RunEvent = {
      type: 'step-finished',
      data: { step: 'snapshot', phase: 'diagnostics', result: 'succeeded', detail: '' },
    };
    assert.equal(at(then(run, [finished])), 'advance');
    const { approval: _gone, ...lost } = then(run, [finished]);
    assert.equal(at(lost), 'nothing');
  });

  it('is nothing for a step that its plan does not know', () => {
    const { approval: _gone, ...lost } = f.after(f.diagnosing);
    assert.equal(at(lost), 'nothing');
  });

  it('is to close when it was rejected or cancelled and the end is not stored', () => {
    const run = f.after([f.anyOf.propose]);
    const [vote] = f.play(run, f.anyOf.reject).decided.events;
    assert.ok(vote);
    assert.equal(at(then(run, [vote])), 'advance');
    assert.equal(at(then(run, [{ type: 'cancel-requested', data: { reason: 'stop it' } }])), 'advance');
  });

  it('is the review of a broken glass, and one word when it is late', () => {
    const run = f.after([f.anyOf.propose]);
    assert.ok(run.approval);
    const reviewBy = f.minutes(120).toISOString();
    const { digest, revision } = run.approval;
    const broken: RunEvent = {
      type: 'glass-broken',
      data: { digest, revision, reason: 'down', overridden: [], reviewGroup: 'duty', reviewBy },
    };
    const done = then(run, [broken, ended]);
    assert.equal(at(done, 119), `wait until ${reviewBy}`);
    assert.equal(at(done, 120), 'remind');
    assert.equal(at(then(done, [{ type: 'review-overdue', data: { reviewBy } }], 120), 121), 'nothing');
    const reviewed: RunEvent = { type: 'run-reviewed', data: { verdict: 'justified', note: 'it was' } };
    assert.equal(at(then(done, [reviewed]), 121), 'nothing');
  });
});
