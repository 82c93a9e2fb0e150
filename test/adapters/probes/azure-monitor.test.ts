import assert from 'node:assert/strict';
import { azureMonitor } from '../../../src/adapters/probes/azure-monitor.ts';
import { AzureMonitorProbe } from '../../../src/domain/probe.ts';
import type { ProbeMoment } from '../../../src/ports.ts';
import { azureServer } from './azure-server.ts';
import { httpServer, json, type Respond } from './http-server.ts';
import { refusal } from './refusal.ts';

const minute = (n: number, seconds = 0) => new Date(Date.UTC(2026, 10, 22, 10, n, seconds));
const stamp = (n: number) => minute(n).toISOString().replace('.000Z', 'Z');
const resource =
  '/subscriptions/5b0f3c1e-0000-4000-8000-000000000001/resourceGroups/rg-shop (1)/providers/Microsoft.Web/sites/shop'.replace(
    ' ',
    '',
  );
const probe = (change: Record<string, unknown> = {}) =>
  AzureMonitorProbe.parse({
    resource,
    metric: 'Http5xx',
    aggregation: 'total',
    below: 3,
    for: '3m',
    ...change,
  });
const moment = (change: Partial<ProbeMoment> = {}): ProbeMoment => ({
  since: minute(0, 20),
  until: minute(30),
  ...change,
});

type Scene = {
  readonly now: Date;
  /** The values of the minutes from minute 0 on. */
  readonly values: readonly (number | undefined)[];
  readonly known?: Date;
  readonly change?: Record<string, unknown>;
  readonly at?: Partial<ProbeMoment>;
};
async function looked({ now, values, known = now, change = {}, at = {} }: Scene) {
  const measured = values.flatMap((value, n): [string, number][] =>
    value === undefined ? [] : [[stamp(n), value]],
  );
  const server = await azureServer({ values: new Map(measured), knownUntil: known });
  const looker = azureMonitor({
    baseUrl: `${server.url}/`,
    token: async () => 'azure-token',
    clock: { now: () => now },
  });
  try {
    const look = await looker.look(probe(change), moment(at));
    return {
      ...look,
      requests: server.requests,
      marks: look.checks.map(({ value, ok }) => (ok ? value : `${value}!`)),
    };
  } finally {
    server.close();
  }
}

