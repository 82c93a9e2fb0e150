import assert from 'node:assert/strict';
import { resolveProbe } from '../../src/domain/plan-probe.ts';
import { describeProbe, holds } from '../../src/domain/probe.ts';
import type { VerificationStep } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

const step = (probe: Record<string, unknown>): VerificationStep => {
  const { steps } = f.runbook({
    parameters: { pool: { type: 'string', title: 'Pool' } },
    steps: {
      remediation: [{ id: 'go', title: 'Go', target: 'ops', job: 'go' }],
      verification: [{ id: 'ok', title: 'OK', timeout: '20m', ...probe }],
    },
  }).runbook;
  assert.ok(steps.verification[0]);
  return steps.verification[0];
};
const metric = { query: 'errors{pool="{pool}"}', below: 0.5 };
const resource = '/subscriptions/{pool}/resourceGroups/rg/providers/Microsoft.Web/sites/shop';
const azure = { resource, metric: 'Http5xx', aggregation: 'total', below: 1 };

describe('a probe of a runbook', () => {
  it('is careful unless told otherwise', () => {
    assert.deepEqual(step({ prometheus: metric }).prometheus, {
      ...metric,
      for: 0,
      every: 15_000,
      newerThanAction: true,
      warnings: 'fail',
    });
    assert.deepEqual(step({ azureMonitor: { ...azure, for: '5m' } }).azureMonitor, {
      ...azure,
      for: 300_000,
      interval: 60_000,
      newerThanAction: true,
    });
  });

  it('is told in one line, with its limit and its time', () => {
    const told = (change: Record<string, unknown>) =>
      describeProbe(resolveProbe(step({ prometheus: { query: 'q', for: '5m', ...change } }), {}));
    assert.deepEqual(
      [told({ above: 1 }), told({ below: 2 }), told({ equals: 3 })],
      [
        'Prometheus: q above 1 for 5 min',
        'Prometheus: q below 2 for 5 min',
        'Prometheus: q equal to 3 for 5 min',
      ],
    );
  });
});

describe('a limit', () => {
  for (const [limit, good, bad] of [
    [{ above: 1 }, [1.1, 1e9], [1, 0, -1]],
    [{ below: 1 }, [0.9, -5], [1, 2]],
    [{ equals: 0 }, [0, -0], [0.1]],
  ] as const)
    it(`${JSON.stringify(limit)} is kept by what is on its side, and by no value that is no number`, () => {
      for (const value of good) assert.ok(holds(limit, value), `${value}`);
      for (const value of [...bad, Number.NaN, Infinity, -Infinity])
        assert.ok(!holds(limit, value), `${value}`);
    });
});
