import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChangeWindow, isOpen } from '../../src/domain/windows.ts';

const window = (days: string[], from: string, to: string, zone = 'UTC'): ChangeWindow =>
  ChangeWindow.parse({ name: 'w', environments: ['production'], days, from, to, zone });
const weekend = ['sat', 'sun'];
const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** 2026-11-22 is a Sunday. In Berlin the clock goes back on 2026-10-25 at 03:00, and forward on 2026-03-29 at 02:00. */
const cases: [string, ChangeWindow, string, boolean][] = [
  ['opens at its first minute', window(['sun'], '09:00', '17:00'), '2026-11-22T09:00:00Z', true],
  ['is closed the moment before', window(['sun'], '09:00', '17:00'), '2026-11-22T08:59:59.999Z', false],
  ['is open until the last moment', window(['sun'], '09:00', '17:00'), '2026-11-22T16:59:59.999Z', true],
  ['closes at its end', window(['sun'], '09:00', '17:00'), '2026-11-22T17:00:00Z', false],
  ['is closed on other days', window(['sun'], '09:00', '17:00'), '2026-11-23T10:00:00Z', false],
  ['covers a whole day', window(['sun'], '00:00', '24:00'), '2026-11-22T23:59:59.999Z', true],
  ['covers a whole day from its start', window(['sun'], '00:00', '24:00'), '2026-11-22T00:00:00Z', true],
  ['does not reach into the next day', window(['sun'], '00:00', '24:00'), '2026-11-23T00:00:00Z', false],

  ['runs past midnight', window(['sat'], '22:00', '06:00'), '2026-11-22T05:59:00Z', true],
  [
    'that runs past midnight belongs to the day it starts',
    window(['sun'], '22:00', '06:00'),
    '2026-11-22T05:59:00Z',
    false,
  ],
  [
    'that runs past midnight ends on the next morning',
    window(['sat'], '22:00', '06:00'),
    '2026-11-22T06:00:00Z',
    false,
  ],
  [
    'that runs past midnight is closed during the day',
    window(weekend, '22:00', '06:00'),
    '2026-11-22T12:00:00Z',
    false,
  ],
  [
    'runs past midnight from Saturday to Sunday, the turn of the week',
    window(['sun'], '22:00', '06:00'),
    '2026-11-23T01:00:00Z',
    true,
  ],
  ['ends at midnight', window(['sun'], '22:00', '00:00'), '2026-11-22T23:59:00Z', true],
  ['that ends at midnight is closed then', window(['sun'], '22:00', '00:00'), '2026-11-23T00:00:00Z', false],

  [
    'is judged by the clock of its zone',
    window(['sun'], '09:00', '17:00', 'Europe/Berlin'),
    '2026-11-22T08:00:00Z',
    true,
  ],
  [
    'is closed by the clock of its zone',
    window(['sun'], '09:00', '17:00', 'Europe/Berlin'),
    '2026-11-22T16:00:00Z',
    false,
  ],
  [
    'falls on the day of its zone, ahead of UTC',
    window(['mon'], '09:00', '17:00', 'Pacific/Auckland'),
    '2026-11-22T21:00:00Z',
    true,
  ],
  [
    'falls on the day of its zone, behind UTC',
    window(['sat'], '20:00', '23:00', 'America/Los_Angeles'),
    '2026-11-22T05:00:00Z',
    true,
  ],
  [
    'knows zones of half an hour',
    window(['sun'], '14:30', '15:00', 'Asia/Kolkata'),
    '2026-11-22T09:00:00Z',
    true,
  ],

  [
    'in summer is an hour earlier in UTC',
    window(all, '22:00', '23:00', 'Europe/Berlin'),
    '2026-07-01T20:30:00Z',
    true,
  ],
  ['in winter is not', window(all, '22:00', '23:00', 'Europe/Berlin'), '2026-12-01T20:30:00Z', false],
  [
    'is open up to the hour that is left out',
    window(all, '01:00', '03:00', 'Europe/Berlin'),
    '2026-03-29T00:59:00Z',
    true,
  ],
];

