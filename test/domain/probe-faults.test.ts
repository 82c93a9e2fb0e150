import assert from 'node:assert/strict';
import { probeTexts } from '../../src/domain/probe-faults.ts';
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

  it('is not one at the very limit', () => {
    const long = { timeout: '2h' };
    assert.deepEqual(faults({ ...prometheus({ for: '500s', every: '1s' }), ...long }), []);
    assert.deepEqual(faults({ ...prometheus({ for: '5m' }), timeout: '330s' }), []);
    assert.deepEqual(faults({ ...azureMonitor({ for: '5m' }), timeout: '9m' }), []);
    assert.deepEqual(faults({ ...azureMonitor({ interval: '15m' }), timeout: '33m' }), []);
    assert.deepEqual(faults({ ...prometheus({ query: 'rate(x[10m])' }), timeout: '630s' }), []);
    assert.deepEqual(faults({ ...device({ every: '5m' }), timeout: '5m' }), []);
  });

  for (const [wrong, at] of [
    ['x{pool}', 'is no whole id'],
    ['{pool}/x', 'goes on'],
    ['https://portal.example/subscriptions/a/b/c', 'is an address'],
    ['/subscriptions/a/b/c/', 'ends in nothing'],
    ['/subscriptions/a/b', 'is too short'],
    ['/subscriptions//b/c', 'has a gap'],
  ] as const)
    it(`is refused: a resource that ${at}`, () => {
      const [fault, ...more] = faults(azureMonitor({ resource: wrong }));
      assert.match(fault ?? '', /^azureMonitor\.resource: expected \/subscriptions\//);
      assert.deepEqual(more, []);
    });

  for (const wrong of ['x{pool}', '{pool}/x', '{pool}{pool}', '0d1f0000-0000-4000-8000'])
    it(`is refused: ${wrong} for a device`, () => {
      const [fault, ...more] = faults(device({ device: wrong }));
      assert.match(fault ?? '', /^deviceCompliance\.device: expected the id of a managed device/);
      assert.deepEqual(more, []);
    });

  it('is not one when its resource is written in another case, or is a parameter', () => {
    for (const right of ['{pool}', '/Subscriptions/a/b/c', '/subscriptions/{pool}/b/{pool}'])
      assert.deepEqual(faults(azureMonitor({ resource: right })), []);
  });

  it('names parameters in one text of its own', () => {
    const texts = (probe: Record<string, unknown>) => probeTexts(step(probe));
    assert.deepEqual(
      [
        { http: { url: 'http://u' } },
        { prometheus: metric },
        { azureMonitor: azure },
        device({ device: '{pool}' }),
      ].map(texts),
      [
        [[['http', 'url'], 'http://u']],
        [[['prometheus', 'query'], metric.query]],
        [[['azureMonitor', 'resource'], resource]],
        [[['deviceCompliance', 'device'], '{pool}']],
      ],
    );
  });

  it('may read old data, or nothing, where it says that it does not have to be new', () => {
    assert.deepEqual(faults(prometheus({ query: 'vector(0)', newerThanAction: false })), []);
    assert.deepEqual(faults(prometheus({ query: 'rate(x[10m])', newerThanAction: false })), []);
  });
});
