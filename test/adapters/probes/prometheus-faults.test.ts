import assert from 'node:assert/strict';
import { DEFAULT_SERVER, prometheus } from '../../../src/adapters/probes/prometheus.ts';
import { PrometheusProbe } from '../../../src/domain/probe.ts';
import { httpServer, json, type Respond } from './http-server.ts';
import { refusal } from './refusal.ts';

const now = new Date('2026-11-22T10:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const moment = { since: later(-60_000), until: later(60_000) };
const probe = (change: Record<string, unknown> = {}) =>
  PrometheusProbe.parse({ query: 'up', equals: 1, newerThanAction: false, ...change });

type Asked = { change?: Record<string, unknown>; at?: Date };
async function looked(respond: Respond, { change = {}, at = now }: Asked = {}) {
  const server = await httpServer(respond);
  const servers = new Map([[DEFAULT_SERVER, { baseUrl: `${server.url}/prom`, token: 'hunter2' }]]);
  const asking = prometheus({ servers, clock: { now: () => at }, withinMs: 500 });
  try {
    return { look: await asking.look(probe(change), moment), requests: server.requests };
  } finally {
    server.close();
  }
}
const matrix = (value: string, rest: Record<string, unknown> = {}) => ({
  status: 'success',
  data: { resultType: 'matrix', result: [{ metric: {}, values: [[now.getTime() / 1_000, value]] }] },
  ...rest,
});
const well: Respond = (_request, response) => json(response, 200, matrix('1'));

describe('Prometheus is asked', () => {
  it('by POST, under its base address, with the token and the time', async () => {
    const { look, requests } = await looked(well);
    assert.equal(look.healthy, true);
    const [{ method, url, headers, body } = assert.fail()] = requests;
    assert.deepEqual([method, url.pathname], ['POST', '/prom/api/v1/query_range']);
    assert.equal(headers.authorization, 'Bearer hunter2');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      query: 'up',
      start: '1795341600.000',
      end: '1795341600.000',
      step: '1.000',
      timeout: '500ms',
    });
  });

  it('only where it is configured', async () => {
    const asking = prometheus({ servers: new Map([['edge', { baseUrl: 'http://127.0.0.1:1' }]]) });
    for (const target of [undefined, 'core']) {
      const error = await refusal(asking.look({ ...probe(), ...(target && { target }) }, moment));
      assert.deepEqual([error.code, /configured: edge/.test(error.fix)], ['probe-refused', true]);
    }
  });

  it('again after what may pass, and until then it is not well', async () => {
    const passing: [string, Respond, RegExp][] = [
      [
        'busy',
        (_q, response) => json(response, 503, { status: 'error', errorType: 'timeout', error: 'too slow' }),
        /status 503, timeout: too slow/,
      ],
      [
        'unable',
        (_q, response) =>
          json(response, 422, { status: 'error', errorType: 'execution', error: 'many-to-many' }),
        /status 422, execution: many-to-many/,
      ],
      [
        'a page',
        (_q, response) => void response.end('<html>'),
        /status 200, this is no answer of Prometheus/,
      ],
      [
        'a vector',
        (_q, response) =>
          json(response, 200, { status: 'success', data: { resultType: 'vector', result: [] } }),
        /no answer of Prometheus/,
      ],
      ['slow', () => undefined, /no full answer within 500 ms/],
      ['broken', (_q, response) => void response.socket?.destroy(), /the connection failed \(ECONNRESET\)/],
      ['endless', (_q, response) => void response.end('x'.repeat(1_100_000)), /larger than 1 MiB/],
    ];
    for (const [name, respond, why] of passing) {
      const { look } = await looked(respond);
      assert.equal(look.healthy, false, name);
      assert.deepEqual(look.again, later(15_000), name);
      assert.match(look.summary, why, name);
      assert.doesNotMatch(JSON.stringify(look), /hunter2/);
    }
  });

  it('not before it wants to be asked, and not after the deadline', async () => {
    const busy =
      (seconds: string): Respond =>
      (_q, response) =>
        void response.writeHead(429, { 'retry-after': seconds }).end();
    assert.deepEqual((await looked(busy('40'))).look.again, later(40_000));
    assert.equal((await looked(busy('61'))).look.again, undefined);
    assert.deepEqual((await looked(busy('soon'))).look.again, later(15_000));
  });

  it('no more where the answer would be the same', async () => {
    const other = await httpServer(well);
    const refusing: [number, RegExp][] = [
      [401, /PROMETHEUS_TOKEN/],
      [403, /PROMETHEUS_TOKEN/],
      [404, /PROMETHEUS_URL/],
      [302, /PROMETHEUS_URL/],
    ];
    for (const [status, fix] of refusing) {
      const respond: Respond = (_q, response) =>
        void response.writeHead(status, { location: other.url }).end();
      const error = await refusal(looked(respond));
      assert.equal(error.code, 'probe-refused');
      assert.match(error.fix, fix);
      assert.doesNotMatch(error.message + error.fix, /hunter2/);
    }
    assert.equal(other.requests.length, 0);
    other.close();
  });
});

