import assert from 'node:assert/strict';
import { ChangeWindow, isOpen, openingAfter } from '../../src/domain/windows.ts';

const window = (on: string[], from: string, to: string, zone = 'UTC'): ChangeWindow =>
  ChangeWindow.parse({ name: 'w', environments: ['production'], days: on, from, to, zone });
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const berlin = (from: string, to: string) => window(days, from, to, 'Europe/Berlin');
const saturday = (from: string, to: string, zone: string) => window(['sat'], from, to, zone);
const spring = '2026-03-28T23:00Z';
const autumn = '2026-10-24T22:00Z';

/**
 * What is written, a moment, and when it opens and closes next. In Berlin 02:00 to 03:00 is left out on 2026-03-29, which
 * begins at 23:00 UTC, and comes twice on 2026-10-25, which begins at 22:00 UTC.
 */
const changed: [string, ChangeWindow, string, string, string][] = [
  ['lasts on over the hour that is left out', berlin('01:00', '03:00'), spring, '03-29T00:00', '03-29T01:00'],
  ['opens after the hour that is left out', berlin('02:00', '04:00'), spring, '03-29T01:00', '03-29T02:00'],
  ['opens no later when written within it', berlin('02:30', '04:00'), spring, '03-29T01:00', '03-29T02:00'],
  [
    'lasts as long as written when it would close in it',
    berlin('01:00', '02:30'),
    spring,
    '03-29T00:00',
    '03-29T01:30',
  ],
  [
    'lasts as long as written when it lies in it',
    berlin('02:15', '02:45'),
    spring,
    '03-29T01:00',
    '03-29T01:30',
  ],
  [
    'lasts as long as written when it is the hour left out',
    berlin('02:00', '03:00'),
    spring,
    '03-29T01:00',
    '03-29T02:00',
  ],
  ['keeps a minute that is left of it', berlin('02:00', '03:01'), spring, '03-29T01:00', '03-29T01:01'],
  ['closes at the jump when written so', berlin('01:30', '02:00'), spring, '03-29T00:30', '03-29T01:00'],
  [
    'covers a day of 23 hours',
    window(['sun'], '00:00', '24:00', 'Europe/Berlin'),
    spring,
    '03-28T23:00',
    '03-29T22:00',
  ],

  ['covers the hour that comes twice, once', berlin('02:00', '03:00'), autumn, '10-25T00:00', '10-25T02:00'],
  [
    'opens at the first and closes at the second',
    berlin('02:30', '02:45'),
    autumn,
    '10-25T00:30',
    '10-25T01:45',
  ],
  ['does not close in between', berlin('01:00', '02:30'), autumn, '10-24T23:00', '10-25T01:30'],
  ['opens at the first time only', berlin('02:30', '04:00'), autumn, '10-25T00:30', '10-25T03:00'],
  [
    'covers a day of 25 hours',
    window(['sun'], '00:00', '24:00', 'Europe/Berlin'),
    autumn,
    '10-24T22:00',
    '10-25T23:00',
  ],
  [
    'knows changes of half an hour, forward',
    window(['sun'], '02:15', '03:00', 'Australia/Lord_Howe'),
    '2026-10-03T12:00Z',
    '10-03T15:30',
    '10-03T16:00',
  ],
  [
    'knows changes of half an hour, back',
    window(['sun'], '01:30', '01:45', 'Australia/Lord_Howe'),
    '2026-04-04T12:00Z',
    '04-04T14:30',
    '04-04T15:15',
  ],
  [
    'ends the day at the first midnight, when midnight comes twice on the next',
    saturday('22:00', '24:00', 'America/Havana'),
    '2026-10-31T12:00Z',
    '11-01T02:00',
    '11-01T04:00',
  ],
  [
    'ends the day so when it is written as 00:00',
    saturday('22:00', '00:00', 'America/Havana'),
    '2026-10-31T12:00Z',
    '11-01T02:00',
    '11-01T04:00',
  ],
  [
    'closes after midnight at the second time',
    saturday('22:00', '00:30', 'America/Havana'),
    '2026-10-31T12:00Z',
    '11-01T02:00',
    '11-01T05:30',
  ],
  [
    'ends the day at the second midnight, when the clock goes back into the day',
    saturday('22:00', '24:00', 'America/St_Johns'),
    '2010-11-06T12:00Z',
    '11-07T00:30',
    '11-07T03:30',
  ],
  [
    'ends the day where the next begins, when midnight is left out',
    saturday('22:00', '24:00', 'America/Havana'),
    '2026-03-07T12:00Z',
    '03-08T03:00',
    '03-08T05:00',
  ],
  [
    'covers a whole day when the midnight after it is left out',
    saturday('00:00', '24:00', 'America/Havana'),
    '2026-03-06T12:00Z',
    '03-07T05:00',
    '03-08T05:00',
  ],
  [
    'lasts as long as written past a midnight, when it would close in the hour left out',
    saturday('22:30', '00:30', 'America/Havana'),
    '2026-03-07T12:00Z',
    '03-08T03:30',
    '03-08T05:30',
  ],
  [
    'opens on the next date of the kind, when a whole date is left out',
    window(['fri'], '09:00', '17:00', 'Pacific/Apia'),
    '2011-12-29T12:00Z',
    '01-05T19:00',
    '01-06T03:00',
  ],
  [
    'lasts as long as written when it would close on a date that is left out',
    window(['thu'], '22:00', '06:00', 'Pacific/Apia'),
    '2011-12-29T12:00Z',
    '12-30T08:00',
    '12-30T16:00',
  ],
];

describe('a change window where a clock is changed', () => {
  for (const [name, written, at, from, to] of changed)
    it(`${name} (${written.from} to ${written.to}, ${written.zone})`, () => {
      // what a window comes to is remembered with the window: each test has one of its own
      const rule = { ...written };
      const opens = openingAfter([rule], new Date(at))?.at ?? assert.fail('it never opens');
      assert.equal(opens.toISOString().slice(5, 16), from);
      const closes = new Date(`${opens.getUTCFullYear()}-${to}Z`);
      assert.equal(isOpen(rule, new Date(closes.getTime() - 1)), true);
      assert.equal(isOpen(rule, closes), false);
      assert.equal(isOpen(rule, new Date(opens.getTime() - 1)), false);
    });
});
