import { z } from 'zod';

/** What an AI triage may say: a runbook of ours and why. It never reaches parameters, approvers, targets or dispatch. */
export const Suggestion = z.strictObject({
  runbook: z.string().max(80),
  /** From 0 to 1, as the model says. */
  confidence: z.number().min(0).max(1),
  reason: z.string().max(500),
  /** Spans of the ticket it rests on, word for word. */
  quotes: z.array(z.string().max(300)).max(5),
  model: z.string().max(80),
});
export type Suggestion = z.infer<typeof Suggestion>;
