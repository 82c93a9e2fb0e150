import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { environments } from './incident.ts';

export const Instant = z.iso.datetime({ offset: true });
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const time = String.raw`([01]\d|2[0-3]):[0-5]\d`;
const StartTime = z.string().regex(new RegExp(`^${time}$`), 'expected a time such as 22:00');
const EndTime = z
  .string()
  .regex(new RegExp(`^(${time}|24:00)$`), 'expected a time such as 22:00, or 24:00 for the end of the day');
const Zone = z.string().refine(isZone, 'expected an IANA time zone such as Europe/Berlin');

/**
 * A recurring window of local time in which changes are allowed. `to` earlier than `from` runs past midnight, and belongs
 * to the day it starts on. Where a clock is changed, each end of a window is one moment, so that a window opens and
 * closes once:
 * - An hour that comes twice: it opens at the first and closes at the second. `24:00` is the end of the day.
 * - An opening that is left out moves forward to the first moment that exists: not earlier, when the wall clock is still
 *   outside of what is written, and not by a whole hour, which would take time from the window that does exist.
 * - A closing that is left out has no place on the clock to move to: then the window lasts as long as written. So does
 *   one of which nothing would be left, such as 02:00 to 03:00; the night's only window is never lost.
 * - A whole date that is left out (Apia, 30 December 2011) has no windows.
 */
export const ChangeWindow = z
  .strictObject({
    name: z.string().min(1),
    environments: z.array(z.enum(environments)).min(1),
    days: z.array(z.enum(days)).min(1),
    from: StartTime,
    to: EndTime,
    zone: Zone,
  })
  .refine((window) => window.from !== window.to, {
    path: ['to'],
    error: 'the same as from; write 00:00 to 24:00 for a whole day',
  });
export type ChangeWindow = z.infer<typeof ChangeWindow>;

export const Freeze = z
  .strictObject({
    name: z.string().min(1),
    environments: z.array(z.enum(environments)).min(1),
    from: Instant,
    to: Instant,
  })
  .refine((freeze) => Date.parse(freeze.from) < Date.parse(freeze.to), {
    path: ['to'],
    error: 'must be later than from',
  });
export type Freeze = z.infer<typeof Freeze>;

/** A stretch of time from one moment up to, not including, another; epoch milliseconds. */
export type Span = { readonly from: number; readonly to: number };

const DAY = 86_400_000;
const HORIZON_DAYS = 60;

export const covers = ({ from, to }: Span, at: number): boolean => from <= at && at < to;

/** The first moment from `at` on that none of the spans covers, however they overlap or follow each other. */
export function clearFrom(spans: readonly Span[], at: number): number {
  const span = spans.find((one) => covers(one, at));
  return span === undefined ? at : clearFrom(spans, span.to);
}

/** Whether a recurring window covers this moment. */
export function isOpen(window: ChangeWindow, now: Date): boolean {
  for (const span of nearby(window, now, 1)) if (covers(span, now.getTime())) return true;
  return false;
}

/** When one of several windows is open next, and which. */
export type Opening = { readonly at: Date; readonly window: ChangeWindow };

/** The first moment from now on at which a window is open: now, when one is. Undefined when none opens within 60 days. */
export function openingAfter(windows: readonly ChangeWindow[], now: Date): Opening | undefined {
  const openings = windows.flatMap((window) => nextOpening(window, now) ?? []);
  return openings.sort((a, b) => a.at.getTime() - b.at.getTime())[0];
}

function nextOpening(window: ChangeWindow, now: Date): Opening | undefined {
  for (const { from, to } of nearby(window, now, HORIZON_DAYS))
    if (to > now.getTime()) return { at: new Date(Math.max(now.getTime(), from)), window };
  return undefined;
}

/** The freeze that holds now, and when the last of those that follow each other without a gap ends. */
export function freezeAt(
  freezes: readonly Freeze[],
  now: Date,
): { readonly freeze: Freeze; readonly until: Date } | undefined {
  const spans = freezes.map((freeze) => ({
    freeze,
    from: Date.parse(freeze.from),
    to: Date.parse(freeze.to),
  }));
  const holds = spans.find((span) => covers(span, now.getTime()));
  return holds && { freeze: holds.freeze, until: new Date(clearFrom(spans, holds.to)) };
}

/**
 * A window's occurrences that may cover `now` or begin within so many days, in order. A local date is at most one day
 * away from the UTC date, and a window that began two UTC days ago may have run past its midnight.
 */
function* nearby(window: ChangeWindow, now: Date, daysAhead: number): Generator<Span> {
  const today = Math.floor(now.getTime() / DAY);
  for (let day = today - 2; day <= today + daysAhead; day++) {
    const span = occurrence(window, day);
    if (span !== undefined) yield span;
  }
}

/**
 * Wall clocks cost 20 µs a question, and every guardrail check asks for the same few days: what a window comes to on a
 * day never changes, so it is worked out once for as long as the policy is loaded.
 */
const known = new WeakMap<ChangeWindow, Map<number, Span | undefined>>();

/** The occurrence that starts on a local date, given as days since 1970-01-01. */
function occurrence(window: ChangeWindow, day: number): Span | undefined {
  // 1970-01-01 was a Thursday
  const weekday = (((day + 4) % 7) + 7) % 7;
  if (!window.days.some((name) => days.indexOf(name) === weekday)) return undefined;
  const spans = known.get(window) ?? new Map<number, Span | undefined>();
  known.set(window, spans);
  if (!spans.has(day)) spans.set(day, workOut(window, epoch.add({ days: day })));
  return spans.get(day);
}

const epoch = Temporal.PlainDate.from('1970-01-01');

function workOut(window: ChangeWindow, date: Temporal.PlainDate): Span | undefined {
  const { from, to, zone } = window;
  if (!date.toZonedDateTime(zone).toPlainDate().equals(date)) return undefined;
  const { first: opening } = momentOf(date.toPlainDateTime(from), zone);
  const closing = closingOf(window, date) ?? opening;
  if (closing > opening) return { from: opening, to: closing };
  const minutes = minutesOf(to) - minutesOf(from);
  return { from: opening, to: opening + (minutes > 0 ? minutes : minutes + 1_440) * 60_000 };
}

/** When a window that starts on this date closes; undefined when the clock never shows that time. */
function closingOf({ from, to, zone }: ChangeWindow, date: Temporal.PlainDate): number | undefined {
  const midnight = to === '24:00' || to === '00:00';
  const last = midnight || to < from ? date.add({ days: 1 }) : date;
  const { first, second } = momentOf(last.toPlainDateTime(midnight ? '00:00' : to), zone);
  if (!midnight || second === undefined) return second;
  // midnight itself may come twice; the day has ended at the one after which its date is not seen again
  const before = Temporal.Instant.fromEpochMilliseconds(second - 1).toZonedDateTimeISO(zone);
  return before.toPlainDate().equals(date) ? second : first;
}

type Moment = {
  /** When the clock shows it for the first time, or has jumped over it. */
  readonly first: number;
  /** When the clock shows it for the last time; undefined when it never does. */
  readonly second: number | undefined;
};

function momentOf(local: Temporal.PlainDateTime, zone: string): Moment {
  const earlier = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = local.toZonedDateTime(zone, { disambiguation: 'later' });
  if (later.toPlainDateTime().equals(local))
    return { first: earlier.epochMilliseconds, second: later.epochMilliseconds };
  // an absent time read with either offset gives a moment on each side of the jump
  const jump = earlier.getTimeZoneTransition('next') ?? later;
  return { first: jump.epochMilliseconds, second: undefined };
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
