import assert from 'node:assert/strict';
import { fact } from '../../src/flow/fact.ts';

describe('a fact', () => {
  it('is what was fetched', async () => {
    assert.deepEqual(await fact(async () => 7), { ok: true, value: 7 });
  });

  it('says why it is missing', async () => {
    const away = () => Promise.reject(new Error('it did not answer'));
    assert.deepEqual(await fact(away), { ok: false, why: 'it did not answer' });
  });

  it('is missing when its source takes too long, however long that would be', async () => {
    const never = () => new Promise<number>(() => undefined);
    assert.deepEqual(await fact(never, {}, 20), { ok: false, why: 'no answer within 20 ms' });
  });

  it('is as old as the oldest answer it was made of, where the source can say', async () => {
    const [old, older, mine] = [['a'], ['b'], ['c']];
    const dates = new Map<unknown, Date>([
      [old, new Date('2026-11-22T09:00:07Z')],
      [older, new Date('2026-11-22T09:00:03Z')],
    ]);
    const source = { readAt: (answer: unknown) => dates.get(answer) };
    assert.deepEqual(await fact(async (dated) => [...dated(old), ...dated(older), ...dated(mine)], source), {
      ok: true,
      value: ['a', 'b', 'c'],
      readAt: '2026-11-22T09:00:03.000Z',
    });
    assert.deepEqual(await fact(async (dated) => dated(mine), source), { ok: true, value: mine });
    assert.deepEqual(await fact(async (dated) => dated(old)), { ok: true, value: old });
  });

  it("may come late without harm: a failure after its time is nobody's", async () => {
    const late = Promise.withResolvers<number>();
    await fact(() => late.promise, {}, 5);
    late.reject(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