describe('a metric of Azure Monitor', () => {
  it('is well when it held long enough after the change', async () => {
    const { healthy, marks, summary, requests } = await looked({ now: minute(4, 10), values: [9, 2, 0, 1] });
    assert.equal(healthy, true, summary);
    assert.deepEqual(marks, [2, 0, 1]);
    assert.equal(
      summary,
      'Azure Monitor: total Http5xx of shop: 1 is below 3; 3 samples, below 3 for 3 min needed',
    );
    const { url } = requests[0] ?? assert.fail();
    assert.equal(decodeURIComponent(url.pathname), `${resource}/providers/Microsoft.Insights/metrics`);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      'api-version': '2023-10-01',
      metricnames: 'Http5xx',
      timespan: '2026-11-22T10:01:00.000Z/2026-11-22T10:04:10.000Z',
      interval: 'PT1M',
      aggregation: 'total',
    });
  });

  it('is looked at again when it can first have held', async () => {
    const { healthy, again, marks } = await looked({ now: minute(4, 10), values: [9, 9, 2, 1] });
    assert.deepEqual([healthy, marks, again], [false, ['9!', 2, 1], minute(5, 10)]);
    const bad = await looked({ now: minute(4, 10), values: [0, 0, 0, 9] });
    assert.deepEqual(bad.again, minute(7));
  });

  it('is not well when that would be after the deadline', async () => {
    const { again, healthy } = await looked({
      now: minute(4, 10),
      values: [0, 0, 0, 9],
      at: { until: minute(6, 59) },
    });
    assert.deepEqual([healthy, again], [false, undefined]);
  });

  it('is waited for while it may be late, and then it is no data', async () => {
    const values = [1, 1, 1, 1, 1, 1, 1, 1, 1];
    const late = await looked({ now: minute(6, 10), known: minute(4), values, change: { for: '4m' } });
    assert.deepEqual(late.marks, [1, 1, 1]);
    assert.deepEqual(late.again, minute(7, 10));
    const gone = await looked({ now: minute(9), known: minute(4), values, change: { for: '2m' } });
    assert.deepEqual([gone.healthy, gone.checks.at(-1)?.why], [false, 'no data']);
    const never = await looked({ now: minute(9), known: minute(0), values });
    assert.deepEqual([never.healthy, never.marks[0]], [false, 'undefined!']);
    const notYet = await looked({ now: minute(1, 5), values });
    assert.deepEqual([notYet.healthy, notYet.checks, notYet.again], [false, [], minute(4)]);
  });

  it('that is null in between is no data there', async () => {
    const { healthy, marks } = await looked({ now: minute(6), values: [0, 1, 1, undefined, 1, 1] });
    assert.deepEqual([healthy, marks], [false, [1, 1, 'undefined!', 1, 1]]);
  });

  it('is told as it was before the change', async () => {
    const { healthy, summary, baseline } = await looked({
      now: minute(14),
      values: [0, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 0, 0],
      at: { since: minute(10), before: minute(9, 30) },
    });
    assert.equal(healthy, true);
    assert.match(summary, /; before the change: 41 is not below 3$/);
    assert.deepEqual([baseline?.at, baseline?.value], [minute(8).toISOString(), 41]);
  });

  it('may be older than the change where the runbook says so', async () => {
    const now = minute(10, 5);
    const values = Array(12).fill(0) as number[];
    const at = { since: now };
    assert.equal((await looked({ now, values, at })).healthy, false);
    assert.equal((await looked({ now, values, at, change: { newerThanAction: false } })).healthy, true);
  });

  it('has a grain and a namespace', async () => {
    const { requests } = await looked({
      now: minute(10),
      values: [],
      change: { interval: '5m', namespace: 'Microsoft.Web/sites', aggregation: 'average' },
    });
    const question = requests[0]?.url.searchParams;
    assert.deepEqual(
      [question?.get('interval'), question?.get('metricnamespace'), question?.get('aggregation')],
      ['PT5M', 'Microsoft.Web/sites', 'average'],
    );
  });
});

