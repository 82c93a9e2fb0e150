import assert from 'node:assert/strict';
import { hashOf } from '../../src/adapters/store/chain.ts';
import { eventLog, verifyStored } from '../../src/adapters/store/event-log.ts';
import type { Item, Store, StoredItem } from '../../src/adapters/store/store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { LogEntry } from '../../src/domain/events.ts';
import type { Json } from '../../src/domain/json.ts';
import type { Target } from './store.ts';
import { runId } from './store-fixtures.ts';
import { appended, events } from './store-log.ts';

/** The same store, with its lists changed on the way: what an administrator of the database could do. */
const tampered = (store: Store, change: (items: StoredItem[]) => StoredItem[]): Store => ({
  ...store,
  async list(container, query) {
    const page = await store.list(container, query);
    return { ...page, items: change(structuredClone([...page.items])) };
  },
});

type Body = { [name: string]: Json };
const edit = (stored: StoredItem, change: Body, header: Partial<Item> = {}): StoredItem => ({
  ...stored,
  item: { ...stored.item, ...header, body: { ...(stored.item.body as Body), ...change } },
});
const rehash = (stored: StoredItem): StoredItem =>
  edit(stored, { hash: hashOf(stored.item.body as unknown as LogEntry) });
const at = (items: StoredItem[], i: number): StoredItem => items[i] as StoredItem;

/** What an administrator of the database can do to a run, and who notices. */
export function tamperContract(target: () => Target): void {
  const cases: readonly [string, (items: StoredItem[]) => StoredItem[], { seq: number; why: string }][] = [
    ['an edit', (a) => a.with(3, edit(at(a, 3), { tenant: 'x' })), { seq: 4, why: 'content' }],
    [
      'an edit with a new hash',
      (a) => a.with(3, rehash(edit(at(a, 3), { tenant: 'x' }))),
      { seq: 5, why: 'prev' },
    ],
    [
      'an entry nobody can read',
      (a) => a.with(3, { ...at(a, 3), item: { ...at(a, 3).item, body: 7 } }),
      { seq: 4, why: 'content' },
    ],
    ['a removed event', (a) => a.toSpliced(3, 1), { seq: 4, why: 'gap' }],
    ['two events swapped', (a) => a.with(3, at(a, 4)).with(4, at(a, 3)), { seq: 4, why: 'gap' }],
    ['an inserted copy', (a) => a.toSpliced(4, 0, at(a, 3)), { seq: 5, why: 'gap' }],
    [
      'an event of another run',
      (a) => a.with(3, edit(at(a, 3), { runId: runId() })),
      { seq: 4, why: 'moved' },
    ],
    [
      'an event under another number',
      (a) => a.with(3, edit(at(a, 3), {}, { id: '0000000009' })),
      { seq: 4, why: 'moved' },
    ],
    [
      'an index field that lies',
      (a) => a.with(3, edit(at(a, 3), {}, { ci: 'other' })),
      { seq: 4, why: 'moved' },
    ],
  ];

  describe('a log that was tampered with', () => {
    const run = runId();
    const count = 8;
    let entries: readonly LogEntry[] = [];
    before(async () => {
      entries = await appended(eventLog(target().store), run, undefined, events(count));
    });

    for (const [name, change, flaw] of cases)
      it(`shows ${name}`, async () => {
        const store = tampered(target().store, change);
        assert.deepEqual(await verifyStored(store, run), { ok: false, ...flaw });
      });

    it('refuses to read what cannot be read, is not in its place or does not continue the chain', async () => {
      for (const [name, change] of cases.filter(([name]) => name !== 'an edit')) {
        const reading = eventLog(tampered(target().store, change)).read(run);
        await assert.rejects(
          reading,
          (error) => error instanceof AppError && error.code === 'log-broken',
          name,
        );
      }
    });

    it('shows a cut tail to whoever holds a head, and to nobody else', async () => {
      const store = tampered(target().store, (items) => items.slice(0, 5));
      const anchor = entries.at(-1);
      assert.equal((await verifyStored(store, run)).ok, true);
      assert.deepEqual(await verifyStored(store, run, anchor), { ok: false, seq: 6, why: 'truncated' });
      assert.equal((await verifyStored(target().store, run, anchor)).ok, true);
    });

    it('shows a run that was removed altogether to whoever holds a head', async () => {
      const store = tampered(target().store, () => []);
      assert.deepEqual(await verifyStored(store, run, entries.at(-1)), {
        ok: false,
        seq: 1,
        why: 'truncated',
      });
    });

    it('shows a chain rewritten to its end to whoever holds a head', async () => {
      const last = count - 1;
      const store = tampered(target().store, (a) => a.with(last, rehash(edit(at(a, last), { tenant: 'x' }))));
      assert.equal((await verifyStored(store, run)).ok, true);
      const anchored = await verifyStored(store, run, entries.at(-1));
      assert.deepEqual(anchored, { ok: false, seq: count, why: 'rewritten' });
    });
  });
}
