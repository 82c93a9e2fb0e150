import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judge, type Sample, type Terms, unseen } from '../../../src/adapters/probes/look.ts';

const terms: Terms = {
  what: 'It',
  threshold: { below: 5 },
  forMs: 20,
  everyMs: 10,
  widthMs: 0,
  from: 1_000,
};
const seen = (now: number) => ({ now, status: 200, ms: 7 });
const moment = (until: number) => ({ since: new Date(1_000), until: new Date(until) });
/** Samples 10 apart, the last one at `now`. */
const samples = (now: number, marks: string): Sample[] =>
  [...marks].map((mark, n) => ({
    at: now - (marks.length - 1 - n) * 10,
    ok: mark === '+',
    why: mark === '+' ? 'low' : 'high',
    value: n,
  }));
const look = (marks: string, until = 2_000, change: Partial<Terms> = {}) =>
  judge(samples(1_100, marks), { ...terms, ...change }, seen(1_100), moment(until));

describe('the verdict on samples', () => {
  const cases: [string, string, Partial<Terms>, number | boolean][] = [
    ['holds long enough', '+++', {}, true],
    ['holds long enough after it did not', '-+++', {}, true],
    ['did not hold first', '-++', {}, 1_110],
    ['did not hold a moment ago', '+-+', {}, 1_120],
    ['does not hold now', '++-', {}, 1_130],
    ['needs one sample only', '-+', { forMs: 0 }, true],
    ['needs one sample only, and that is bad', '+-', { forMs: 0 }, 1_110],
    ['has no samples yet', '', {}, 1_110],
    ['stands for the time after it', '++', { widthMs: 10 }, true],
    ['may count only later', '---', { from: 1_500 }, 1_520],
  ];
  for (const [name, marks, change, want] of cases)
    it(`is known, or when it can be known, where it ${name}`, () => {
      const { healthy, again } = look(marks, 2_000, change);
      assert.deepEqual(again === undefined ? healthy : again.getTime(), want);
    });

  it('is no as soon as yes would come too late', () => {
    assert.deepEqual(look('++-', 1_130).again, new Date(1_130));
    const { healthy, again } = look('++-', 1_129);
    assert.deepEqual([healthy, again], [false, undefined]);
    assert.equal(look('++', 1_100).again, undefined);
  });

  it('keeps every sample as evidence, and says what was wrong last', () => {
    const { checks, summary } = look('+-+');
    assert.deepEqual(checks[1], {
      at: '1970-01-01T00:00:01.090Z',
      ok: false,
      status: 200,
      ms: 7,
      why: 'high',
      value: 1,
    });
    assert.equal(checks.length, 3);
    assert.equal(
      summary,
      'It: below 5 for 20 ms needed; 1970-01-01T00:00:01.090Z: high, then it held for 0 ms',
    );
    assert.equal(look('+++').summary, 'It: low; 3 samples, below 5 for 20 ms needed');
    assert.equal(look('').summary, 'It: no data');
  });

  it('is yes exactly when the last samples held long enough, and else never before it could be', () => {
    const marks = fc.string({ unit: fc.constantFrom('+', '-'), maxLength: 12 });
    const time = fc.integer({ min: 0, max: 12 }).map((n) => n * 10);
    fc.assert(
      fc.property(marks, time, time, (written, forMs, left) => {
        const { healthy, again } = look(written, 1_100 + left, { forMs });
        const run = /\+*$/.exec(written)?.[0].length ?? 0;
        assert.equal(healthy, run > 0 && (run - 1) * 10 >= forMs);
        if (again === undefined) return;
        assert.ok(again.getTime() > 1_100 && again.getTime() <= 1_100 + left);
        assert.ok(again.getTime() >= 1_100 - Math.max(0, run - 1) * 10 + forMs || run === 0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a look at which nothing could be seen', () => {
  it('is followed by another one, after the pause that was asked for, until the deadline', () => {
    const at = (waitMs: number, until: number) =>
      unseen('it was away', terms, { ...seen(1_100), status: 0 }, moment(until), waitMs);
    assert.deepEqual(
      [at(0, 1_110).again, at(50, 1_150).again, at(50, 1_149).again],
      [new Date(1_110), new Date(1_150), undefined],
    );
    const { healthy, summary, checks } = at(0, 1_100);
    assert.deepEqual(
      [healthy, summary, checks[0]?.why],
      [false, 'It could not be read: it was away', 'it was away'],
    );
  });
});
