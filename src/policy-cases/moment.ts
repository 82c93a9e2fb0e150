import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { Duration } from '../domain/duration.ts';

const local = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?) ([A-Za-z][A-Za-z0-9_+\-/]*)$/;
const relative = /^([+-])(\d+(?:ms|s|m|h|d))$/;
const example = 'write 2026-11-18T10:00:00Z, or 2026-11-18 11:00 Europe/Berlin';

type Read = { readonly ok: true; readonly at: Date } | { readonly ok: false; readonly message: string };

/** Reads a moment as people write it: an instant with its offset, or the time a clock on a wall shows in a named zone. */
export function readInstant(text: string): Read {
  const [, date, time, zone] = local.exec(text) ?? [];
  if (date !== undefined && time !== undefined && zone !== undefined) return onTheWall(date, time, zone);
  const instant = z.iso.datetime({ offset: true, precision: null }).safeParse(text);
  if (!instant.success) return { ok: false, message: `is no moment: ${example}` };
  return { ok: true, at: new Date(text) };
}

/** Where a clock is changed, a time is missing or comes twice; which one is meant has to be written down. */
function onTheWall(date: string, time: string, zone: string): Read {
  try {
    const plain = Temporal.PlainDateTime.from(`${date}T${time}`);
    const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
    const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
    if (!later.toPlainDateTime().equals(plain))
      return { ok: false, message: `no clock in ${zone} shows this time: it is left out there` };
    if (!earlier.equals(later)) {
      const choices = [earlier, later].map((one) => one.toString({ timeZoneName: 'never' }));
      return { ok: false, message: `comes twice in ${zone}: write ${choices.join(' or ')}` };
    }
    return { ok: true, at: new Date(earlier.epochMilliseconds) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, message: `is no moment: ${example}` };
    throw error;
  }
}

/** A moment; one such as +2h or -10m counts from `start`. */
export function momentOf(text: string, start: Date): Date {
  const [, sign, span] = relative.exec(text) ?? [];
  if (sign !== undefined && span !== undefined)
    return new Date(start.getTime() + (sign === '-' ? -1 : 1) * Duration.parse(span));
  const read = readInstant(text);
  if (!read.ok) throw new RangeError(`${text} ${read.message}`);
  return read.at;
}

const judged = (text: string, context: z.RefinementCtx<string>): void => {
  const read = readInstant(text);
  if (!read.ok) context.addIssue({ code: 'custom', message: read.message });
};

/** The moment a case begins. */
export const Instant = z.string().superRefine(judged);

/** A moment, or the time before or after the case begins: -10m, +2h. */
export const Moment = z.string().superRefine((text, context) => {
  if (!relative.test(text)) judged(text, context);
});

/** A time that passes: 45s, 30m, 2h. It stays as it is written; `spanOf` reads it. */
export const Span = z.string().regex(/^\d+(ms|s|m|h|d)$/, 'expected a duration such as 45s, 30m, 2h or 1d');

export const spanOf = (text: string): number => Duration.parse(text);
