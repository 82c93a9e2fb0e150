import assert from 'node:assert/strict';
import { leaseStore } from '../../src/adapters/store/lease.ts';
import { stateStore } from '../../src/adapters/store/state-store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { StateItem } from '../../src/ports.ts';
import type { Target } from './store.ts';
import { mark } from './store-fixtures.ts';

const inUse = (error: unknown): boolean => error instanceof AppError && error.code === 'store-in-use';

/** The state port, bot storage and leases, whatever database is below. */
export function stateContract(target: () => Target): void {
  const state = () => stateStore(target().store);

  describe('the state store', () => {
    it('gives an item back as it was put, sort key included', async () => {
      const item: StateItem = {
        pk: mark(),
        id: 'a',
        kind: 'run',
        k: '2026|a',
        status: 'open',
        ttl: 60,
        body: { a: [1] },
      };
      const written = await state().put(item, 'new');
      assert.ok(written.ok);
      assert.deepEqual(await state().get(item.pk, item.id), { item, etag: written.etag });
      const listed = await state().list({ where: { kind: 'run', status: 'open' }, limit: 1, order: 'desc' });
      assert.equal(listed.items.length, 1);
      assert.equal(await state().remove(item.pk, item.id, written.etag), true);
    });

    it('pages through items that share a sort key', async () => {
      const kind = mark();
      for (const id of ['a', 'b', 'c'])
        await state().put({ pk: kind, id, kind, k: 'same', body: null }, 'new');
      const first = await state().list({ where: { kind }, limit: 2 });
      assert.ok(first.after !== undefined);
      const second = await state().list({ where: { kind }, limit: 2, after: first.after });
      const listed = [...first.items, ...second.items].map(({ item }) => `${item.k} ${item.id}`);
      assert.deepEqual(listed, ['same a', 'same b', 'same c']);
    });
  });

  leaseContract(target);
}

function leaseContract(target: () => Target): void {
  describe('a lease on the store', () => {
    const take = (holder: string, lost?: (error: AppError) => void) =>
      leaseStore(stateStore(target().store), target().clock, { holder, seconds: 30, lost });

    it('is refused while another holder is alive, and free after its release', async () => {
      const release = await take('first');
      await assert.rejects(take('second'), (error) => inUse(error) && /first/.test(String(error)));
      await release();
      await (await take('second'))();
    });

    it('goes to one of several who come at once', async () => {
      const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((holder) => take(holder)));
      const won = results.filter((result) => result.status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const { value: release } of won) await release();
    });

    it('is free again when its holder died', async () => {
      const dead = await take('dead');
      target().clock.advance(31);
      const release = await take('next');
      await dead();
      await assert.rejects(take('third'), inUse);
      await release();
    });
  });
}
