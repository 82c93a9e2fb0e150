import assert from 'node:assert/strict';
import { digest } from '../../src/domain/json.ts';
import { PlanStep } from '../../src/domain/plan.ts';
import { resolveProbe } from '../../src/domain/plan-probe.ts';
import { describeProbe, holds } from '../../src/domain/probe.ts';
import { Runbook, type VerificationStep } from '../../src/domain/runbook.ts';
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

describe('a probe that cannot work', () => {
  const faults = (verification: Record<string, unknown>): string[] => {
    const read = Runbook.safeParse({
      ...f.runbook({ approval: { group: 'web-approvers' } }).runbook,
      cooldown: '30m',
      approval: { group: 'web-approvers' },
      parameters: {
        pool: { type: 'string', title: 'Pool' },
        token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
      },
      steps: {
        remediation: [{ id: 'go', title: 'Go', target: 'ops', job: 'go' }],
        verification: [{ id: 'ok', title: 'OK', ...verification }],
      },
    });
    return (read.error?.issues ?? []).map(({ path, message }) => `${path.slice(3).join('.')}: ${message}`);
  };
  const prometheus = (change: Record<string, unknown>) => ({
    prometheus: { query: 'up', below: 1, ...change },
  });
  const azureMonitor = (change: Record<string, unknown>) => ({ azureMonitor: { ...azure, ...change } });
  const device = (change: Record<string, unknown>) => ({
    deviceCompliance: { device: '{pool}', ...change },
  });

  it('is told from one that can', () => {
    assert.deepEqual(faults(prometheus({})), []);
    assert.deepEqual(faults(azureMonitor({})), []);
    assert.deepEqual(faults(device({})), []);
    assert.deepEqual(faults(device({ device: '0d1f0000-0000-4000-8000-000000000001' })), []);
  });

  const cases: [string, Record<string, unknown>, string][] = [
    ['no kind', {}, ': needs exactly one of http, prometheus, azureMonitor, deviceCompliance'],
    [
      'two kinds',
      { ...prometheus({}), ...azureMonitor({}) },
      ': needs exactly one of http, prometheus, azureMonitor, deviceCompliance',
    ],
    ['no limit', prometheus({ below: undefined }), 'prometheus: needs exactly one of above, below, equals'],
    ['two limits', prometheus({ above: 0 }), 'prometheus: needs exactly one of above, below, equals'],
    ['two limits of Azure', azureMonitor({ above: 0 }), 'azureMonitor: needs exactly one of above, below'],
    [
      'a query that is no PromQL',
      prometheus({ query: 'up{job="x}' }),
      'prometheus.query: no PromQL, at character 8: "\\"x}" is no word of PromQL',
    ],
    [
      'a parameter nobody defined',
      prometheus({ query: 'up{job="{job}"}' }),
      'prometheus.query: {job} is not a parameter of this runbook; known: pool, token',
    ],
    [
      'a secret in a query',
      prometheus({ query: 'up{job="{token}"}' }),
      "prometheus.query: {token} is a secret: it must be the whole value of a job's parameter",
    ],
    [
      'a secret in a resource',
      azureMonitor({ resource: '{token}' }),
      "azureMonitor.resource: {token} is a secret: it must be the whole value of a job's parameter",
    ],
    [
      'a parameter outside of quotes',
      prometheus({ query: 'up{job="x"} > {pool}' }),
      'prometheus.query: a parameter may stand in the quoted value of a label only, e.g. up{instance="{host}"}',
    ],
    [
      'a query that reads nothing',
      prometheus({ query: 'vector(0)' }),
      'prometheus.query: reads no metric of now, so nothing in it can be newer than the action',
    ],
    [
      'too little time',
      prometheus({ for: '5m' }),
      'prometheus.for: the verdict takes at least 6 min, the step ends after 5 min; give the step a longer timeout',
    ],
    [
      'a range that needs more time than there is',
      prometheus({ query: 'rate(x[10m])' }),
      'prometheus.for: the verdict takes at least 11 min, the step ends after 5 min; give the step a longer timeout',
    ],
    [
      'more samples than anybody reads',
      { ...prometheus({ for: '1h', every: '2s' }), timeout: '2h' },
      'prometheus.every: gives more than 500 samples in 60 min; make it longer',
    ],
    ['a rush', prometheus({ every: '10ms' }), 'prometheus.every: from 1s to 5m'],
    [
      'a resource that is none',
      azureMonitor({ resource: 'shop' }),
      'azureMonitor.resource: expected /subscriptions/<id>/resourceGroups/<name>/providers/<type>/<name>',
    ],
    [
      'a metric that is two',
      azureMonitor({ metric: 'Http5xx,Requests' }),
      'azureMonitor.metric: expected the name of one metric',
    ],
    [
      'a grain Azure has not',
      { ...azureMonitor({ interval: '2m' }), timeout: '20m' },
      'azureMonitor.interval: one of 1m, 5m, 15m, 30m, 1h',
    ],
    [
      'too little time for Azure',
      azureMonitor({ for: '5m' }),
      'azureMonitor.for: the verdict takes at least 9 min, the step ends after 5 min; give the step a longer timeout',
    ],
    [
      'a device by its name',
      device({ device: 'laptop-{pool}' }),
      'deviceCompliance.device: expected the id of a managed device, or one parameter that holds it',
    ],
    [
      'a secret for a device',
      device({ device: '{token}' }),
      "deviceCompliance.device: {token} is a secret: it must be the whole value of a job's parameter",
    ],
    [
      'a single look at a device',
      { ...device({ every: '5m' }), timeout: '4m' },
      'deviceCompliance.every: the step ends after 4 min, before it would be looked at again',
    ],
  ];
  for (const [name, verification, want] of cases)
    it(`is refused: ${name}`, () => assert.deepEqual(faults(verification), [want]));

  it('may read old data, or nothing, where it says that it does not have to be new', () => {
    assert.deepEqual(faults(prometheus({ query: 'vector(0)', newerThanAction: false })), []);
    assert.deepEqual(faults(prometheus({ query: 'rate(x[10m])', newerThanAction: false })), []);
  });
});
