import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drivePool } from '../../../src/adapters/engine/drive-pool.ts';

/** A pool whose drives end when told, in any order. */
function heldPool(limit: number) {
  const begun: string[] = [];
  const active = new Map<string, () => void>();
  let most = 0;
  const pool = drivePool(limit, (runId) => {
    assert.ok(!active.has(runId), `${runId} is driven twice at the same time`);
    begun.push(runId);
    const { promise, resolve } = Promise.withResolvers<void>();
    active.set(runId, resolve);
    most = Math.max(most, active.size);
    return promise;
  });
  return {
    pool,
    begun,
    active,
    most: () => most,
    async end(runId: string) {
      active.get(runId)?.();
      active.delete(runId);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the drive pool', () => {
  it('drives in the order of asking, at most so many at once', async () => {
    const { pool, begun, end } = heldPool(2);
    for (const runId of ['a', 'b', 'c', 'd']) pool.request(runId, 'prompt');
    assert.deepEqual(begun, ['a', 'b']);
    await end('b');
    await end('a');
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  });

  it('takes several requests for a waiting run as one', async () => {
    const { pool, begun, end } = heldPool(1);
    for (const runId of ['a', 'b', 'b', 'b']) pool.request(runId, 'prompt');
    await end('a');
    await end('b');
    assert.deepEqual(begun, ['a', 'b']);
  });

  it('queues a run that was asked for during its drive behind the others', async () => {
    const { pool, begun, end } = heldPool(1);
    for (const runId of ['a', 'b', 'a']) pool.request(runId, 'prompt');
    for (const runId of ['a', 'b', 'a']) await end(runId);
    assert.deepEqual(begun, ['a', 'b', 'a']);
  });

  it('lets a click and a sweep take turns', async () => {
    const { pool, begun, end } = heldPool(1);
    pool.request('first', 'prompt');
    for (const runId of ['s1', 's2', 's3']) pool.request(runId, 'sweep');
    for (const runId of ['p1', 'p2']) pool.request(runId, 'prompt');
    for (let n = 0; n < 6; n += 1) await end(begun.at(-1) ?? '');
    assert.deepEqual(begun, ['first', 's1', 'p1', 's2', 'p2', 's3']);
  });

  it('moves a run that waits in a sweep forward when it is clicked', async () => {
    const { pool, begun, end } = heldPool(1);
    pool.request('first', 'prompt');
    for (const runId of ['s1', 's2', 's3']) pool.request(runId, 'sweep');
    pool.request('s3', 'prompt');
    for (let n = 0; n < 4; n += 1) await end(begun.at(-1) ?? '');
    assert.deepEqual(begun, ['first', 's1', 's3', 's2']);
  });

  it('starts nothing after it was closed', async () => {
    const { pool, begun, end } = heldPool(1);
    pool.request('a', 'prompt');
    pool.request('b', 'prompt');
    pool.close();
    await end('a');
    pool.request('c', 'prompt');
    assert.deepEqual(begun, ['a']);
  });

  it('drives every run after the last request for it, never twice at once, never above the limit', async () => {
    const step = fc.oneof(
      fc.record({
        ask: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        lane: fc.constantFrom('prompt' as const, 'sweep' as const),
      }),
      fc.record({ end: fc.nat(4) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 40 }),
        async (limit, steps) => {
          const { pool, begun, active, most, end } = heldPool(limit);
          const owed = new Map<string, number>();
          for (const next of steps) {
            if ('ask' in next) {
              const before = begun.filter((runId) => runId === next.ask).length;
              pool.request(next.ask, next.lane);
              owed.set(next.ask, active.has(next.ask) && begun.length > 0 ? before : before);
            } else await end([...active.keys()][next.end] ?? '');
          }
          while (active.size > 0) await end([...active.keys()][0] ?? '');
          for (const [runId, before] of owed) {
            assert.ok(begun.filter((other) => other === runId).length > before, `${runId} was not driven`);
          }
          assert.ok(most() <= limit);
        },
      ),
      { numRuns: 200 },
    );
  });
});
