import { AppError, messageOf } from '../../domain/errors.ts';
import { type LogEntry, type NewEvent, parseEntry } from '../../domain/events.ts';
import type { Json } from '../../domain/json.ts';
import { genesis, hashOf } from './chain.ts';
import type { Item } from './store.ts';

export const partitionOf = (runId: string): string => `run:${runId}`;

const idOf = (seq: number): string => String(seq).padStart(10, '0');

const digits = (n: number, width: number): string => n.toString(36).padStart(width, '0');

/**
 * Where an entry stands among those of all runs: by time, and inside a run by sequence. The random end of the run id
 * keeps it unique. Short, because every index repeats it.
 */
export const sortKeyOf = ({ at, seq, runId }: LogEntry): string =>
  `${digits(Date.parse(at), 9)}${digits(seq, 4)}${runId.slice(-8)}`;

/** Chains events after a head. Time never runs backwards in a run. Throws AppError `store-refused` on a bad event. */
export function chain(runId: string, head: LogEntry | undefined, events: readonly NewEvent[]): LogEntry[] {
  const entries: LogEntry[] = [];
  let before = head;
  for (const event of events) {
    const at = before !== undefined && Date.parse(before.at) > Date.parse(event.at) ? before.at : event.at;
    const links = {
      v: 1,
      runId,
      seq: (before?.seq ?? 0) + 1,
      at,
      prev: before?.hash ?? genesis,
      hash: genesis,
    };
    const entry = readable({ ...event, ...links });
    before = sealed(entry);
    entries.push(before);
  }
  return entries;
}

/** The event as it will be read back: nothing is stored that cannot be read. */
function readable(candidate: object): LogEntry {
  try {
    return parseEntry(JSON.parse(JSON.stringify(candidate)));
  } catch (error) {
    throw refused(error);
  }
}

function sealed(entry: LogEntry): LogEntry {
  try {
    return { ...entry, hash: hashOf(entry) };
  } catch (error) {
    throw refused(error);
  }
}

const refused = (error: unknown) =>
  new AppError({
    code: 'store-refused',
    message: `not an event of this log: ${messageOf(error)}`,
    fix: 'This is a defect in Handrail: report it with this message.',
    cause: error,
  });

/** An entry with the fields it is found by. Empty ones are left out. */
export function toItem(entry: LogEntry): Item {
  const phase = 'phase' in entry.data ? entry.data.phase : '';
  const { ci, incident, runbook } = entry.subject;
  const found = { phase, ci, incident, runbook: runbook.id, conversation: entry.origin.conversation };
  return {
    pk: partitionOf(entry.runId),
    id: idOf(entry.seq),
    k: sortKeyOf(entry),
    kind: entry.type,
    ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== '')),
    body: entry as unknown as Json,
  };
}

/** True when an item stands where its entry says, under the fields the entry has. */
export function inPlace(item: Item, entry: LogEntry): boolean {
  const { body: _, ...expected } = toItem(entry);
  const { body: __, ...header } = item;
  const names = new Set([...Object.keys(expected), ...Object.keys(header)]) as Set<keyof typeof header>;
  return [...names].every((name) => header[name] === expected[name]);
}

/** Reads a stored item. Throws AppError `log-broken` when it is not the readable entry that belongs there. */
export function fromItem(item: Item): LogEntry {
  const where = `${item.pk} event ${Number(item.id)}`;
  try {
    const entry = parseEntry(item.body);
    if (inPlace(item, entry)) return entry;
  } catch (error) {
    throw logBroken(`${where} cannot be read: ${messageOf(error)}`, error);
  }
  throw logBroken(`${where} is not in its place`);
}

export const logBroken = (message: string, cause?: unknown): AppError =>
  new AppError({
    code: 'log-broken',
    message,
    fix: 'Run "handrail audit verify", keep the store as it is, and tell whoever owns its security.',
    cause,
  });
