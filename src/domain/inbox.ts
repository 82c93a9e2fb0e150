import { z } from 'zod';
import { messageOf } from './errors.ts';
import { readSuggestion, Suggestion } from './suggestion.ts';

/** What ServiceNow sends: a hint to look. Nothing else of it is believed; unknown fields are ignored. */
const ThinEvent = z.object({
  sys_id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hex digits'),
  // ServiceNow writes numbers as text too; null and true are no numbers
  sys_mod_count: z
    .union([z.int().nonnegative(), z.string().regex(/^\d{1,15}$/)], 'expected a whole number from 0 up')
    .transform(Number),
  suggestion: z.unknown().optional(),
});
export type ThinEvent = Omit<z.infer<typeof ThinEvent>, 'suggestion'> & Suggested;

/** What an AI triage said, or why that could not be read. At most one of them. */
type Suggested = { readonly suggestion?: Suggestion; readonly suggestionDropped?: string };

/** ServiceNow did not answer, refused to, or showed what was older than what is known. */
export type WaitsFor = 'away' | 'refused' | 'behind';
const Counts = z.partialRecord(z.enum(['away', 'refused', 'behind'] satisfies WaitsFor[]), z.int());
/** Entries of before have one number for all: that one is forgotten. */
const Tries = Counts.or(z.int().transform((): z.infer<typeof Counts> => ({})));

/** What is kept of an event until it is processed, and what came of it. */
export const InboxEntry = z.strictObject({
  bodyHash: z.string(),
  sysId: z.string(),
  modCount: z.number(),
  outcome: z.string(),
  suggestion: Suggestion.optional(),
  suggestionDropped: z.string().optional(),
  /** Nobody told: we found it by looking. */
  source: z.literal('poll').optional(),
  /** Looks at it that came to nothing because something could not be read, by reason, and what the last one said. */
  tries: Tries.optional(),
  waits: z.string().optional(),
  /** ISO 8601: no other try before. */
  notBefore: z.string().optional(),
  /** ISO 8601: when it was stored first, once it was taken up again. */
  since: z.string().optional(),
});
export type InboxEntry = z.infer<typeof InboxEntry>;

/** Reads an event's body, or says which field is wrong. A suggestion that cannot be read costs only itself. */
export function parseThinEvent(body: string): ThinEvent | { readonly invalid: string } {
  try {
    const event = ThinEvent.safeParse(JSON.parse(body));
    if (!event.success) return { invalid: z.prettifyError(event.error) };
    const { suggestion, ...thin } = event.data;
    return { ...thin, ...suggested(suggestion) };
  } catch (error) {
    return { invalid: `the body is not JSON: ${messageOf(error)}` };
  }
}

function suggested(given: unknown): Suggested {
  if (given === undefined || given === null) return {};
  const read = readSuggestion(given);
  return 'dropped' in read ? { suggestionDropped: read.dropped } : { suggestion: read };
}
