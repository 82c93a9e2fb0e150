import assert from 'node:assert/strict';
import { makePlan } from '../../src/domain/plan.ts';
import type { Run, StepRecord } from '../../src/domain/run.ts';
import { momentOf } from '../../src/flow/probe-moment.ts';
import * as f from '../fakes/domain.ts';

const plan = makePlan({
  incident: f.incident(),
  ci: f.ci(),
  runbook: f.runbook({
    rollback: f.rollbackSteps,
    steps: {
      diagnostics: [{ id: 'look', title: 'Look', target: 'ops', job: 'look' }],
      remediation: ['stop', 'start'].map((id) => ({ id, title: id, target: 'ops', job: id })),
      verification: ['answers', 'well'].map((id) => ({ id, title: id, http: { url: 'http://x' } })),
    },
  }),
  policy: { version: '7', hash: 'p' },
  parameters: {},
  tier: '',
});
const order = ['look', 'stop', 'start', 'answers', 'well', 'restore'];
/** Each step is claimed a minute after the one before. */
const steps = order.map((id, n) => ({
  id,
  phase: plan.steps.find((step) => step.id === id)?.phase ?? 'verification',
  executionId: id,
  startedAt: f.minutes(n).toISOString(),
  deadline: f.minutes(n + 5).toISOString(),
  detail: '',
}));
const at = (id: string, among: readonly StepRecord[] = steps.slice(0, order.indexOf(id) + 1)) => {
  const run = { approval: { plan }, steps: among } as unknown as Run;
  return momentOf(run, steps.find((step) => step.id === id) ?? assert.fail());
};

describe('the moment of a probe', () => {
  it('comes after the end of the last change, and knows when the first began', () => {
    assert.deepEqual(at('answers'), { since: f.minutes(3), until: f.minutes(8), before: f.minutes(1) });
    assert.deepEqual(at('well'), { since: f.minutes(3), until: f.minutes(9), before: f.minutes(1) });
  });

  it('comes after a rollback too', () => {
    const [answers, restore] = [steps[3], steps[5]];
    assert.ok(answers && restore);
    const again = { ...answers, id: 'well', startedAt: f.minutes(6).toISOString() };
    const run = { approval: { plan }, steps: [...steps.slice(0, 4), restore, again] } as unknown as Run;
    assert.deepEqual(momentOf(run, again).since, f.minutes(6));
  });

  it('has no change before it where nothing was changed', () => {
    const moment = at(
      'answers',
      [steps[0], steps[3]].filter((step) => step !== undefined),
    );
    assert.deepEqual(moment, { since: f.minutes(0), until: f.minutes(8) });
  });
});
