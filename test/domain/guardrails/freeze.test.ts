import { at, away, type Case, check, MINUTE, policy } from './cases.ts';

const freeze = (from: string, to: string, name = 'year end', environments = ['test']) => ({
  name,
  environments,
  from,
  to,
});
const freezes = (...all: ReturnType<typeof freeze>[]) => policy({ freezes: all });
const none = 'allow: no change freeze for test';

const cases: Case[] = [
  ['the policy names none', {}, 'allow: the policy names no change freeze'],
  ['the policy names none and the CMDB is away', { ci: away }, 'allow: the policy names no change freeze'],
  [
    'one is on',
    freezes(freeze(at(0), '2026-11-23T00:00:00Z')),
    'deny: change freeze "year end" until 2026-11-23 00:00 UTC [until 2026-11-23T00:00:00.000Z]',
    { environment: 'test', freeze: 'year end' },
  ],
  [
    'one is on, written with another offset',
    freezes(freeze('2026-11-22T10:00:00+01:00', '2026-11-22T11:00:00+01:00')),
    'deny: change freeze "year end" until 2026-11-22 10:00 UTC [until 2026-11-22T10:00:00.000Z]',
  ],
  ['one ends this moment', freezes(freeze(at(-MINUTE), at(0))), none, { environment: 'test' }],
  [
    'one ends in a moment',
    freezes(freeze(at(-MINUTE), at(1))),
    'deny: change freeze "year end" until 2026-11-22 09:00 UTC [until 2026-11-22T09:00:00.001Z]',
  ],
  ['one begins in a moment', freezes(freeze(at(1), at(MINUTE))), none],
  ['one is on elsewhere', freezes(freeze(at(0), at(MINUTE), 'other', ['production'])), none],
  [
    'one follows another without a gap',
    freezes(freeze(at(MINUTE), at(2 * MINUTE), 'b'), freeze(at(0), at(MINUTE), 'a')),
    'deny: change freeze "a" until 2026-11-22 09:02 UTC [until 2026-11-22T09:02:00.000Z]',
  ],
  [
    'one follows another, elsewhere',
    freezes(freeze(at(0), at(MINUTE), 'a'), freeze(at(MINUTE), at(2 * MINUTE), 'b', ['production'])),
    'deny: change freeze "a" until 2026-11-22 09:01 UTC [until 2026-11-22T09:01:00.000Z]',
  ],
  [
    'the CMDB is away',
    { ...freezes(freeze(at(0), at(1))), ci: away },
    'deny: the change freeze could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail freeze', () => {
  check('freeze', cases);
});
