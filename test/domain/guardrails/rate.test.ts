import { at, away, type Case, check, HOUR, MINUTE, ok, past, policy } from './cases.ts';

const limits = (change: Record<string, unknown>) => policy({ limits: change });
const ran = (...all: ReturnType<typeof past>[]) => ({ lastHour: ok(all) });
const two = ran(past('a', 10 * MINUTE), past('b', 40 * MINUTE, 'other'));

const cases: Case[] = [
  ['it is not limited', { lastHour: away }, 'allow: the rate is not limited'],
  [
    'one more may start',
    { ...limits({ perHour: 3 }), ...two },
    'allow: 2 runs in the last hour',
    { runs: '2', 'runs of recycle': '1' },
  ],
  [
    'no more may start',
    { ...limits({ perHour: 2 }), ...two },
    `deny: 2 runs in the last hour; at most 2 may [until ${at(20 * MINUTE)}]`,
    { runs: '2', 'runs of recycle': '1' },
  ],
  [
    'more have started than may, so the younger one has to leave',
    { ...limits({ perHour: 1 }), ...two },
    `deny: 2 runs in the last hour; at most 1 may [until ${at(50 * MINUTE)}]`,
  ],
  [
    'no more of this runbook may start',
    { ...limits({ perRunbookPerHour: 1 }), ...two },
    `deny: 1 runs of recycle in the last hour; at most 1 may [until ${at(50 * MINUTE)}]`,
  ],
  [
    'one more of this runbook may start',
    { ...limits({ perRunbookPerHour: 2 }), ...two },
    'allow: 2 runs in the last hour',
  ],
  [
    'both limits are reached',
    { ...limits({ perHour: 2, perRunbookPerHour: 1 }), ...two },
    `deny: 2 runs in the last hour; at most 2 may; 1 runs of recycle in the last hour; at most 1 may [until ${at(50 * MINUTE)}]`,
  ],
  [
    'one started nearly an hour ago',
    { ...limits({ perHour: 1 }), ...ran(past('a', HOUR - 1)) },
    `deny: 1 runs in the last hour; at most 1 may [until ${at(1)}]`,
  ],
  [
    'one started an hour ago',
    { ...limits({ perHour: 1 }), ...ran(past('a', HOUR)) },
    'allow: 0 runs in the last hour',
  ],
  [
    'nobody knows',
    { ...limits({ perRunbookPerHour: 9 }), lastHour: away },
    'deny: the runs of the last hour could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail rate', () => {
  check('rate', cases);
});
