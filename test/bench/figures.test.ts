import assert from 'node:assert/strict';
import type { Taken } from '../../bench/drive.ts';
import { compare, figuresOf, median, percentile, type Round, table } from '../../bench/figures.ts';
import { report, textOf } from '../../bench/report.ts';

const took = (toEnd: number): Taken => ({ toCard: toEnd / 10, toRemediation: toEnd / 5, toEnd });
const round = (subject: string, ms: number, ends: readonly number[], change: Partial<Round> = {}): Round => ({
  subject,
  concurrency: 16,
  taken: ends.map(took),
  failed: [],
  ms,
  cpuMs: 100,
  childrenCpuMs: 0,
  worldCpuMs: 10,
  peakRssMb: 200,
  childrenRssMb: 0,
  calls: { 'GET incident': 3 * ends.length },
  ...change,
});

describe('the figures of the bench', () => {
  it('take percentiles by rank and medians in the middle', () => {
    const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
    assert.deepEqual(
      [0.5, 0.95, 0.99].map((share) => percentile(values, share)),
      [5, 10, 10],
    );
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 2.5, Number.NaN]);
  });

  it('put the rates of rounds in the middle and the times of all incidents together', () => {
    const rounds = [
      round('bare', 1_000, [10, 20]),
      round('bare', 2_000, [30, 40], { peakRssMb: 300 }),
      round('bare', 4_000, [50, 60], { failed: ['incident 9: no card was posted'], cpuMs: 400 }),
    ];
    const figures = figuresOf(rounds);
    assert.equal(figures.eventsPerSecond, 1);
    assert.deepEqual(figures.endToEnd, { p50: 30, p95: 60, p99: 60 });
    assert.deepEqual([figures.cpuMsPerEvent, figures.peakRssMb, figures.failed], [50, 300, 1]);
  });

  it('compare each round with the one beside it, not with the average of all', () => {
    // the machine was half as fast in the second round, for both
    const bare = [round('bare', 1_000, [10, 10]), round('bare', 2_000, [20, 20])];
    const handrail = [round('handrail', 2_000, [30, 30]), round('handrail', 4_000, [60, 60])];
    const { throughput, endToEnd } = compare(bare, handrail);
    assert.deepEqual([throughput, endToEnd], [0.5, 3]);
  });

  it('are shown with every subject, its failures and its calls', () => {
    const rounds = [round('bare', 1_000, [10]), round('handrail', 2_000, [30], { failed: ['x'] })];
    const starts = { coldMs: undefined, readyMs: 900, rssMb: 200 };
    const text = textOf(report({ machine: 'a machine', starts, evaluateMs: 0.04, rounds }));
    assert.match(text, /16, handrail \(1 FAILED\)/);
    assert.match(text, /16 at once, handrail {2}0\.50 of its events\/s {2}3\.00 times its end to end/);
    assert.match(text, /median: 0\.040 ms/);
    assert.match(text, /GET incident +3\.00 +3\.00/);
    assert.doesNotMatch(text, /Cold/);
  });

  it('stand in columns', () => {
    assert.equal(
      table([
        ['a', '1'],
        ['long', '200'],
      ]),
      'a       1\nlong  200',
    );
  });
});
