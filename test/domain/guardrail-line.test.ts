import assert from 'node:assert/strict';
import { ageOf, Effect, GuardrailLine } from '../../src/domain/guardrail-line.ts';

describe('a line of a guardrail', () => {
  const least = { guardrail: 'freeze', effect: 'deny', reason: 'year end' };
  const whole = {
    ...least,
    facts: { freeze: 'year end' },
    source: 'policy',
    readAt: '2026-11-22T09:00:00.000Z',
    until: '2027-01-06T00:00:00.000Z',
    passing: true,
    unknown: true,
  };

  it('says what, why, and on what it rests', () => {
    assert.deepEqual(GuardrailLine.parse(least), least);
    assert.deepEqual(GuardrailLine.parse(whole), whole);
  });

  for (const wrong of [
    { effect: 'maybe' },
    { effect: '' },
    { reason: undefined },
    { guardrail: undefined },
    { facts: { runs: 3 } },
    { source: 1 },
    { passing: false },
    { unknown: false },
    { verdict: 'deny' },
  ])
    it(`is none with ${JSON.stringify(wrong)}`, () =>
      assert.equal(GuardrailLine.safeParse({ ...least, ...wrong }).success, false));

  it('allows, asks people, or says no', () =>
    assert.deepEqual(Effect.options, ['allow', 'require-approval', 'deny']));

  it('tells how old what it rests on was, and nothing when that was fresh', () => {
    assert.equal(ageOf({ readAt: '2026-11-22T09:00:00.000Z' }, '2026-11-22T09:00:18.000Z'), '18 s old');
    assert.equal(ageOf({}, '2026-11-22T09:00:18.000Z'), '');
  });
});
