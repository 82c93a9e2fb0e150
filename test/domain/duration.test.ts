import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Duration, spell } from '../../src/domain/duration.ts';

describe('a duration', () => {
  for (const [text, ms] of [
    ['0s', 0],
    ['250ms', 250],
    ['45s', 45_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ] as const)
    it(`reads ${text}`, () => assert.equal(Duration.parse(text), ms));

  for (const text of ['', '30', 'm', '1.5h', '-1m', '1 h', '1H', '1w', '1h30m', ' 1h', 30])
    it(`does not guess what ${JSON.stringify(text)} means`, () => {
      const { success, error } = Duration.safeParse(text);
      assert.equal(success, false);
      if (typeof text === 'string') assert.match(error?.message ?? '', /45s, 30m, 2h or 1d/);
    });

  for (const [ms, words] of [
    [-5, '0 ms'],
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [5_400_000, '90 min'],
    [7_200_000, '2 h'],
    [172_799_000, '48 h'],
    [172_800_000, '2 d'],
  ] as const)
    it(`spells ${ms} ms as ${words}`, () => assert.equal(spell(ms), words));

  it('is spelled to the nearest whole unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 400 * 86_400_000 }), (ms) => {
        const [amount = '', unit = ''] = spell(ms).replace('min', 'm').split(' ');
        const one = Duration.parse(`1${unit}`);
        assert.ok(Math.abs(Number(amount) * one - ms) <= one / 2, `${ms} is not ${spell(ms)}`);
      }),
    );
  });
});