describe('what Prometheus answers', () => {
  const answered = async (...values: (string | undefined)[]) => {
    const result = values.map((value, n) => ({
      metric: { n: `${n}` },
      ...(value === undefined
        ? { histograms: [[now.getTime() / 1_000, {}]] }
        : { values: [[now.getTime() / 1_000, value]] }),
    }));
    const body = { status: 'success', data: { resultType: 'matrix', result } };
    const { look } = await looked((_q, response) => json(response, 200, body));
    return [look.healthy, look.checks[0]?.why];
  };

  it('has to hold in every series, and there has to be one', async () => {
    assert.deepEqual(await answered(), [false, 'no data']);
    assert.deepEqual(await answered('1', '1'), [true, '1 and 1 others equal to 1']);
    assert.deepEqual(await answered('1', '2'), [false, '2 {n="1"} is not equal to 1']);
    assert.deepEqual(await answered('0', '1', '2'), [false, '0 {n="0"} is not equal to 1, nor are 1 others']);
  });

  for (const value of ['NaN', '+Inf', '-Inf', '', '0x1', undefined])
    it(`is not well where it is ${value ?? 'a histogram'}`, async () => {
      const [healthy, why] = await answered(value);
      assert.deepEqual([healthy, why], [false, `${value ?? 'a histogram'} {n="0"} is not equal to 1`]);
    });

  it('is only looked at until the deadline', async () => {
    const { requests } = await looked(well, { at: later(600_000) });
    assert.equal(new URLSearchParams(requests[0]?.body).get('end'), `${moment.until.getTime() / 1_000}.000`);
  });

  it('may be that it cannot read the query, and where', async () => {
    const error = 'invalid parameter "query": 1:3: parse error: unexpected end of input';
    const said = await refusal(
      looked((_q, response) => json(response, 400, { status: 'error', errorType: 'bad_data', error })),
    );
    assert.deepEqual(
      [said.code, said.message],
      ['runbook-invalid', `Prometheus cannot read the query up: ${error}`],
    );
  });
});

describe('what Prometheus warns of', () => {
  it('makes a check fail, is told, and can be ignored', async () => {
    for (const kind of ['warnings', 'infos']) {
      const warned: Respond = (_q, response) =>
        json(response, 200, matrix('1', { [kind]: ['one store is away'] }));
      const { look } = await looked(warned);
      assert.equal(look.healthy, false);
      assert.equal(look.checks[0]?.why, '1 equal to 1, but Prometheus warns: one store is away');
      const ignored = await looked(warned, { change: { warnings: 'ignore' } });
      assert.equal(ignored.look.healthy, true);
      assert.match(ignored.look.summary, /Prometheus warns: one store is away/);
    }
  });
});

describe('the age of what Prometheus read', () => {
  const aged =
    (stamp: (at: number) => string | undefined): Respond =>
    ({ body }, response) => {
      const form = new URLSearchParams(body);
      const isAge = form.get('query')?.includes('timestamp(') === true;
      const values: [number, string][] = [];
      for (
        let at = Number(form.get('start'));
        at <= Number(form.get('end'));
        at += Number(form.get('step'))
      ) {
        const value = isAge ? stamp(at) : '1';
        if (value !== undefined) values.push([at, value]);
      }
      json(response, 200, {
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric: {}, values }] },
      });
    };
  const since = moment.since.getTime() / 1_000;
  const ages = async (stamp: (at: number) => string | undefined, query = 'up') => {
    const { look } = await looked(aged(stamp), { change: { query, newerThanAction: true, for: '45s' } });
    return look;
  };

  it('is asked for by selector', async () => {
    const { requests } = await looked(aged(String), {
      change: { query: 'a / b{x="y"}', newerThanAction: true },
    });
    assert.equal(
      new URLSearchParams(requests[1]?.body).get('query'),
      'label_replace(min(timestamp(a)), "selector", "0", "", "") or label_replace(min(timestamp(b{x="y"})), "selector", "1", "", "")',
    );
  });

  it('counts from the first sample after the change on', async () => {
    assert.equal((await ages(String)).healthy, true);
    const late = await ages((at) => String(at < since + 35 ? since : at));
    assert.deepEqual(
      late.checks.map(({ ok }) => ok),
      [false, false, true, true],
    );
    assert.deepEqual(late.again, later(30_000));
    assert.equal((await ages(() => String(since))).healthy, false);
    assert.equal(
      (await ages(() => undefined)).checks[0]?.why,
      '1 equal to 1, but nothing that the query reads has a sample',
    );
  });

  it('counts the whole of a range', async () => {
    const look = await ages(String, 'rate(up[30s])');
    assert.equal(look.healthy, false);
    assert.deepEqual(
      look.checks.map(({ ok }) => ok),
      [false, false, true, true],
    );
  });

  it('is waited for as long as a range reaches back', async () => {
    const change = { query: 'rate(up[90s])', newerThanAction: true };
    const { look } = await looked(aged(String), { change });
    assert.deepEqual([look.healthy, look.again], [false, later(30_000)]);
  });
});
