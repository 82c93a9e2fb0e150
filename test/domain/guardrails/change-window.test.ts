import type { ScheduleSpan } from '../../../src/domain/incident.ts';
import { at, away, type Case, change, check, ci, HOUR, MINUTE, ok, policy } from './cases.ts';

type Window = Record<string, unknown>;
const window = (from: string, to: string, more: Window = {}) => ({
  name: 'nights',
  environments: ['test'],
  days: ['sun'],
  from,
  to,
  zone: 'UTC',
  ...more,
});
/** Test needs a window, and these are all there are. */
const windows = (...all: Window[]) => policy({ changeWindowRequired: ['test'], changeWindows: all });
const open = window('09:00', '10:00');
const changes = (...all: ReturnType<typeof change>[]) => ({ changes: ok(all) });
const none = 'deny: no change window is open for test and no approved change covers now';

const span = (kind: ScheduleSpan['kind'], from: number, to: number, name = kind as string): ScheduleSpan => ({
  kind,
  name,
  start: at(from),
  end: at(to),
});
const schedules = (all: readonly ScheduleSpan[], ...named: Window[]) => ({
  schedule: ok(all),
  ...policy({ changeWindowRequired: ['test'], changeWindows: named, servicenowSchedules: true }),
});

const byPolicy: Case[] = [
  ['none is needed', {}, 'allow: test needs no change window', { environment: 'test' }],
  ['one is open', windows(open), 'allow: change window "nights" is open', { window: 'nights' }],
  [
    'the second is open',
    windows(window('10:00', '11:00'), window('08:00', '09:01', { name: 'early' })),
    'allow: change window "early" is open',
  ],
  [
    'it closes this minute',
    windows(window('08:00', '09:00')),
    `${none}; closed: "nights"; "nights" opens 2026-11-29 08:00 UTC [until 2026-11-29T08:00:00.000Z]`,
    { environment: 'test', next: 'nights' },
  ],
  [
    'the next to open is not the first named',
    windows(window('22:00', '23:00'), window('21:00', '21:30', { name: 'evening' })),
    `${none}; closed: "nights", "evening"; "evening" opens 2026-11-22 21:00 UTC [until 2026-11-22T21:00:00.000Z]`,
    { environment: 'test', next: 'evening' },
  ],
  ['there are none', windows(), none, { environment: 'test' }],
  [
    'one is open for another environment',
    {
      ...policy({ changeWindowRequired: ['staging'], changeWindows: [open] }),
      ...ci({ environment: 'staging' }),
    },
    none.replace('test', 'staging'),
  ],
  [
    'the CMDB is away',
    { ci: away },
    'deny: the change window could not be checked: it did not answer [unknown]',
  ],
];

const byChange: Case[] = [
  [
    'a change covers now',
    { ...windows(), ...changes(change()) },
    'allow: change CHG0000007 covers now',
    { change: 'CHG0000007' },
  ],
  [
    'a change that is scheduled covers now',
    { ...windows(), ...changes(change({ state: 'scheduled' })) },
    'allow: change CHG0000007 covers now',
  ],
  [
    'the second change is approved',
    { ...windows(), ...changes(change({ approved: false }), change({ number: 'CHG0000008' })) },
    'allow: change CHG0000008 covers now',
  ],
  ['the change is not approved', { ...windows(), ...changes(change({ approved: false })) }, none],
  [
    'the change goes on after its planned time',
    { ...windows(), ...changes(change({ start: at(-HOUR), end: at(0), begun: true })) },
    none,
  ],
  ['the change is on hold', { ...windows(), ...changes(change({ onHold: true })) }, none],
  ['the change is in another state', { ...windows(), ...changes(change({ state: 'other' })) }, none],
  [
    'the change ends this moment',
    { ...windows(), ...changes(change({ start: at(-HOUR), end: at(0) })) },
    none,
  ],
  [
    'the change ends in a moment',
    { ...windows(), ...changes(change({ end: at(1) })) },
    'allow: change CHG0000007 covers now',
  ],
  ['the change starts in a moment', { ...windows(), ...changes(change({ start: at(1) })) }, none],
  [
    'the changes cannot be read',
    { ...windows(), changes: away },
    'deny: the change window could not be checked: it did not answer [unknown]',
  ],
  [
    'the changes cannot be read and a window is open',
    { ...windows(open), changes: away },
    'allow: change window "nights" is open',
  ],
];

