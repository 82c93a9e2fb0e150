import assert from 'node:assert/strict';
import { ownerCard } from '../../cards/owner.ts';
import { runCard } from '../../cards/run-card.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import { InboxEntry } from '../../src/domain/inbox.ts';
import { intake } from '../../src/flow/intake.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import type { Chat } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { outside, startProcess, tempFile } from '../fakes/flow.ts';
import { type Arrival, harmless, hostile, policy, runbooks, tickets } from '../fixtures/injection/tickets.ts';

/** Everything a run leaves behind. */
type Traces = {
  readonly outcome: string;
  readonly log: readonly Pick<LogEntry, 'type' | 'data'>[];
  readonly cards: readonly object[];
  /** What Teams is told in words, and to whom. */
  readonly told: readonly string[];
  readonly notes: ReadonlyMap<string, string>;
  readonly launches: readonly unknown[];
  readonly transcript: readonly string[];
};

/** From the event to the end of the run, with the cards people would see. Ids come in the same order each time. */
async function wholeFlow({ incident, body }: Arrival): Promise<Traces> {
  const temp = tempFile();
  const world = Object.assign(outside(), { incident });
  const cards: object[] = [];
  const told: string[] = [];
  let ids = 0;
  const id = () => `01JD8Z6N3V6Q4W8X2Y${String(ids++).padStart(8, '0')}`;
  const process = await startProcess(world, temp.file, {
    catalogue: { runbooks, policy },
    chat: chat(cards, told),
    ids: { ulid: id, uuid: id },
  });
  try {
    const events = intake(process.deps);
    assert.equal(await events.receive('e1', body), 'accepted');
    await events.process('e1');
    const [runId] = await openRuns(process.deps);
    const stored = await process.deps.state.get('inbox:e1', 'e1');
    const { outcome } = InboxEntry.parse(stored?.item.body);
    const { transcript, notes, jobs } = world;
    const base = { outcome, cards, told, notes, transcript };
    if (runId === undefined) return { ...base, log: [], launches: [] };
    await process.settle(runId);
    await process.command(f.anyOf.approve, runId);
    await process.settle(runId);
    const { entries } = await loadRun(process.deps, runId);
    return {
      ...base,
      log: entries.map(({ type, data }) => ({ type, data }) as LogEntry),
      launches: [...jobs],
    };
  } finally {
    await process.store.close();
    temp.remove();
  }
}

const chat = (cards: object[], told: string[]): Chat => ({
  async post(channel, view) {
    told.push(`post in ${channel}`);
    cards.push(runCard(view));
    return { conversation: 'channel;messageid=1', activity: '1' };
  },
  async update(_ref, view) {
    cards.push(runCard(view));
  },
  async reply(_ref, text, people) {
    told.push(`${text} @${people.map(({ id }) => id).join()}`);
  },
  async askOwner(_owner, view) {
    cards.push(ownerCard(view));
    return { conversation: 'personal', activity: '2' };
  },
  async updateOwner(_ref, view) {
    cards.push(ownerCard(view));
  },
  async tell(person, text) {
    told.push(`${person.id}: ${text}`);
    return true;
  },
});

/** The log without what may differ: the ticket itself, and what a machine said. */
const bare = (log: Traces['log'], { incident }: Arrival) =>
  log.map((entry) => {
    if (entry.type !== 'run-proposed') return entry;
    const { suggestion: _, ...rest } = entry.data as { suggestion?: unknown };
    return { ...entry, data: { ...rest, incident } };
  });

/** The notes without the one line that says what a machine said. */
const ours = (notes: Traces['notes']) =>
  [...notes].map(([marker, note]) => [
    marker,
    note.split(/[\r\n\u0085\u2028\u2029]/u).filter((line) => !line.startsWith('Suggested by triage (')),
  ]);

/** Texts people read; everything else of a card has to be the same. */
const shown = new Set(['text', 'speak', 'fallbackText']);

/** The card with its texts taken out: elements, order, colours, actions, and what a click carries. */
function skeleton(node: unknown, key = ''): unknown {
  if (typeof node === 'string') return shown.has(key) ? 'some text' : node;
  if (Array.isArray(node)) return node.map((one) => skeleton(one));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, one]) => [name, skeleton(one, name)]));
}

function strings(node: unknown): string[] {
  if (typeof node === 'string') return [node];
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(strings) : [];
}

const alive =
  /\]\s*[[(:]|<\/?[a-z!?]|:\/\/|\bwww\.|&#?\w+;|\$\{|\{\{|[\p{Zl}\p{Zp}\u200b\u202a-\u202e\u2066-\u2069]/iu;
function assertInert(card: object): void {
  const { $schema: _, ...rest } = card as { $schema?: string };
  assert.ok(!('msteams' in rest) || !JSON.stringify(rest.msteams).includes('mention'), 'mentions somebody');
  for (const text of strings(rest))
    assert.doesNotMatch(text.replace(/\{\{(TIME|DATE)\([-0-9TZ:]+(, [A-Z]+)?\)\}\}/gu, ''), alive);
}

describe('a ticket that tries to decide, through the whole flow', () => {
  /** Most tickets have the same harmless twin. */
  const calms = new Map<string, Promise<Traces>>();
  const calmFlow = (calm: Arrival): Promise<Traces> => {
    const key = JSON.stringify(calm);
    const known = calms.get(key) ?? wholeFlow(calm);
    calms.set(key, known);
    return known;
  };

  for (const ticket of tickets)
    it(`changes texts at most by aiming at ${ticket.aims} with ${ticket.title}`, async () => {
      const arrived = hostile(ticket);
      const calm = harmless(ticket);
      const got = await wholeFlow(arrived);
      const want = await calmFlow(calm);

      assert.equal(got.outcome.split(';')[0], want.outcome);
      assert.deepEqual(bare(got.log, arrived), bare(want.log, arrived));
      assert.deepEqual(got.launches, want.launches);
      assert.deepEqual(got.told, want.told);
      assert.deepEqual(ours(got.notes), ours(want.notes));
      assert.deepEqual(got.transcript, want.transcript);

      assert.deepEqual(skeleton(got.cards), skeleton(want.cards));
      for (const card of got.cards) assertInert(card);

      const runs = ticket.symptom || ticket.becomes !== 'none';
      assert.equal(
        got.log.filter(({ type }) => type === 'vote-cast' || type === 'run-closed').length,
        runs ? 2 : 0,
      );
      assert.equal(got.cards.length > 2, runs);
    });
});
