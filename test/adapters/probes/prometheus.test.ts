import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_SERVER, prometheus } from '../../../src/adapters/probes/prometheus.ts';
import { PrometheusProbe } from '../../../src/domain/probe.ts';
import { fillPromql } from '../../../src/domain/promql-fill.ts';
import type { ProbeMoment, ProbeResult } from '../../../src/ports.ts';
import { howToInstall, prometheusBinary, startPrometheus } from './prometheus-server.ts';
import { refusal } from './refusal.ts';

/** Values with which a careless query would become another one. */
const hostile = [
  '"} or vector(0) #',
  "it's",
  'back\\slash',
  'a"b',
  'line\nbreak',
  '.*',
  '{job="x"}',
  '[a]|(b)',
];
const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

describe('a real Prometheus', () => {
  const world = { depth: 3, worst: '20', stale: Date.now() - 60_000 };
  let server: Awaited<ReturnType<typeof startPrometheus>>;
  let scraped: Date;

  before(async function () {
    if (prometheusBinary === undefined) {
      console.log(`SKIPPED the real Prometheus: ${howToInstall}`);
      return this.skip();
    }
    let total = 0;
    server = await startPrometheus(prometheusBinary, () => {
      total += 5;
      return [
        `depth ${world.depth}`,
        'lag{queue="a"} 1',
        `lag{queue="b"} ${world.worst}`,
        'odd NaN',
        'endless +Inf',
        // its exporter stands still: the sample keeps its old time
        `old 1 ${world.stale}`,
        `requests_total ${total}`,
        ...hostile.map((value, n) => `named{name="${escaped(value)}"} ${n + 1}`),
        '',
      ].join('\n');
    });
    await server.until('count(rate(requests_total[3s]))', '1');
    scraped = new Date();
    await server.until(`count(timestamp(depth) > ${scraped.getTime() / 1_000})`, '1');
  });
  after(() => server?.stop());

  const parsed = (query: string, change: Record<string, unknown> = {}) =>
    PrometheusProbe.parse({ query, below: 10, every: '1s', ...change });
  const moment = (change: Partial<ProbeMoment> = {}): ProbeMoment => ({
    since: scraped,
    until: new Date(Date.now() + 1_500),
    ...change,
  });
  const looker = () => prometheus({ servers: new Map([[DEFAULT_SERVER, { baseUrl: `${server.url}/` }]]) });
  /** Looks until there is a verdict, as often as a run is woken for it. */
  const checked = async (probe: PrometheusProbe, at = moment()): Promise<ProbeResult> => {
    const { again, ...verdict } = await looker().look(probe, at);
    if (again === undefined) return verdict;
    await delay(Math.max(0, again.getTime() - Date.now()));
    return checked(probe, at);
  };
  const looked = (query: string, change: Record<string, unknown> = {}, at: Partial<ProbeMoment> = {}) =>
    looker().look(parsed(query, change), moment(at));

  it('says that a metric is well, and how it was before', async () => {
    const before = new Date();
    const { healthy, checks, summary, baseline } = await looked('depth', {}, { before });
    assert.equal(healthy, true, summary);
    assert.deepEqual(
      checks.map(({ ok, value, status, why }) => ({ ok, value, status, why })),
      [{ ok: true, value: 3, status: 200, why: '3 below 10' }],
    );
    assert.equal(
      summary,
      'Prometheus: depth: 3 below 10; 1 sample, below 10 needed; before the change: 3 below 10',
    );
    assert.deepEqual([baseline?.value, baseline?.at], [3, before.toISOString()]);
  });

  it('says that a metric is over its limit', async () => {
    const { healthy, summary, checks } = await checked(parsed('depth', { below: 2 }));
    assert.equal(healthy, false);
    assert.match(checks.at(-1)?.why ?? '', /^3 \{__name__="depth", .*\} is not below 2$/);
    assert.match(summary, /^Prometheus: depth: below 2 needed; .*: 3 \{.*\} is not below 2$/);
  });

  it('has no data, and that is not well', async () => {
    const { healthy, checks } = await checked(parsed('depht'));
    assert.deepEqual([healthy, checks.at(-1)?.why], [false, 'no data']);
  });

  it('still knows an old sample, and that is no proof', async () => {
    const { healthy, checks } = await checked(parsed('old'));
    assert.equal(checks.at(-1)?.why, '1 below 10, but sampled before the end of the change');
    assert.equal(healthy, false);
    assert.equal((await checked(parsed('old', { newerThanAction: false }))).healthy, true);
  });

  it('knows several series, and each has to hold', async () => {
    const { healthy, checks } = await checked(parsed('lag', { below: 10 }));
    assert.equal(healthy, false);
    assert.match(checks.at(-1)?.why ?? '', /^20 \{__name__="lag", .*queue="b"\} is not below 10$/);
    const well = await looked('lag', { below: 30 });
    assert.deepEqual([well.healthy, well.checks[0]?.why], [true, '1 and 1 others below 30']);
  });

  for (const query of ['odd', 'endless', '-endless'])
    it(`has a value of ${query} that is no number, and that is not well`, async () => {
      const { healthy, checks } = await looked(query, { above: -1, below: undefined });
      assert.equal(healthy, false);
      assert.match(checks[0]?.why ?? '', /^(NaN|[+-]Inf) .*is not above -1$/);
      assert.equal(checks[0]?.value, undefined);
    });

  it('names the place at which it cannot read a query', async () => {
    for (const query of ['sum(depth) by', 'depth[5m]', 'nonsense(depth)']) {
      const error = await refusal(checked(parsed(query)));
      assert.equal(error.code, 'runbook-invalid');
      assert.match(error.message, /cannot read the query .*(1:\d+: parse error|invalid expression type)/);
      assert.match(error.fix, /Correct the query/);
    }
  });

  it('reads the questions for the age of all that a query reads', async () => {
    for (const query of [
      'sum by (job) (rate(requests_total{job=~"w.*"}[2s])) / on (job) group_left () count by (job) (up)',
      'max_over_time(depth[2s:1s]) + scalar(count({__name__=~"lag|odd"}))',
      'depth + 0 * (depth offset 1s or vector(0))',
      "label_replace(depth, 'a', '$1', 'job', '(.*)') # {job}",
      'max(lag) without (queue) > bool 1 unless absent(depth)',
    ]) {
      const { checks } = await looked(query, { below: 1e9 });
      assert.match(checks.at(-1)?.why ?? '', /below 1000000000/, query);
    }
  });

  it('waits until a range lies after the change', async () => {
    const since = new Date();
    const look = await looked(
      'rate(requests_total[3s])',
      { below: 1e9 },
      { since, until: new Date(Date.now() + 60_000) },
    );
    assert.equal(look.healthy, false);
    assert.ok(look.again !== undefined && look.again.getTime() >= since.getTime() + 3_000);
    assert.match(look.checks[0]?.why ?? '', /sampled before|reaches back before/);
    const until = new Date(Date.now() + 60_000);
    const { healthy, summary } = await checked(
      parsed('rate(requests_total[3s])', { below: 1e9 }),
      moment({ since, until }),
    );
    assert.equal(healthy, true, summary);
  });

  it('sees a metric come back under its limit and stay there', async () => {
    world.depth = 50;
    await server.until('depth', '50');
    const since = new Date();
    const waiting = checked(
      parsed('depth', { for: '3s' }),
      moment({ since, until: new Date(since.getTime() + 60_000) }),
    );
    await server.until(`count(timestamp(depth) > ${since.getTime() / 1_000})`, '1');
    world.depth = 4;
    const { healthy, checks, summary } = await waiting;
    assert.equal(healthy, true, summary);
    const held = checks.slice(checks.findLastIndex(({ ok }) => !ok) + 1);
    assert.ok(held.length >= 4, `${held.length}`);
    assert.ok(held.every(({ value, at }) => value === 4 && at > since.toISOString()));
    world.depth = 3;
    await server.until('depth', '3');
  });

  it('takes a value of a parameter for nothing but a text', async () => {
    for (const [n, name] of hostile.entries())
      for (const template of ['named{name="{name}"}', "named{name=~'{name}'}"]) {
        const { healthy, checks } = await looked(fillPromql(template, { name }), {
          equals: n + 1,
          below: undefined,
        });
        assert.ok(healthy, `${template} with ${name}: ${checks[0]?.why}`);
        const gone = await looked(fillPromql(template, { name: `${name}x` }));
        assert.equal(gone.checks[0]?.why, 'no data');
      }
  });
});