const blackout = 'deny: blackout "blackout" until 2026-11-22 10:00 UTC';
const bySchedule: Case[] = [
  [
    'ServiceNow names a maintenance window',
    schedules([span('maintenance', 0, HOUR, 'patch night')]),
    'allow: maintenance window "patch night" is open',
    { maintenance: 'patch night' },
  ],
  ['the maintenance window ends this moment', schedules([span('maintenance', -HOUR, 0)]), none],
  [
    'the maintenance window begins in a moment',
    schedules([span('maintenance', 1, HOUR, 'patch night')]),
    `${none}; "patch night" opens 2026-11-22 09:00 UTC [until 2026-11-22T09:00:00.001Z]`,
  ],
  [
    'the maintenance window opens before the window of the policy',
    schedules([span('maintenance', HOUR, 2 * HOUR, 'patch night')], window('12:00', '13:00')),
    `${none}; closed: "nights"; "patch night" opens 2026-11-22 10:00 UTC [until 2026-11-22T10:00:00.000Z]`,
  ],
  [
    'the window of the policy opens before the maintenance window',
    schedules([span('maintenance', 9 * HOUR, 10 * HOUR)], window('12:00', '13:00')),
    `${none}; closed: "nights"; "nights" opens 2026-11-22 12:00 UTC [until 2026-11-22T12:00:00.000Z]`,
  ],
  [
    'a blackout is on while a window is open',
    schedules([span('blackout', 0, HOUR)], window('09:00', '12:00')),
    `${blackout} [until 2026-11-22T10:00:00.000Z]`,
    { environment: 'test', blackout: 'blackout' },
  ],
  [
    'a blackout is on while an approved change covers now',
    { ...schedules([span('blackout', 0, HOUR)]), ...changes(change()) },
    blackout,
  ],
  [
    'a blackout ends after the window has closed',
    schedules([span('blackout', 0, HOUR)], open),
    `${blackout} [until 2026-11-29T09:00:00.000Z]`,
  ],
  [
    'a blackout ends within a maintenance window',
    schedules([span('blackout', 0, HOUR), span('maintenance', 0, HOUR + 1)]),
    `${blackout} [until 2026-11-22T10:00:00.000Z]`,
  ],
  [
    'a blackout ends when the maintenance window does',
    schedules([span('blackout', 0, HOUR), span('maintenance', 0, HOUR)]),
    blackout,
  ],
  [
    'another blackout is on when the window opens next',
    schedules([span('blackout', 2 * HOUR, 4 * HOUR)], window('12:00', '15:00')),
    `${none}; closed: "nights"; "nights" opens 2026-11-22 13:00 UTC [until 2026-11-22T13:00:00.000Z]`,
  ],
  [
    'a blackout covers the whole window, so the next one counts',
    schedules([span('blackout', 3 * HOUR, 4 * HOUR)], window('12:00', '13:00')),
    `${none}; closed: "nights"; "nights" opens 2026-11-29 12:00 UTC [until 2026-11-29T12:00:00.000Z]`,
  ],
  [
    'a blackout ends this moment',
    schedules([span('blackout', -HOUR, 0)], open),
    'allow: change window "nights" is open',
  ],
  [
    'a blackout begins in a moment',
    schedules([span('blackout', 1, HOUR)], open),
    'allow: change window "nights" is open',
  ],
  [
    'a blackout is on where no window is needed',
    {
      ...policy({ servicenowSchedules: true }),
      schedule: ok([span('blackout', 0, HOUR), span('blackout', HOUR, HOUR + MINUTE)]),
    },
    `${blackout} [until 2026-11-22T10:01:00.000Z]`,
  ],
  [
    'the schedules cannot be read, even when a window is open',
    { ...schedules([], open), schedule: away },
    'deny: the maintenance and blackout times could not be checked: it did not answer [unknown]',
  ],
  [
    'the policy does not ask for schedules',
    { ...windows(open), schedule: ok([span('blackout', 0, HOUR)]) },
    'allow: change window "nights" is open',
  ],
];

describe('the guardrail change window', () => {
  check('change window', [...byPolicy, ...byChange, ...bySchedule]);
});
