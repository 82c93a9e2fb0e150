import { InboxEntry, type WaitsFor } from '../domain/inbox.ts';
import { sha256 } from '../domain/json.ts';
import type { StateItem, Stored } from '../ports.ts';
import type { Deps } from './deps.ts';

type Store = Pick<Deps, 'state' | 'clock'>;

const DAY_SECONDS = 86_400;
/** Longer than any sender tries again. What is not finished is kept until it is. */
const KEEP_SECONDS = 7 * DAY_SECONDS;
/** Since it came first, what was given up is taken up again. */
const MOST_TAKEN_UP_MS = 7 * DAY_SECONDS * 1_000;
const HOUR_MS = 3_600_000;
/** Before the second try, which the next sweep makes; twice as long before each that follows. */
const FIRST_PAUSE_MS = 5_000;
/** Anybody can send what is refused. */
const KEEP_REFUSAL_SECONDS = DAY_SECONDS;

/** An event that is stored and not finished. */
export type Open = { readonly entry: InboxEntry; readonly stored: Stored };

/** Stores an event once. Answers what an earlier one with this id was, if there is one. */
export async function keep(store: Store, id: string, entry: InboxEntry): Promise<InboxEntry | undefined> {
  const item = inboxItem(id, entry, 'received', nowOf(store));
  if ((await store.state.put(item, 'new')).ok) return undefined;
  const before = await store.state.get(item.pk, id);
  return before && InboxEntry.parse(before.item.body);
}

/** An event that still has to be processed. */
export async function readOpen(store: Store, id: string): Promise<Open | undefined> {
  const stored = await store.state.get(pkOf(id), id);
  if (stored === undefined || stored.item.status !== 'received') return undefined;
  return { entry: InboxEntry.parse(stored.item.body), stored };
}

/** Hands a suggestion on to the event that takes this one's place, unless that one says something itself. */
export async function handOn(store: Store, { entry: { suggestion } }: Open, to: string): Promise<void> {
  const open = await readOpen(store, to);
  if (suggestion === undefined || open === undefined) return;
  const { entry, stored } = open;
  if (entry.suggestion !== undefined || entry.suggestionDropped !== undefined) return;
  const item = inboxItem(to, { ...entry, suggestion }, 'received', timeOf(stored.item));
  await store.state.put(item, stored);
}

/**
 * Writes down what came of an event; whoever was faster has said so already. What failed is dated now: from then on it is
 * an hour until it is taken up again, however long it was tried.
 */
export async function finish(
  store: Store,
  { entry, stored }: Open,
  outcome: string,
  incident?: string,
): Promise<void> {
  const { id } = stored.item;
  const { waits: _over, notBefore: _past, ...rest } = entry;
  const came = timeOf(stored.item);
  const item = outcome.startsWith('failed')
    ? inboxItem(id, { ...rest, outcome, since: entry.since ?? came }, 'failed', nowOf(store))
    : inboxItem(id, { ...rest, outcome }, 'done', came);
  await store.state.put(incident === undefined ? item : { ...item, incident }, stored);
}

/** Why it could not be looked at, and the longest pause before it is tried again. */
type Postponed = { readonly again: string; readonly waitsFor: WaitsFor; readonly mostMs: number };

/** Writes down why an event could not be looked at, and tries it again the later the more often that was so. */
export async function postpone(
  store: Store,
  { entry, stored }: Open,
  { again: why, waitsFor, mostMs }: Postponed,
): Promise<void> {
  const { id } = stored.item;
  // each reason on its own: after a long time away a refusal is tried as often as any, and a replica may be behind
  const count = (entry.tries?.[waitsFor] ?? 0) + 1;
  const tries = { ...entry.tries, [waitsFor]: count };
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), mostMs);
  const notBefore = new Date(store.clock.now().getTime() + pause).toISOString();
  const body = { ...entry, tries, waits: why, notBefore };
  await store.state.put(inboxItem(id, body, 'received', timeOf(stored.item)), stored);
}

