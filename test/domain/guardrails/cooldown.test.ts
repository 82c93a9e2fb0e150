import { at, away, type Case, check, MINUTE, ok, past, runbook } from './cases.ts';

const ran = (...all: ReturnType<typeof past>[]) => ({ history: ok(all) });

const cases: Case[] = [
  ['it never ran', {}, 'allow: no earlier run on this CI'],
  ['only another runbook ran', ran(past('a', 0, 'other')), 'allow: no earlier run on this CI'],
  [
    'it ran just now',
    ran(past('a', 0)),
    `deny: ran 0 ms ago; the cooldown is 30 min [until ${at(30 * MINUTE)}]`,
    { run: 'a', at: at(0) },
  ],
  [
    'it ran a moment too late',
    ran(past('a', 30 * MINUTE - 1)),
    `deny: ran 30 min ago; the cooldown is 30 min [until ${at(1)}]`,
  ],
  [
    'it ran exactly so long ago',
    ran(past('a', 30 * MINUTE)),
    'allow: last run 30 min ago',
    { run: 'a', at: at(-30 * MINUTE) },
  ],
  [
    'the last of several runs counts, in whatever order they come',
    ran(past('a', 60 * MINUTE), past('b', 10 * MINUTE), past('c', 50 * MINUTE), past('d', 0, 'other')),
    `deny: ran 10 min ago; the cooldown is 30 min [until ${at(20 * MINUTE)}]`,
    { run: 'b', at: at(-10 * MINUTE) },
  ],
  [
    'it ran in the future of another clock',
    ran(past('a', -5 * MINUTE)),
    `deny: ran 0 ms ago; the cooldown is 30 min [until ${at(35 * MINUTE)}]`,
  ],
  [
    'the runbook has none',
    { ...runbook({ cooldown: '0s' }), history: away },
    'allow: the runbook has no cooldown',
  ],
  ['nobody knows', { history: away }, 'deny: the cooldown could not be checked: it did not answer [unknown]'],
];

describe('the guardrail cooldown', () => {
  check('cooldown', cases);
});
