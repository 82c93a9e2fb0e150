import type { Considered } from '../domain/considered.ts';
import type { InboxEntry, WaitsFor } from '../domain/inbox.ts';
import type { Incident } from '../domain/incident.ts';

/** Why an event has to be looked at again: at most so often, and in the end after such a pause. */
export type Again = {
  readonly again: string;
  readonly fix?: string;
  readonly waitsFor: WaitsFor;
  readonly tries: number;
  readonly mostMs: number;
};

/** A replica that is behind catches up within seconds. */
const behind = { waitsFor: 'behind', tries: 5, mostMs: 80_000 } as const;

/**
 * Why what was read may be older than what is known, so that it is no ground to act on. Undefined when it is not, or has
 * stayed like that for too long: an incident that was never read does not exist then, and one that was read as a higher
 * version was restored.
 */
export function waitForReplica(
  event: InboxEntry,
  before: Considered | undefined,
  incident: Incident | undefined,
): Again | undefined {
  const mayBeBehind = (event.tries?.behind ?? 0) < behind.tries;
  if (incident === undefined)
    return before === undefined && mayBeBehind
      ? { again: 'ServiceNow does not show it yet', ...behind }
      : undefined;
  const { number, modCount } = incident;
  const read = before?.modCount ?? 0;
  const known = Math.max(event.modCount, read);
  if (modCount >= known || (modCount < read && !mayBeBehind)) return undefined;
  return { again: `ServiceNow shows version ${modCount} of ${number}, and ${known} was told`, ...behind };
}
