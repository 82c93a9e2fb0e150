import assert from 'node:assert/strict';
import type { Container, Item, Store } from '../../src/adapters/store/store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Json } from '../../src/domain/json.ts';
import { type HandClock, item, mark } from './store-fixtures.ts';

/** A store under test and the clock it was given. */
export type Target = { readonly store: Store; readonly clock: HandClock };

export const refused = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'store-refused' && error.fix !== '';

const all = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));

/** What both databases must do the same way with single items. */
export function storeContract(target: () => Target): void {
  const store = () => target().store;
  const etagOf = async (one: Item) => {
    const written = await store().put(one, 'new');
    assert.ok(written.ok);
    return written.etag;
  };
  const bodyOf = async (one: Item) => (await store().get('state', one.pk, one.id))?.item.body;

  describe('single items', () => {
    it('answers undefined for an item that is not there', async () => {
      assert.equal(await store().get('state', 'p', 'none'), undefined);
      assert.equal(await store().get('audit', 'p', 'none'), undefined);
    });

    it('gives back exactly what was put, with its etag', async () => {
      const body: Json = {
        text: 'é😀"\\',
        none: null,
        big: 2 ** 53 - 1,
        tenth: 0.1,
        deep: { list: [1, [true]] },
      };
      const one = item({
        body,
        status: 'open',
        code: '7K2QD',
        ci: 'a',
        incident: '',
        runbook: 'r',
        ttl: 60,
      });
      const etag = await etagOf(one);
      assert.deepEqual(await store().get('state', one.pk, one.id), { item: one, etag });
    });

    it('creates an item once', async () => {
      const one = item();
      await etagOf(one);
      assert.deepEqual(await store().put({ ...one, body: 2 }, 'new'), { ok: false, why: 'exists' });
      assert.deepEqual(await bodyOf(one), one.body);
    });

    it('keeps the same id in two partitions apart', async () => {
      const one = item({ body: 1 });
      const other = { ...one, pk: `${one.pk}x`, body: 2 };
      await etagOf(one);
      await etagOf(other);
      assert.deepEqual([await bodyOf(one), await bodyOf(other)], [1, 2]);
    });

    it('replaces an item under its current etag and gives it a new one, without merging', async () => {
      const one = item({ status: 'open', body: { a: 1 } });
      const etag = await etagOf(one);
      const { status: _, ...next } = { ...one, body: { b: 2 } };
      const written = await store().put(next, { etag });
      assert.ok(written.ok && written.etag !== etag);
      assert.deepEqual(await store().get('state', one.pk, one.id), { item: next, etag: written.etag });
    });

    it('refuses a stale etag and writes nothing', async () => {
      const one = item({ body: 1 });
      const etag = await etagOf(one);
      await store().put({ ...one, body: 2 }, { etag });
      assert.deepEqual(await store().put({ ...one, body: 3 }, { etag }), { ok: false, why: 'changed' });
      assert.equal(await bodyOf(one), 2);
    });

    it('says gone when the item to replace was removed', async () => {
      const one = item();
      const etag = await etagOf(one);
      assert.equal(await store().remove(one.pk, one.id), true);
      assert.deepEqual(await store().put(one, { etag }), { ok: false, why: 'gone' });
    });

    it('writes whatever is there when asked to', async () => {
      const one = item({ body: 1 });
      assert.ok((await store().put(one, 'any')).ok);
      assert.ok((await store().put({ ...one, body: 2 }, 'any')).ok);
      assert.equal(await bodyOf(one), 2);
    });

    it('lets one of 20 concurrent creates win', async () => {
      const one = item();
      const results = await all(20, (i) => store().put({ ...one, body: i }, 'new'));
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      assert.equal(
        await bodyOf(one),
        results.findIndex(({ ok }) => ok),
      );
    });

    it('lets one of 20 concurrent replaces win', async () => {
      const one = item();
      const etag = await etagOf(one);
      const results = await all(20, (i) => store().put({ ...one, body: i }, { etag }));
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      assert.equal(
        await bodyOf(one),
        results.findIndex(({ ok }) => ok),
      );
    });

    it('removes an item once, and not under a stale etag', async () => {
      const one = item();
      const etag = await etagOf(one);
      await store().put({ ...one, body: 2 }, { etag });
      assert.equal(await store().remove(one.pk, one.id, etag), 'changed');
      assert.equal(await store().remove(one.pk, one.id), true);
      assert.equal(await store().remove(one.pk, one.id), false);
    });

    it('appends audit items once, and gives them back', async () => {
      const pk = `run:${mark()}`;
      const items = [item({ pk }), item({ pk, phase: 'remediation', conversation: 'c' })];
      assert.equal(await store().append(items), 'stored');
      assert.equal(await store().append([{ ...items[0], body: 'other' } as Item]), 'exists');
      for (const one of items) assert.deepEqual((await store().get('audit', pk, one.id))?.item, one);
    });

    it('hides an expired item from reads and lists, and lets its id be created again', async () => {
      const one = item({ ttl: 100, kind: mark() });
      const count = async () =>
        (await store().list('state', { where: { kind: one.kind }, limit: 9 })).items.length;
      const etag = await etagOf(one);
      target().clock.advance(99);
      assert.deepEqual(await store().put(one, 'new'), { ok: false, why: 'exists' });
      assert.equal(await count(), 1);
      target().clock.advance(2);
      assert.equal(await bodyOf(one), undefined);
      assert.equal(await count(), 0);
      const again = await store().put(one, 'new');
      assert.ok(again.ok && again.etag !== etag);
      assert.equal(await count(), 1);
    });
  });

  describe('what a store refuses', () => {
    const containers: Container[] = ['audit', 'state'];
    const write = (container: Container, one: Item): Promise<unknown> =>
      container === 'audit' ? store().append([one]) : store().put(one, 'new');
    const cases: readonly [string, (one: Item) => Item][] = [
      ...['a/b', 'a\\b', 'a?b', 'a#b', 'a\n', 'é', '', 'x'.repeat(300)].map(
        (id): [string, (one: Item) => Item] => [
          `the id ${JSON.stringify(id).slice(0, 12)}`,
          (one) => ({ ...one, id }),
        ],
      ),
      ['an empty partition', (one) => ({ ...one, pk: '' })],
      ['a broken partition name', (one) => ({ ...one, pk: '\ud800' })],
      ['an item without a sort key', (one) => ({ ...one, k: '' })],
      ['a reserved property', (one) => ({ ...one, _etag: 'x' }) as Item],
      ['a body over 1.9 MB', (one) => ({ ...one, body: 'é'.repeat(950_001) })],
      ['a ttl of half a second', (one) => ({ ...one, ttl: 0.5 })],
    ];
    for (const [name, spoil] of cases)
      it(`refuses ${name} before anything is sent`, async () => {
        for (const container of containers) {
          const one = spoil(item());
          await assert.rejects(write(container, one), refused);
          if (one.pk !== '' && one.id !== '' && one.pk.isWellFormed() && /^[\w.]+$/.test(one.id))
            assert.equal(await store().get(container, one.pk, one.id), undefined);
        }
      });

    it('refuses an audit item that would expire', () =>
      assert.rejects(store().append([item({ ttl: 60 })]), refused));

    it('keeps Teams ids and any character in a partition', async () => {
      const one = item({
        id: '19:ab_c-D@thread.tacv2;messageid=1700000000000',
        pk: `a/b?c#d\\é 19:${mark()}`,
      });
      await etagOf(one);
      assert.deepEqual(await bodyOf(one), one.body);
    });

    it('keeps a body of 1.8 MB', async () => {
      const one = item({ body: 'é'.repeat(900_000) });
      await etagOf(one);
      assert.equal(String(await bodyOf(one)).length, 900_000);
    });
  });
}
