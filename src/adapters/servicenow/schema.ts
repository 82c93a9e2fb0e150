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
