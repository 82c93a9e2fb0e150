import { z } from 'zod';

/** A row with raw values. Without links a reference is its sys_id; a link is taken apart in case one comes anyway. */
const Cell = z.union([
  z.string(),
  z.object({ value: z.string() }).transform((cell) => cell.value),
  z.null().transform(() => ''),
  z.number().transform(String),
  z.boolean().transform(String),
]);
export const Row = z.record(z.string(), Cell);
export type Row = z.infer<typeof Row>;

export const One = z.object({ result: Row });
export const Many = z.object({ result: z.array(Row) });

/** The only values that may enter a query besides our own constants: sys_ids and ticket numbers. */
export const isSysId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);
export const isNumber = (text: string): boolean => /^[A-Z]{2,10}[0-9]{4,15}$/.test(text);
/** Names of tables come back from the instance and go into a path. */
export const isTable = (text: string): boolean => /^[a-z][a-z0-9_]{0,79}$/.test(text);
/** Names of columns enter queries and paths. */
export const isColumn = (text: string): boolean => isTable(text);
/** No `^`, `,`, `@` or `:`: an encoded query has no escape for them, and `javascript:` would be evaluated. */
export const isPlain = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N} _\-./&()#+]{0,79}$/u.test(text);

/** A time as ServiceNow writes it, `YYYY-MM-DD HH:MM:SS` in UTC; undefined when it is none. */
export function timeOf(raw: string | undefined): Date | undefined {
  if (raw === undefined || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(raw)) return undefined;
  const at = new Date(`${raw.replace(' ', 'T')}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** The same the other way. */
export const asTime = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');
