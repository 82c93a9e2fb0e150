import { z } from 'zod';

export const Effect = z.enum(['allow', 'require-approval', 'deny']);
export type Effect = z.infer<typeof Effect>;

/** One line of the record and of the card: which guardrail said what, and why. */
export const GuardrailLine = z.strictObject({ guardrail: z.string(), effect: Effect, reason: z.string() });
export type GuardrailLine = z.infer<typeof GuardrailLine>;
