import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextTurn, usualLimits } from '../../src/domain/intake-limits.ts';

describe('the pace of the intake', () => {
  const rate = { most: 3, withinMs: 60_000 };
  const take = (nows: readonly number[]): number[] => {
    const all: number[] = [];
    let taken: readonly number[] = [];
    for (const now of nows) {
      taken = nextTurn(taken, rate, now);
      all.push(taken.at(-1) ?? Number.NaN);
    }
    return all;
  };

  it('gives turns at once while there is room, then one after the other', () =>
    assert.deepEqual(take([0, 10, 20, 30, 40, 50, 60]), [0, 10, 20, 60_000, 60_010, 60_020, 120_000]));

  it('gives turns at once again when the window has passed', () =>
    assert.deepEqual(take([0, 10, 20, 60_000, 60_005]), [0, 10, 20, 60_000, 60_010]));

  it('never gives more turns in any window than it may, and none before it was asked for', () => {
    const steps = fc.array(fc.nat(40_000), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (pauses) => {
        let now = 0;
        const nows = pauses.map((pause) => (now += pause));
        const turns = take(nows);
        turns.forEach((at, n) => {
          assert.ok(at >= (nows[n] ?? 0));
          const fourthAfter = turns[n + rate.most] ?? Number.POSITIVE_INFINITY;
          assert.ok(fourthAfter - at >= rate.withinMs);
        });
      }),
    );
  });

  for (const [what, limit, aMinute] of [
    ['an incident', usualLimits.perIncident, 6],
    ['the incidents of one item', usualLimits.perCi, 20],
    ['deliveries that are refused', usualLimits.refusals, 30],
  ] as const)
    it(`takes up ${what} ${aMinute} times a minute, unless the operator says otherwise`, () => {
      let taken: readonly number[] = [];
      for (let n = 0; n < aMinute; n++) taken = nextTurn(taken, limit, 0);
      assert.deepEqual([taken.at(-1), nextTurn(taken, limit, 0).at(-1)], [0, 60_000]);
    });

  it('remembers no more than it needs', () => {
    let taken: readonly number[] = [];
    for (let n = 0; n < 1_000; n++) taken = nextTurn(taken, rate, 0);
    assert.equal(taken.length, 3);
  });
});
