import assert from 'node:assert/strict';
import type { z } from 'zod';
import { digest } from '../../src/domain/json.ts';
import { PlanStep } from '../../src/domain/plan.ts';
import {
  resolveProbe,
  StoredAzureMonitor,
  StoredDeviceCompliance,
  StoredHttp,
  StoredPrometheus,
} from '../../src/domain/plan-probe.ts';
import { describeProbe } from '../../src/domain/probe.ts';
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

const text = (length: number): string => 'x'.repeat(length);

describe('the probe of a plan', () => {
  it('has its parameters escaped for the language they stand in', () => {
    const values = { pool: 'a"/../b' };
    assert.deepEqual(
      [
        resolveProbe(step({ http: { url: 'http://site.example/{pool}' } }), values),
        resolveProbe(step({ prometheus: metric }), values),
        resolveProbe(step({ azureMonitor: azure }), values),
        resolveProbe(step({ azureMonitor: { ...azure, resource: '{pool}' } }), values),
        resolveProbe(step({ deviceCompliance: { device: '{pool}' } }), values),
      ].map(describeProbe),
      [
        'GET http://site.example/a"/../b',
        'Prometheus: errors{pool="a\\u0022/../b"} below 0.5',
        'Azure Monitor: total Http5xx of shop below 1',
        'Azure Monitor: total Http5xx of b below 1',
        'Intune: compliance of device a"/../b',
      ],
    );
    const filled = resolveProbe(step({ azureMonitor: azure }), values);
    assert.match(
      'azureMonitor' in filled ? filled.azureMonitor.resource : '',
      /^\/subscriptions\/a%22%2F\.\.%2Fb\/res/,
    );
  });

  it('lets a value be one part of a resource only, wherever it stands; a value that is all of it is as it is', () => {
    const { azureMonitor } = step({ azureMonitor: azure });
    assert.ok(azureMonitor);
    const filled = (resource: string) => {
      const probe = resolveProbe(
        { ...step({ azureMonitor: azure }), azureMonitor: { ...azureMonitor, resource } },
        { pool: '/a b' },
      );
      return 'azureMonitor' in probe && probe.azureMonitor.resource;
    };
    assert.deepEqual(['{pool}', '/s/{pool}', '{pool}/s', '/s/{pool}/{pool}'].map(filled), [
      '/a b',
      '/s/%2Fa%20b',
      '%2Fa%20b/s',
      '/s/%2Fa%20b/%2Fa%20b',
    ]);
  });

  it('is one of those we know', () => {
    const { prometheus: _none, ...bare } = step({ prometheus: metric });
    assert.throws(() => resolveProbe(bare, {}), /^TypeError: step ok has no probe$/);
  });
});

describe('a stored probe', () => {
  const stored = (probe: Record<string, unknown>) => ({
    does: 'probe',
    id: 'ok',
    phase: 'verification',
    title: 'OK',
    timeout: 300_000,
    optional: false,
    ...probe,
  });

  it('of an older plan is read as it was, and keeps its digest', () => {
    const http = { url: 'http://x', status: [200], successes: 3, attempts: 5, every: 2_000, within: 2_000 };
    const old = stored({ http });
    assert.deepEqual(PlanStep.parse(old), old);
    assert.equal(
      digest(PlanStep.parse(old)),
      '651453ac0b3f11a4b140c0acd0a56ff89951650cb3f3d058f201ff9c541ebbdd',
    );
  });

  it('of each kind is what a runbook resolves to', () => {
    for (const probe of [
      { http: { url: 'http://x', body: 'OK' } },
      { prometheus: { ...metric, target: 'edge' } },
      { azureMonitor: { ...azure, namespace: 'n' } },
      { deviceCompliance: { device: '{pool}' } },
    ]) {
      const plan = stored(resolveProbe(step(probe), { pool: 'p' }));
      assert.deepEqual(PlanStep.parse(JSON.parse(JSON.stringify(plan))), plan);
    }
  });

  it('is exactly one kind', () => {
    const { prometheus } = step({ prometheus: metric });
    const { azureMonitor } = step({ azureMonitor: azure });
    assert.ok(!PlanStep.safeParse(stored({})).success);
    assert.ok(!PlanStep.safeParse(stored({ prometheus, azureMonitor })).success);
  });
});

describe('a probe that was stored with a plan', () => {
  const stored: [string, z.ZodType, Record<string, unknown>][] = [
    [
      'HTTP',
      StoredHttp,
      { url: 'u', status: [999], successes: 99, attempts: 99, every: 9e9, within: 9e9, body: text(900) },
    ],
    ['Intune', StoredDeviceCompliance, { device: 'any', every: 9e9 }],
    ...(['fail', 'ignore'] as const).map((warnings): [string, z.ZodType, Record<string, unknown>] => [
      `Prometheus, with warnings: ${warnings}`,
      StoredPrometheus,
      {
        ...{ query: text(9_000), above: 1, below: 2, equals: 3, for: 9e9, every: 1 },
        ...{ newerThanAction: false, warnings, target: 'ANY' },
      },
    ]),
    ...(['average', 'minimum', 'maximum', 'total', 'count'] as const).map(
      (aggregation): [string, z.ZodType, Record<string, unknown>] => [
        `Azure Monitor, by ${aggregation}`,
        StoredAzureMonitor,
        {
          ...{ resource: 'r', metric: 'a,b', namespace: 'n', aggregation, above: 1, below: 2 },
          ...{ for: 9e9, interval: 1, newerThanAction: true },
        },
      ],
    ),
  ];
  for (const [kind, schema, probe] of stored)
    it(`is read as it was, whatever the limits of runbooks are by now: ${kind}`, () => {
      assert.deepEqual(schema.parse(probe), probe);
      assert.equal(schema.safeParse({ ...probe, more: 1 }).success, false);
    });
});
