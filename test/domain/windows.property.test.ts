import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChangeWindow, isOpen, openingAfter } from '../../src/domain/windows.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Moments at which a clock was or will be changed. */
const transitions: [zone: string, at: string][] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  // by half an hour
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['America/St_Johns', '2026-03-08T05:30Z'],
  ['America/St_Johns', '2026-11-01T04:30Z'],
  // at 00:01, back into the day before
  ['America/St_Johns', '2010-11-07T02:31Z'],
  // over a whole date
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Apia', '2012-03-31T14:00Z'],
  ['Pacific/Apia', '2012-09-29T14:00Z'],
  // midnight comes twice, or not at all
  ['America/Havana', '2026-11-01T05:00Z'],
  ['America/Havana', '2026-03-08T05:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00Z'],
];
const quiet = ['Asia/Kolkata', 'UTC'];

type Reading = { readonly date: string; readonly day: number; readonly minutes: number };

function clockOf(zone: string): (at: number) => Reading {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
    const minutes = Number(parts['hour']) * 60 + Number(parts['minute']);
    return { date, day: new Date(`${date}T00:00Z`).getUTCDay(), minutes };
  };
}

const localTime = ({ date, minutes }: Reading): number => Date.parse(date) + minutes * MINUTE;

const spell = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Times of day, often at the hours at which clocks are changed. */
const time = fc.oneof(
  fc.integer({ min: 0, max: 1_439 }),
  fc.constantFrom(0, 1, 30, 60, 90, 105, 120, 150, 180, 181, 1_380, 1_381, 1_410, 1_439),
);
const windowsIn = (zone: string): fc.Arbitrary<ChangeWindow> =>
  fc
    .record({
      days: fc.subarray(days, { minLength: 1 }),
      from: time,
      to: fc.oneof(time, fc.constant(1_440)),
    })
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, ...rest }) =>
      ChangeWindow.parse({
        name: 'w',
        environments: ['test'],
        zone,
        from: spell(from),
        to: spell(to),
        ...rest,
      }),
    );

/** A window and a moment, within a day and a half of a change of the clock. */
const near = fc.constantFrom(...transitions).chain(([zone, at]) =>
  fc.record({
    zone: fc.constant(zone),
    change: fc.constant(Date.parse(at)),
    window: windowsIn(zone),
    now: fc.integer({ min: -1.5 * DAY, max: 1.5 * DAY }).map((ms) => Date.parse(at) + ms),
  }),
);

describe('change windows where a clock is changed', () => {
  for (const [zone, at] of transitions)
    it(`are tried at a moment at which it is: ${zone}, ${at}`, () => {
      const local = (ms: number) => localTime(clockOf(zone)(ms));
      assert.notEqual(local(Date.parse(at)) - local(Date.parse(at) - MINUTE), MINUTE);
    });

  it('open and close when a reading of the clock, minute by minute, says so', () => {
    const seen = new Map<string, Dates>();
    fc.assert(
      fc.property(near, ({ zone, change, window, now }) => {
        const key = `${zone} ${change}`;
        const dates = seen.get(key) ?? datesAround(zone, change);
        seen.set(key, dates);
        const expected = read(window, dates).some(([from, to]) => from <= now && now < to);
        assert.equal(isOpen(window, new Date(now)), expected);
      }),
      { numRuns: 600 },
    );
  });

  it('open next at a moment at which one is open and none was before', () => {
    fc.assert(
      fc.property(near, fc.context(), ({ zone, window, now }, context) => {
        const also = ChangeWindow.parse({ ...window, name: 'also', days: ['wed'], zone });
        opensNext([window, also], now, context);
      }),
      { numRuns: 200 },
    );
  });
});

describe('change windows on ordinary days', () => {
  const zones = [...new Set([...transitions.map(([zone]) => zone), ...quiet])];
  const ordinary = fc.constantFrom(...zones).chain((zone) =>
    fc.record({
      zone: fc.constant(zone),
      window: windowsIn(zone),
      now: fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-12-31') }),
    }),
  );
  const clocks = new Map(zones.map((zone) => [zone, clockOf(zone)]));
  const offset = (zone: string, at: number) => {
    const reading = clocks.get(zone)?.(at) ?? assert.fail(zone);
    return localTime(reading) - Math.floor(at / MINUTE) * MINUTE;
  };
  const isOrdinary = (zone: string, now: number) =>
    new Set([-2, -1, 0, 1, 2].map((n) => offset(zone, now + n * DAY))).size === 1;

  it('are open when the clock on the wall says so', () => {
    fc.assert(
      fc.property(ordinary, ({ zone, window, now }) => {
        fc.pre(isOrdinary(zone, now));
        const { day, minutes } = clocks.get(zone)?.(now) ?? assert.fail(zone);
        const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
        const on = (n: number) => window.days.some((name) => name === days[(n + 7) % 7]);
        const expected =
          from < to
            ? on(day) && from <= minutes && minutes < to
            : (on(day) && from <= minutes) || (on(day - 1) && minutes < to);
        assert.equal(isOpen(window, new Date(now)), expected);
      }),
      { numRuns: 500 },
    );
  });

  it('open next at a moment at which one is open and none was before', () => {
    fc.assert(
      fc.property(ordinary, fc.context(), ({ window, now }, context) => opensNext([window], now, context)),
      { numRuns: 200 },
    );
  });
});

function opensNext(windows: ChangeWindow[], now: number, context: fc.ContextValue): void {
  const next = openingAfter(windows, new Date(now)) ?? assert.fail('every window opens within days');
  context.log(next.at.toISOString());
  const at = next.at.getTime();
  assert.ok(at >= now);
  assert.ok(isOpen(next.window, next.at));
  const steps = Array.from({ length: 50 }, (_, n) => now + Math.floor(((at - now) * n) / 50));
  for (const before of [...steps, at - 1].filter((one) => one >= now && one < at))
    for (const window of windows)
      assert.equal(isOpen(window, new Date(before)), false, new Date(before).toISOString());
}

type Minute = Reading & { readonly at: number };
/** The minutes at which a clock shows a date, for the dates around a moment. */
type Dates = ReadonlyMap<string, readonly Minute[]>;

function datesAround(zone: string, change: number): Dates {
  const clock = clockOf(zone);
  const minutes = Array.from({ length: (8 * DAY) / MINUTE }, (_, n): Minute => {
    const at = change - 4 * DAY + n * MINUTE;
    return { at, ...clock(at) };
  });
  return Map.groupBy(minutes, ({ date }) => date);
}

/** The rule of the docstring once more, by looking at every minute: no zone data, no arithmetic across a change. */
function read(window: ChangeWindow, dates: Dates): [from: number, to: number][] {
  const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
  const length = ((to - from + 1_440) % 1_440 || 1_440) * MINUTE;
  return [...dates].flatMap(([date, shown]): [number, number][] => {
    if (!window.days.some((name) => name === days[shown[0]?.day ?? -1])) return [];
    const opening = shown.find((one) => one.minutes >= from)?.at;
    if (opening === undefined) return [];
    const closing = closingIn(date, from, to, dates);
    return [[opening, closing === undefined || closing <= opening ? opening + length : closing]];
  });
}

function closingIn(date: string, from: number, to: number, dates: Dates): number | undefined {
  // the day has ended when its date is not seen any more
  if (to % 1_440 === 0) return (dates.get(date)?.at(-1)?.at ?? 0) + MINUTE;
  const next = new Date(Date.parse(date) + DAY).toISOString().slice(0, 10);
  return dates.get(to < from ? next : date)?.findLast((one) => one.minutes === to)?.at;
}
