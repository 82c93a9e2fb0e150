import assert from 'node:assert/strict';
import type { Item, ListQuery, Store } from '../../src/adapters/store/store.ts';
import { refused, type Target } from './store.ts';
import { item, mark } from './store-fixtures.ts';

const count = 25;

/** The one query shape: equality filters, ordered and paged by the sort key. */
export function storeListContract(target: () => Target): void {
  describe('lists', () => {
    const kind = mark();
    const store = (): Store => target().store;
    const make = (i: number): Item =>
      item({
        kind,
        pk: `${kind}:${i % 2}`,
        k: `2026-11-22T00:00:${String(i).padStart(2, '0')}Z|${kind}`,
        ci: i % 3 === 0 ? 'ci-2' : 'ci-1',
        status: i % 5 === 0 ? 'closed' : 'open',
        body: i,
      });

    before(async () => {
      for (let i = 0; i < count; i += 1) assert.ok((await store().put(make(i), 'new')).ok);
      assert.equal(
        await store().append(Array.from({ length: 5 }, (_, i) => ({ ...make(i), pk: kind }))),
        'stored',
      );
    });

    const numbers = async (query: Partial<ListQuery>) => {
      const page = await store().list('state', { where: { kind }, limit: 100, ...query });
      return page.items.map(({ item: { body } }) => body);
    };

    it('lists one partition and nothing of another', async () => {
      assert.deepEqual(await numbers({ pk: `${kind}:1` }), [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
      assert.deepEqual(await numbers({ pk: `${kind}:2` }), []);
    });

    it('keeps the containers apart', async () => {
      const page = await store().list('audit', { where: { kind }, limit: 100 });
      assert.deepEqual(
        page.items.map((one) => one.item.body),
        [0, 1, 2, 3, 4],
      );
    });

    it('lists across partitions, newest first', async () => {
      assert.deepEqual(await numbers({ order: 'desc', limit: 3 }), [24, 23, 22]);
    });

    it('applies every filter', async () => {
      assert.deepEqual(await numbers({ where: { kind, ci: 'ci-2', status: 'closed' } }), [0, 15]);
      assert.deepEqual(await numbers({ where: { kind, ci: 'ci-3' } }), []);
    });

    it('takes a filter value as data, never as query text', async () => {
      assert.deepEqual(await numbers({ where: { kind: `${kind}' OR 1=1 --` } }), []);
      assert.deepEqual(await numbers({ where: { kind: `${kind}" OR true --` } }), []);
    });

    for (const order of ['asc', 'desc'] as const)
      it(`visits every item once when paging (${order}), and ends`, async () => {
        const seen = await pages(store(), { where: { kind }, order, limit: 4 });
        const expected = Array.from({ length: count }, (_, i) => i);
        assert.deepEqual(seen, order === 'asc' ? expected : expected.reverse());
      });

    it('gives no cursor with an exact last page', async () => {
      const page = await store().list('state', { where: { kind }, limit: count });
      assert.equal(page.items.length, count);
      assert.equal(page.after, undefined);
    });

    it('refuses unknown filters and limits', async () => {
      const where = { 'kind = kind OR ci': 'x' } as ListQuery['where'] & object;
      await assert.rejects(store().list('state', { where, limit: 1 }), refused);
      for (const limit of [0, 1.5, 1001, Number.NaN])
        await assert.rejects(store().list('state', { limit }), refused);
    });
  });
}

/** The bodies of all pages; more pages than there are items means that paging does not end. */
async function pages(store: Store, query: ListQuery): Promise<unknown[]> {
  const seen: unknown[] = [];
  let page = await store.list('state', query);
  for (let n = 0; n < count; n += 1) {
    seen.push(...page.items.map((one) => one.item.body));
    if (page.after === undefined) return seen;
    page = await store.list('state', { ...query, after: page.after });
  }
  throw new Error('paging does not end');
}