describe('a change window', () => {
  for (const [name, rule, at, open] of cases)
    it(`${name} (${at})`, () => assert.equal(isOpen({ ...rule }, new Date(at)), open));

  it('in UTC is what the UTC clock says, at any minute of any day', () => {
    const minutes = fc.integer({ min: 0, max: 1_439 });
    const clock = (at: number) =>
      `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const days = fc.subarray(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], { minLength: 1 });
    fc.assert(
      fc.property(minutes, minutes, days, fc.integer({ min: 0, max: 10_079 }), (from, to, open, at) => {
        fc.pre(from !== to);
        const moment = new Date(Date.UTC(2026, 10, 22) + at * 60_000);
        const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
        // every start of the window in the last two days, and whether it still lasts
        const expected = [0, 1].some((ago) => {
          const day = Math.floor(at / 1_440) - ago;
          const start = day * 1_440 + from;
          const length = (to - from + 1_440) % 1_440;
          return open.includes(names[(day + 7) % 7] ?? '') && at >= start && at < start + length;
        });
        assert.equal(isOpen(window(open, clock(from), clock(to)), moment), expected);
      }),
    );
  });

  it('of a whole week in any zone is always open', () => {
    const zones = [
      'Europe/Berlin',
      'Asia/Kolkata',
      'Pacific/Auckland',
      'America/St_Johns',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }),
        (zone, at) => assert.ok(isOpen(window(all, '00:00', '24:00', zone), at)),
      ),
    );
  });
});

describe('a window that cannot be', () => {
  const written = (change: Record<string, unknown>) =>
    ChangeWindow.safeParse({
      name: 'w',
      environments: ['test'],
      days: ['sun'],
      from: '22:00',
      to: '06:00',
      zone: 'UTC',
      ...change,
    });
  const faults: [Record<string, unknown>, string][] = [
    [{ from: '24:00' }, 'expected a time such as 22:00'],
    [{ from: '9:00' }, 'expected a time such as 22:00'],
    [{ from: '22:60' }, 'expected a time such as 22:00'],
    [{ from: ' 22:00' }, 'expected a time such as 22:00'],
    [{ from: '22:000' }, 'expected a time such as 22:00'],
    [{ to: '24:01' }, 'expected a time such as 22:00, or 24:00 for the end of the day'],
    [{ to: '25:00' }, 'expected a time such as 22:00, or 24:00 for the end of the day'],
    [{ to: '06:001' }, 'expected a time such as 22:00, or 24:00 for the end of the day'],
    [{ to: 'x06:00' }, 'expected a time such as 22:00, or 24:00 for the end of the day'],
    [{ to: '22:00' }, 'the same as from; write 00:00 to 24:00 for a whole day'],
    [{ zone: 'Europe/Bielefeld' }, 'expected an IANA time zone such as Europe/Berlin'],
    [{ name: '' }, 'Too small: expected string to have >=1 characters'],
    [{ days: [] }, 'Too small: expected array to have >=1 items'],
    [{ environments: [] }, 'Too small: expected array to have >=1 items'],
  ];

  for (const [change, message] of faults)
    it(`is refused: ${JSON.stringify(change)}`, () => {
      const [issue] = written(change).error?.issues ?? [];
      assert.equal(issue?.message, message);
      assert.deepEqual(issue?.path, Object.keys(change));
    });

  it('is refused with what nobody knows', () => {
    assert.equal(written({ until: '2027-01-01' }).success, false);
    assert.equal(written({ days: ['sunday'] }).success, false);
    assert.equal(written({ environments: ['qa'] }).success, false);
  });

  it('is none of these', () => {
    for (const change of [{}, { to: '24:00' }, { from: '00:00', to: '23:59' }, { from: '19:59' }])
      assert.equal(written(change).success, true);
  });
});
