import { AppError } from '../../domain/errors.ts';
import type { LogEntry, NewEvent } from '../../domain/events.ts';
import type { Appended, EventLog, LogQuery } from '../../ports.ts';
import { type Anchor, brokenLink, type Flaw, type Verified, verifyRun } from './chain.ts';
import { chain, fromItem, inPlace, logBroken, partitionOf, sortKeyOf, toItem } from './entries.ts';
import { type KnownEntries, knownEntries } from './known-entries.ts';
import type { Item, Store } from './store.ts';

/** Attempts of one append, and the wait before the next, ms, when the store does not name one. */
const attempts = 6;
const waitMs = (attempt: number) => 20 * 2 ** attempt;
const longestWaitMs = 2000;
const pageSize = 500;
/** Runs whose events are not read a second time: about those in progress. One takes some ten kB. */
const mostKnown = 256;
const ulid = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The run log on a store: one hash-chained partition a run, written by conditional creates only. */
export function eventLog(store: Store): EventLog {
  const known = knownEntries(mostKnown);
  return {
    ready: () => store.ready(),
    close: () => store.close(),
    read: (runId) => read(store, known, runId),
    async append(runId, head, events) {
      if (!ulid.test(runId) || (head !== undefined && head.runId !== runId))
        throw new AppError({
          code: 'store-refused',
          message: 'events are appended to one run, after its own head',
          fix: 'This is a defect in Handrail: report it with this message.',
        });
      const appended = await append(store, runId, head, events);
      const before = known.of(runId);
      if (appended.ok && before.at(-1)?.hash === head?.hash)
        known.keep(runId, [...before, ...appended.entries]);
      return appended;
    },
    find: (query) => find(store, query),
  };
}

/** A run from its first event on; what is known of it is not fetched and checked again. */
async function read(store: Store, known: KnownEntries, runId: string): Promise<readonly LogEntry[]> {
  const before = known.of(runId);
  let last = before.at(-1);
  const later = (await itemsOf(store, runId, last)).map(fromItem);
  for (const entry of later) {
    const why = brokenLink(entry, last, runId);
    if (why !== undefined) throw logBroken(`run ${runId}, event ${(last?.seq ?? 0) + 1}: ${why}`);
    last = entry;
  }
  const entries = [...before, ...later];
  known.keep(runId, entries);
  return entries;
}

/**
 * Appends, and settles what a lost answer or a conflict leaves open: events found at their place under our own event
 * ids are ours, from an attempt whose answer was lost; any other event there is somebody else's.
 */
async function append(
  store: Store,
  runId: string,
  head: LogEntry | undefined,
  events: readonly NewEvent[],
): Promise<Appended> {
  let done: readonly LogEntry[] = [];
  let failure: AppError | undefined;
  for (let attempt = 0; attempt < attempts && done.length < events.length; attempt += 1) {
    await pause(failure, attempt);
    const tail = done.at(-1) ?? head;
    const rest = chain(runId, tail, events.slice(done.length));
    const stored = await retryable(() => store.append(rest.map(toItem)));
    if (stored.value === 'stored') return { ok: true, entries: [...done, ...rest] };
    const there = await retryable(() => entriesAfter(store, runId, tail, rest.length));
    failure = stored.failure ?? there.failure;
    const found = there.value ?? [];
    if (found.some((entry, i) => entry.event !== rest[i]?.event)) return { ok: false, why: 'conflict' };
    done = [...done, ...found];
  }
  if (done.length < events.length) throw failure ?? unsettled(runId);
  return { ok: true, entries: done };
}

type Tried<T> = { readonly value?: T; readonly failure?: AppError };

async function retryable<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof AppError && error.retryable) return { failure: error };
    throw error;
  }
}

/** Waits before every attempt but the first. */
async function pause(failure: AppError | undefined, attempt: number): Promise<void> {
  if (attempt === 0) return;
  const ms = Math.min(failure?.retryAfterMs ?? waitMs(attempt), longestWaitMs);
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const unsettled = (runId: string) =>
  new AppError({
    code: 'store-unavailable',
    message: `the store refuses the next event of run ${runId} as existing, but does not show it`,
    fix: 'Try again. If it stays so, check the consistency level of the Cosmos DB account: Strong or Bounded Staleness.',
    retryable: true,
    maybeApplied: true,
  });

async function entriesAfter(store: Store, runId: string, head: LogEntry | undefined, limit: number) {
  const after = head === undefined ? {} : { after: sortKeyOf(head) };
  const page = await store.list('audit', { pk: partitionOf(runId), limit, ...after });
  return page.items.map(({ item }) => fromItem(item));
}

async function itemsOf(store: Store, runId: string, since?: LogEntry): Promise<Item[]> {
  if (!ulid.test(runId)) return [];
  const items: Item[] = [];
  let after = since === undefined ? undefined : sortKeyOf(since);
  do {
    const cursor = after === undefined ? {} : { after };
    const page = await store.list('audit', { pk: partitionOf(runId), limit: pageSize, ...cursor });
    items.push(...page.items.map(({ item }) => item));
    after = page.after;
  } while (after !== undefined);
  return items;
}

async function find(store: Store, { where, limit }: LogQuery): Promise<LogEntry[]> {
  const { type, ...others } = where;
  const filters = type === undefined ? others : { ...others, kind: type };
  const found: LogEntry[] = [];
  let after: string | undefined;
  do {
    const cursor = after === undefined ? {} : { after };
    const size = Math.min(limit - found.length, pageSize);
    const page = await store.list('audit', { where: filters, order: 'desc', limit: size, ...cursor });
    found.push(...page.items.map(({ item }) => fromItem(item)));
    after = page.after;
  } while (after !== undefined && found.length < limit);
  return found;
}

/** Verifies a run as it is stored, also one that `read` refuses. Where an entry stands is checked with its content. */
export async function verifyStored(store: Store, runId: string, anchor?: Anchor): Promise<Verified> {
  const sound: LogEntry[] = [];
  let flaw: Flaw | undefined;
  for (const item of await itemsOf(store, runId)) {
    flaw = flawOf(item);
    if (flaw !== undefined) break;
    sound.push(item.body as unknown as LogEntry);
  }
  const expected = anchor ?? { runId, seq: 0, hash: '' };
  const verified = verifyRun(sound, flaw === undefined ? expected : { runId, seq: 0, hash: '' });
  return verified.ok && flaw !== undefined ? { ok: false, seq: sound.length + 1, why: flaw } : verified;
}

function flawOf(item: Item): Flaw | undefined {
  const entry = item.body as unknown as LogEntry;
  try {
    return inPlace(item, entry) ? undefined : 'moved';
  } catch (error) {
    // not even the shape of an entry
    if (error instanceof TypeError || error instanceof RangeError) return 'content';
    throw error;
  }
}
