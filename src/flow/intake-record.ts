import { Considered } from '../domain/considered.ts';
import { InboxEntry } from '../domain/inbox.ts';
import { sha256 } from '../domain/json.ts';
import type { StateItem, Stored } from '../ports.ts';
import type { Deps } from './deps.ts';

type Store = Pick<Deps, 'state' | 'clock'>;

const DAY_SECONDS = 86_400;
/** Longer than any sender tries again. */
const KEEP_SECONDS = 7 * DAY_SECONDS;
/** Anybody can send what is refused. */
const KEEP_REFUSAL_SECONDS = DAY_SECONDS;
/** An incident that nobody touched for so long is looked at again; its runs are claimed for ever. */
const KEEP_CONSIDERED_SECONDS = 30 * DAY_SECONDS;

/** Longer than a look takes. One that takes longer all the same is set right by `keepConsidered`. */
const LOOK_SECONDS = 60;

/** An event that is stored and not finished. */
export type Open = { readonly entry: InboxEntry; readonly stored: Stored };

/** Stores an event once. Answers what an earlier one with this id was, if there is one. */
export async function keep(store: Store, id: string, entry: InboxEntry): Promise<InboxEntry | undefined> {
  const item = inboxItem(id, entry, 'received', store.clock.now().toISOString());
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

/** Writes down what came of an event; whoever was faster has said so already. */
export async function finish(
  store: Store,
  { entry, stored }: Open,
  outcome: string,
  incident?: string,
): Promise<void> {
  const { id } = stored.item;
  const item = inboxItem(id, { ...entry, outcome }, 'done', timeOf(stored.item));
  await store.state.put(incident === undefined ? item : { ...item, incident }, stored);
}

/** Takes up an event again that was given up longer ago than this (milliseconds): somebody may have put right why. */
export async function takeUpAgain(store: Store, id: string, afterMs: number): Promise<void> {
  const stored = await store.state.get(pkOf(id), id);
  if (stored === undefined || stored.item.status !== 'done') return;
  const entry = InboxEntry.parse(stored.item.body);
  const now = store.clock.now();
  if (!entry.outcome.startsWith('failed') || now.getTime() - Date.parse(timeOf(stored.item)) < afterMs)
    return;
  await store.state.put(inboxItem(id, { ...entry, outcome: '' }, 'received', now.toISOString()), stored);
}

/** Writes down a delivery that never became an event. */
export async function keepRefusal(store: Store, id: string, outcome: string): Promise<void> {
  const entry: InboxEntry = { bodyHash: sha256(''), sysId: '', modCount: 0, outcome };
  const at = store.clock.now().toISOString();
  await store.state.put(
    { ...inboxItem(id, entry, 'done', at), kind: REFUSAL, ttl: KEEP_REFUSAL_SECONDS },
    'any',
  );
}

/** Ids of the events that are not finished, oldest first, a page at a time. */
export async function* unfinished({ state }: Store): AsyncGenerator<readonly string[]> {
  let after: string | undefined;
  do {
    const where = { kind: INBOX, status: 'received' };
    const page = await state.list({ where, limit: 100, ...(after === undefined ? {} : { after }) });
    yield page.items.map(({ item }) => item.id);
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
  const { outcome } = InboxEntry.parse(item.body);
  const waits = item.status === 'received';
  return {
    at: timeOf(item),
    id: item.id,
    incident: item.incident ?? '',
    outcome: waits ? 'waits' : outcome,
    failed: waits || /^(failed|refused|invalid)/.test(outcome),
  };
}

export async function readConsidered(
  store: Pick<Store, 'state'>,
  sysId: string,
): Promise<Considered | undefined> {
  const stored = await store.state.get(incidentPk(sysId), CONSIDERED);
  return stored && Considered.parse(stored.item.body);
}

/** Keeps what was made of an incident, unless another process has considered a newer version meanwhile: then false. */
export async function keepConsidered({ state }: Store, sysId: string, body: Considered): Promise<boolean> {
  const pk = incidentPk(sysId);
  const item = { pk, id: CONSIDERED, kind: CONSIDERED, k: sysId, ttl: KEEP_CONSIDERED_SECONDS, body };
  for (;;) {
    const there = await state.get(pk, CONSIDERED);
    if (there !== undefined && Considered.parse(there.item.body).modCount > body.modCount) return false;
    if ((await state.put(item, there === undefined ? 'new' : there)).ok) return true;
  }
}

/** What was made of an incident counts no more: whoever looks next takes it as never seen, but for the tag it had. */
export async function forgetVersion({ state }: Store, sysId: string): Promise<void> {
  for (;;) {
    const there = await state.get(incidentPk(sysId), CONSIDERED);
    if (there === undefined) return;
    const { offered } = Considered.parse(there.item.body);
    const body = { modCount: 0, shape: '', offered };
    if ((await state.put({ ...there.item, body }, there)).ok) return;
  }
}

/**
 * Lets one process look at an incident at a time. Answers how to give it back, undefined while another one has it; one
 * that has died gives it back by itself.
 */
export async function claimLook(
  { state, ids }: Pick<Deps, 'state' | 'ids'>,
  sysId: string,
): Promise<(() => Promise<void>) | undefined> {
  const pk = incidentPk(sysId);
  const item = { pk, id: LOOK, kind: LOOK, k: sysId, ttl: LOOK_SECONDS, body: ids.ulid() };
  const taken = await state.put(item, 'new');
  if (!taken.ok) return undefined;
  return async () => void (await state.remove(pk, LOOK, taken.etag));
}

const timeOf = ({ k }: StateItem): string => k.split('|')[0] ?? '';

const INBOX = 'inbox';
const REFUSAL = 'refused delivery';
const CONSIDERED = 'considered';
const LOOK = 'look';
const pkOf = (id: string): string => `inbox:${id}`;
const incidentPk = (sysId: string): string => `incident:${sysId}`;

const inboxItem = (id: string, body: InboxEntry, status: 'received' | 'done', at: string): StateItem => ({
  pk: pkOf(id),
  id,
  kind: INBOX,
  k: `${at}|${id}`,
  status,
  ttl: KEEP_SECONDS,
  body,
});
