import { z } from 'zod';
import { spell } from './duration.ts';

export const Effect = z.enum(['allow', 'require-approval', 'deny']);
export type Effect = z.infer<typeof Effect>;

/** One line of the record and of the card: which guardrail said what, and why. */
export const GuardrailLine = z.strictObject({
  guardrail: z.string(),
  effect: Effect,
  reason: z.string(),
  /** What was looked at, for the record: names and values. */
  facts: z.record(z.string(), z.string()).optional(),
  /** Where that came from, e.g. "ServiceNow cmdb_rel_ci"; several are separated by commas. */
  source: z.string().optional(),
  /** ISO 8601: when it was read, where that was not just before. */
  readAt: z.string().optional(),
  /** ISO 8601: it says no now, and is expected to say yes from then on. */
  until: z.string().optional(),
  /** It says no now and not for long, but nobody can say until when: a limit is reached, everything is stopped. */
  passing: z.literal(true).optional(),
  /** It says no because something could not be read: worth asking again, never a pass. */
  unknown: z.literal(true).optional(),
});
export type GuardrailLine = z.infer<typeof GuardrailLine>;

/** How old what a line rests on was at a moment (ISO 8601), e.g. "18 s old"; '' when it was fresh. */
export const ageOf = ({ readAt }: Pick<GuardrailLine, 'readAt'>, at: string): string =>
  readAt === undefined ? '' : `${spell(Date.parse(at) - Date.parse(readAt))} old`;
