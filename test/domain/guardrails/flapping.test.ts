import { at, away, type Case, check, HOUR, MINUTE, ok, past, policy } from './cases.ts';

/** The third run within two hours is stopped. */
const third = policy({ flapping: { runs: 3, within: '2h' } });
const after = (...all: ReturnType<typeof past>[]) => ({ ...third, history: ok(all) });
const says = (n: number) =>
  `deny: this would be run number ${n} on this CI within 2 h: look for the cause and open a problem record`;

const cases: Case[] = [
  ['the policy does not count', { history: away }, 'allow: the policy does not count runs on one item'],
  [
    'it is the first run',
    after(),
    'allow: 0 runs on this CI within 2 h',
    { runs: '', incidents: '', within: '2 h' },
  ],
  [
    'it is the second',
    after(past('a', MINUTE)),
    'allow: 1 run on this CI within 2 h',
    { runs: 'a', incidents: 'INC0010001', within: '2 h' },
  ],
  [
    'it is the third, whichever runbooks ran',
    after(past('a', HOUR, 'other'), { ...past('b', MINUTE), incident: 'INC0010002' }),
    `${says(3)} [until ${at(HOUR)}]`,
    { runs: 'b, a', incidents: 'INC0010002, INC0010001', within: '2 h' },
  ],
  [
    'it is the fourth, so two have to be gone first',
    after(past('a', MINUTE), past('b', 2 * MINUTE), past('c', HOUR)),
    `${says(4)} [until ${at(2 * HOUR - 2 * MINUTE)}]`,
    { runs: 'a, b, c', incidents: 'INC0010001', within: '2 h' },
  ],
  [
    'the first of them leaves in a moment',
    after(past('a', 2 * HOUR - 1), past('b', MINUTE)),
    `${says(3)} [until ${at(1)}]`,
  ],
  [
    'the first of them has just left',
    after(past('a', 2 * HOUR), past('b', MINUTE)),
    'allow: 1 run on this CI within 2 h',
    { runs: 'b', incidents: 'INC0010001', within: '2 h' },
  ],
  [
    'nobody knows',
    { ...third, history: away },
    'deny: earlier runs on the item could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail flapping', () => {
  check('flapping', cases);
});