/** Takes up again, an hour after it was given up and for some days, each event: somebody may have put right why. */
export async function takeUpFailed(store: Store): Promise<void> {
  const now = store.clock.now().getTime();
  for await (const page of pagesOf(store.state, 'failed'))
    for (const stored of page) {
      const at = timeOf(stored.item);
      // they come in this order
      if (now - Date.parse(at) < HOUR_MS) return;
      const entry = InboxEntry.parse(stored.item.body);
      const since = entry.since ?? at;
      if (now - Date.parse(since) > MOST_TAKEN_UP_MS) continue;
      const body = { ...entry, outcome: '', since };
      await store.state.put(inboxItem(stored.item.id, body, 'received', new Date(now).toISOString()), stored);
    }
}

/** Writes down a delivery that never became an event. */
export async function keepRefusal(store: Store, id: string, outcome: string): Promise<void> {
  const entry: InboxEntry = { bodyHash: sha256(''), sysId: '', modCount: 0, outcome };
  const at = nowOf(store);
  await store.state.put(
    { ...inboxItem(id, entry, 'done', at), kind: REFUSAL, ttl: KEEP_REFUSAL_SECONDS },
    'any',
  );
}

/** Ids of the events that are not finished, oldest first, a page at a time. */
export async function* unfinished({ state }: Store): AsyncGenerator<readonly string[]> {
  for await (const page of pagesOf(state, 'received')) yield page.map(({ item }) => item.id);
}

async function* pagesOf(state: Store['state'], status: Status): AsyncGenerator<readonly Stored[]> {
  let after: string | undefined;
  do {
    const where = { kind: INBOX, status };
    const page = await state.list({ where, limit: 100, ...(after === undefined ? {} : { after }) });
    yield page.items;
    after = page.after;
  } while (after !== undefined);
}

/** A line of the operator's list. */
export type Line = {
  readonly at: string;
  readonly id: string;
  /** '' while nobody has read the incident. */
  readonly incident: string;
  readonly outcome: string;
  /** It waits, or came to nothing for a reason somebody should look at. */
  readonly failed: boolean;
};

/** The newest events and refused deliveries, newest first. */
export async function newestEvents(
  { state }: Pick<Store, 'state'>,
  limit: number,
  failed: boolean,
): Promise<Line[]> {
  const pages = await Promise.all([INBOX, REFUSAL].map((kind) => newestOf(state, kind, limit, failed)));
  return pages
    .flat()
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, limit);
}

async function newestOf(
  state: Store['state'],
  kind: string,
  limit: number,
  failed: boolean,
): Promise<Line[]> {
  const lines: Line[] = [];
  let after: string | undefined;
  do {
    const page = await state.list({
      where: { kind },
      order: 'desc',
      limit: 200,
      ...(after === undefined ? {} : { after }),
    });
    lines.push(...page.items.map(lineOf).filter((line) => line.failed || !failed));
    after = page.after;
  } while (after !== undefined && lines.length < limit);
  return lines.slice(0, limit);
}

function lineOf({ item }: Stored): Line {
  const { outcome, waits: why } = InboxEntry.parse(item.body);
  const waits = item.status === 'received';
  return {
    at: timeOf(item),
    id: item.id,
    incident: item.incident ?? '',
    outcome: waits ? ['waits', ...(why === undefined ? [] : [why])].join(': ') : outcome,
    failed: waits || /^(failed|refused|invalid)/.test(outcome),
  };
}

const nowOf = ({ clock }: Pick<Store, 'clock'>): string => clock.now().toISOString();
const timeOf = ({ k }: StateItem): string => k.split('|')[0] ?? '';

const INBOX = 'inbox';
const REFUSAL = 'refused delivery';
const pkOf = (id: string): string => `inbox:${id}`;

type Status = 'received' | 'failed' | 'done';
const inboxItem = (id: string, body: InboxEntry, status: Status, at: string): StateItem => ({
  pk: pkOf(id),
  id,
  kind: INBOX,
  k: `${at}|${id}`,
  status,
  ...(status === 'received' ? {} : { ttl: KEEP_SECONDS }),
  body,
});
