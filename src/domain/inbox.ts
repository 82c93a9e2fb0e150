import { z } from 'zod';
import { messageOf } from './errors.ts';

/** What ServiceNow sends: a hint to look. Nothing else of it is believed; unknown fields are ignored. */
const ThinEvent = z.object({
  sys_id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hex digits'),
  sys_mod_count: z.coerce.number().int().nonnegative(),
});
export type ThinEvent = z.infer<typeof ThinEvent>;

/** What is kept of an event until it is processed, and what came of it. */
export const InboxEntry = z.strictObject({
  bodyHash: z.string(),
  sysId: z.string(),
  modCount: z.number(),
  outcome: z.string(),
});
export type InboxEntry = z.infer<typeof InboxEntry>;

/** Reads an event's body, or says which field is wrong. */
export function parseThinEvent(body: string): ThinEvent | { readonly invalid: string } {
  try {
    const event = ThinEvent.safeParse(JSON.parse(body));
    return event.success ? event.data : { invalid: z.prettifyError(event.error) };
  } catch (error) {
    return { invalid: `the body is not JSON: ${messageOf(error)}` };
  }
}