describe('Azure Monitor', () => {
  const answered = async (respond: Respond, token = async () => 't', now = minute(4)) => {
    const server = await httpServer(respond);
    const clock = { now: () => now };
    try {
      return await azureMonitor({ baseUrl: server.url, token, clock, withinMs: 500 }).look(probe(), moment());
    } finally {
      server.close();
    }
  };
  const metric = (rest: Record<string, unknown>) => ({ value: [{ name: { value: 'Http5xx' }, ...rest }] });

  it('may fail for a while', async () => {
    const failing: [Respond, RegExp][] = [
      [
        (_q, response) => json(response, 529, { error: { code: 'ServerBusy', message: 'later' } }),
        /status 529, ServerBusy: later/,
      ],
      [(_q, response) => void response.end('<html>'), /no answer of Azure Monitor/],
      [(_q, response) => json(response, 200, { value: [] }), /no answer of Azure Monitor/],
      [
        (_q, response) => json(response, 200, metric({ errorCode: 'Throttled', errorMessage: 'slow down' })),
        /Throttled: slow down/,
      ],
      [() => undefined, /no full answer within 500 ms/],
    ];
    for (const [respond, why] of failing) {
      const look = await answered(respond);
      assert.match(look.summary, why);
      assert.deepEqual([look.healthy, look.again], [false, minute(5)]);
    }
    const busy: Respond = (_q, response) => void response.writeHead(429, { 'retry-after': '120' }).end();
    assert.deepEqual((await answered(busy)).again, minute(6));
  });

  it('may be asked without a token only later', async () => {
    const asked: unknown[] = [];
    const look = await answered(
      (request) => void asked.push(request),
      () => Promise.reject(new Error('the identity endpoint is away')),
    );
    assert.match(look.summary, /no token for Azure: the identity endpoint is away/);
    assert.deepEqual([asked.length, look.again], [0, minute(5)]);
  });

  it('has a metric without any series, which is no data', async () => {
    const look = await answered((_q, response) =>
      json(response, 200, metric({ timeseries: [], errorCode: 'Success' })),
    );
    assert.deepEqual([look.healthy, look.checks[0]?.why], [false, undefined]);
  });

  it('has several series, and each has to hold', async () => {
    const series = (total: number) => ({ data: [1, 2, 3].map((n) => ({ timeStamp: stamp(n), total })) });
    const look = await answered((_q, response) =>
      json(response, 200, metric({ timeseries: [series(0), series(7)] })),
    );
    assert.equal(look.healthy, false);
    assert.equal(look.checks[0]?.why, '7 is not below 3');
  });

  it('has points of its own choice: what is early does not count, what is missing is no data', async () => {
    const points = (...given: [number, number?][]) => ({
      data: given.map(([n, total]) => ({ timeStamp: stamp(n), ...(total === undefined ? {} : { total }) })),
    });
    const marks = async (...timeseries: ReturnType<typeof points>[]) => {
      const look = await answered((_q, response) => json(response, 200, metric({ timeseries })));
      return look.checks.map(({ at, ok, value }) => [at.slice(14, 16), ok, value]);
    };
    const good = ['03', true, 0];
    assert.deepEqual(await marks(points([-5, 9], [0, 9], [3, 0])), [good]);
    assert.deepEqual(await marks(points([3, 0], [1, 1])), [['01', true, 1], ['02', false, undefined], good]);
    assert.deepEqual(await marks(points([3, 0]), points([3])), []);
    assert.deepEqual(await marks(points([1, 0], [3, 0]), points([1], [3, 1])), [
      ['01', false, undefined],
      ['02', false, undefined],
      good,
    ]);
  });

  it('has points that end too early', async () => {
    const look = await answered(
      (_q, response) =>
        json(response, 200, metric({ timeseries: [{ data: [{ timeStamp: stamp(1), total: 0 }] }] })),
      undefined,
      minute(6),
    );
    assert.deepEqual(
      look.checks.map(({ ok, why }) => [ok, why]),
      [
        [true, '0 is below 3'],
        [false, 'no data'],
      ],
    );
  });

  it('is only asked for what was before the deadline', async () => {
    let timespan = '';
    await answered(
      ({ url }, response) => {
        timespan = url.searchParams.get('timespan') ?? '';
        json(response, 200, metric({}));
      },
      undefined,
      minute(59),
    );
    assert.equal(timespan, '2026-11-22T10:01:00.000Z/2026-11-22T10:30:00.000Z');
  });

  it('refuses what will be the same the next time', async () => {
    const refusals: [number, string, RegExp][] = [
      [400, 'runbook-invalid', /metric, namespace/],
      [401, 'probe-refused', /Monitoring Reader/],
      [403, 'probe-refused', /Monitoring Reader/],
      [404, 'probe-refused', /AZURE_MONITOR_URL/],
      [302, 'probe-refused', /redirects are not followed/],
    ];
    for (const [status, code, fix] of refusals) {
      const respond: Respond = (_q, response) => json(response, status, { code: 'Said', message: 'so' });
      const error = await refusal(answered(respond));
      assert.equal(error.code, code);
      assert.match(error.fix, fix);
      assert.match(error.message, /Said: so/);
    }
  });

  it('is asked about nothing that is no resource', async () => {
    const id = '/subscriptions/5b0f3c1e-0000-4000-8000-000000000001';
    for (const bad of [
      'https://evil.example/',
      `${id}/../../other/providers/a/b/c`,
      `${id}/resourceGroups/../providers/a/b/c`,
      `${id}/resourceGroups/rg/providers/a/b/%2e%2e`,
      `${id}/resourceGroups/rg/providers/a/b/c?x=1`,
      `${id}/resourceGroups/rg/providers/a/b/c#`,
      `${id}/resourceGroups/rg`,
      '/subscriptions/x/resourceGroups/rg/providers/a/b/c',
    ]) {
      const looker = azureMonitor({
        baseUrl: 'http://127.0.0.1:1',
        token: () => assert.fail('a token was asked for'),
      });
      const error = await refusal(looker.look(probe({ resource: bad }), moment()));
      assert.equal(error.code, 'probe-refused', bad);
    }
  });
});
