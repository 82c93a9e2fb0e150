import assert from 'node:assert/strict';
import { reachOf } from '../../src/domain/promql-reach.ts';

describe('what a PromQL query reads', () => {
  const cases: [string, string[], number][] = [
    ['up', ['up'], 0],
    ['up{job="x"} == 1', ['up{job="x"}'], 0],
    ['{__name__=~"up|down"}', ['{__name__=~"up|down"}'], 0],
    [
      'sum by (job, zone) (rate(errors{a="}"}[5m])) / on (job) group_left (x) total',
      ['errors{a="}"}', 'total'],
      300_000,
    ],
    ['sum(up) without (job) > bool 1', ['up'], 0],
    ['max_over_time(rate(errors[1m])[5m:30s])', ['errors'], 360_000],
    ['rate(errors[90s]) or increase(errors[1h30m])', ['errors'], 5_400_000],
    ['rate(errors[300])', ['errors'], 300_000],
    ['up - up offset 1d', ['up'], 0],
    ['rate(errors[1m]) / rate(errors[1h] offset 1d)', ['errors'], 60_000],
    ['up @ 1609746000', [], 0],
    ['histogram_quantile(0.99, sum by (le) (rate(b[2m])))', ['b'], 120_000],
    ['vector(1) + time() > Inf', [], 0],
    ['not promql "', [], 0],
    ['up{ job = "x" } # of the shop\n + UP', ['up{job="x"}', 'UP'], 0],
    ['sum(up) + on (job) group_left down', ['up', 'down'], 0],
    ['SUM BY (job) (up) AND on (job) down', ['up', 'down'], 0],
    ['up OFFSET 1d + down', ['down'], 0],
    ['up[] or rate(down[1m])', ['up', 'down'], 60_000],
    ['rate(up[500ms1s]) + rate(up[1w])', ['up'], 604_800_000],
    ['rate(up[1y2w3d4h5m6s7ms])', ['up'], 33_019_506_007],
    ['(up)', ['up'], 0],
    ['up == bool on (a) group_right (b) nan', ['up'], 0],
    ['up == bool on (a) group_left (b) inf', ['up'], 0],
    ['max_over_time(rate(up[1m])[5m:30s] offset 1d)', ['up'], 360_000],
    ['up unless atan2 or ignoring (a) down', ['up', 'down'], 0],
  ];
  for (const [query, selectors, reachMs] of cases)
    it(`is found in ${query}`, () => assert.deepEqual(reachOf(query), { selectors, reachMs }));
});
