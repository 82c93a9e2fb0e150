import assert from 'node:assert/strict';
import { momentOf } from '../../../src/adapters/teams/moment.ts';

describe('a typed moment', () => {
  const moments: [string, string | undefined][] = [
    ['2026-12-01', '2026-12-01T23:59:59.000Z'],
    ['2028-02-29', '2028-02-29T23:59:59.000Z'],
    ['2026-12-01T08:30Z', '2026-12-01T08:30:00.000Z'],
    ['2026-12-01t08:30:15z', '2026-12-01T08:30:15.000Z'],
    ['2026-12-01T08:30+05:30', '2026-12-01T03:00:00.000Z'],
    ['2026-12-01T08:30', undefined],
    ['2026-02-30', undefined],
    ['2026-02-30T08:30Z', undefined],
    ['2027-02-29', undefined],
    ['2026-13-01', undefined],
    ['2026-12-01T25:00Z', undefined],
    ['2026-12-01T08:30+99:00', undefined],
    ['tomorrow', undefined],
    ['1.12.2026', undefined],
    ['', undefined],
  ];
  for (const [typed, moment] of moments)
    it(`${typed || 'nothing'} is ${moment ?? 'none'}`, () => assert.equal(momentOf(typed), moment));
});
