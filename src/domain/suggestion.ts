import { z } from 'zod';

/** What an AI triage may say: a runbook of ours and why. It never reaches parameters, approvers, targets or dispatch. */
export const Suggestion = z.strictObject({
  runbook: z.string().min(1).max(80),
  /** From 0 to 1, as the model says. */
  confidence: z.number().min(0).max(1),
  reason: z.string().max(500),
  /** Spans of the ticket it rests on, word for word. */
  quotes: z.array(z.string().max(300)).max(5),
  model: z.string().min(1).max(80),
});
export type Suggestion = z.infer<typeof Suggestion>;

/**
 * How it stands to the rules. `agrees`: rules chose the same runbook. `alone`: only the machine named one. `differs`:
 * rules chose another than the machine named.
 */
export const SuggestionRole = z.enum(['agrees', 'alone', 'differs']);
export type SuggestionRole = z.infer<typeof SuggestionRole>;

/** A suggestion beside a proposal, as checked against the ticket. */
export const WeighedSuggestion = z.strictObject({
  ...Suggestion.shape,
  role: SuggestionRole,
  /** How many of its quotes are not in the ticket; `quotes` are those that are. */
  misquotes: z.number().int().nonnegative().optional(),
});
export type WeighedSuggestion = z.infer<typeof WeighedSuggestion>;
