import assert from 'node:assert/strict';
import { verifyRun } from '../../src/adapters/store/chain.ts';
import { eventLog, verifyStored } from '../../src/adapters/store/event-log.ts';
import type { LogEntry, NewEvent } from '../../src/domain/events.ts';
import type { EventLog } from '../../src/ports.ts';
import { refused, type Target } from './store.ts';
import { cancelRequested, mark, runId, stepStarted } from './store-fixtures.ts';

export const events = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, i) => cancelRequested(`reason ${i}`));

/** Appends and insists on success. */
export async function appended(
  log: EventLog,
  run: string,
  head: LogEntry | undefined,
  list: readonly NewEvent[],
) {
  const result = await log.append(run, head, list);
  assert.ok(result.ok);
  return result.entries;
}

/** The run log, whatever database is below. */
export function eventLogContract(target: () => Target): void {
  const store = () => target().store;
  const log = () => eventLog(store());

  describe('the event log', () => {
    it('is empty for a run nobody has started', async () => {
      assert.deepEqual(await log().read(runId()), []);
      assert.deepEqual(await log().read('not a run'), []);
    });

    it('reads back what it stored, hashes included, and the chain verifies', async () => {
      const run = runId();
      const first = await appended(log(), run, undefined, [cancelRequested('é😀 "quoted"\n'), stepStarted()]);
      const second = await appended(log(), run, first.at(-1), events(10));
      const entries = await log().read(run);
      assert.deepEqual(entries, [...first, ...second]);
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      );
      assert.equal(entries[0]?.prev, '0'.repeat(64));
      const head = { runId: run, seq: 12, hash: entries[11]?.hash };
      assert.deepEqual(verifyRun(entries), { ok: true, head });
      assert.deepEqual(await verifyStored(store(), run), { ok: true, head });
    });

    it('never lets time run backwards inside a run', async () => {
      const run = runId();
      const times = ['2026-11-22T10:00:00.500Z', '2026-11-22T10:00:00Z', '2026-11-22T10:00:01Z'];
      const entries = await appended(
        log(),
        run,
        undefined,
        times.map((at) => cancelRequested('x', { at })),
      );
      assert.deepEqual(
        entries.map(({ at }) => at),
        [times[0], times[0], times[2]],
      );
      assert.deepEqual(await log().read(run), entries);
    });

    it('lets one of many decisions on the same head win', async () => {
      const run = runId();
      const head = (await appended(log(), run, undefined, events(1))).at(-1);
      const results = await Promise.all(events(12).map((event) => log().append(run, head, [event])));
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      assert.equal((await log().read(run)).length, 2);
    });

    it('lets one of many starts of a run win', async () => {
      const run = runId();
      const results = await Promise.all(events(6).map((event) => log().append(run, undefined, [event])));
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      assert.equal((await log().read(run)).length, 1);
    });

    it('refuses a decision on an old head and stores nothing of it', async () => {
      const run = runId();
      const entries = await appended(log(), run, undefined, events(3));
      for (const head of [undefined, entries[0], entries[1]])
        assert.deepEqual(await log().append(run, head, events(2)), { ok: false, why: 'conflict' });
      assert.deepEqual(await log().read(run), entries);
    });

    it('stores the same events once, however often they are appended', async () => {
      const run = runId();
      const same = events(3);
      const results = await Promise.all([1, 2, 3].map(() => appended(log(), run, undefined, same)));
      const entries = await log().read(run);
      assert.equal(entries.length, 3);
      for (const result of results) assert.deepEqual(result, entries);
      assert.deepEqual(await appended(log(), run, undefined, same), entries);
    });

    it('completes events of which an earlier attempt stored the first ones', async () => {
      const run = runId();
      const same = events(3);
      const first = await appended(log(), run, undefined, same.slice(0, 1));
      const entries = await appended(log(), run, undefined, same);
      assert.deepEqual(entries.slice(0, 1), first);
      assert.deepEqual(await log().read(run), entries);
      assert.equal(verifyRun(entries).ok, true);
    });

    it('loses nothing of 24 writers who decide again after a conflict', async () => {
      const run = runId();
      const list = events(24);
      await Promise.all(list.map((event) => appendUntilStored(log(), run, event)));
      const entries = await log().read(run);
      assert.deepEqual(entries.map(({ event }) => event).sort(), list.map(({ event }) => event).sort());
      assert.equal(verifyRun(entries).ok, true);
    });

    it('appends nothing when there is nothing to append', async () => {
      assert.deepEqual(await log().append(runId(), undefined, []), { ok: true, entries: [] });
    });

    it('refuses an event it could not read back, a strange run id, and the head of another run', async () => {
      const run = runId();
      const unreadable = { ...cancelRequested(), data: { reason: 1 } } as unknown as NewEvent;
      await assert.rejects(log().append(run, undefined, [unreadable]), refused);
      await assert.rejects(log().append(run, undefined, [cancelRequested('\ud800')]), refused);
      await assert.rejects(log().append('../x', undefined, events(1)), refused);
      const head = (await appended(log(), run, undefined, events(1))).at(-1);
      await assert.rejects(log().append(runId(), head, events(1)), refused);
      assert.equal((await log().read(run)).length, 1);
    });

    it('keeps an event out of the hash of what it is not: unknown properties are not stored', async () => {
      const run = runId();
      const noisy = { ...cancelRequested(), ...{ extra: 1 } };
      await appended(log(), run, undefined, [noisy]);
      assert.equal((await verifyStored(store(), run)).ok, true);
      assert.equal('extra' in ((await log().read(run))[0] ?? {}), false);
    });

    it('finds entries across runs, newest first, by each indexed field', async () => {
      const ci = mark();
      const conversation = `19:${mark()}@thread.tacv2`;
      const subject = { incident: mark(), ci, runbook: { id: mark(), version: '1', hash: 'h' } };
      const parts = (second: number) => ({
        at: `2026-11-22T11:00:0${second}.000Z`,
        subject,
        origin: { conversation, activity: '' },
      });
      const runs = [runId(), runId()] as const;
      await appended(log(), runs[0], undefined, [stepStarted(parts(1)), cancelRequested('a', parts(3))]);
      await appended(log(), runs[1], undefined, [stepStarted(parts(2)), cancelRequested('b', parts(4))]);
      const found = async (where: Parameters<EventLog['find']>[0]['where'], limit = 50) =>
        (await log().find({ where, limit })).map(({ at }) => Number(at.slice(17, 19)));
      assert.deepEqual(await found({ ci }), [4, 3, 2, 1]);
      assert.deepEqual(await found({ incident: subject.incident }), [4, 3, 2, 1]);
      assert.deepEqual(await found({ runbook: subject.runbook.id }), [4, 3, 2, 1]);
      assert.deepEqual(await found({ conversation }), [4, 3, 2, 1]);
      assert.deepEqual(await found({ ci, type: 'step-started' }), [2, 1]);
      assert.deepEqual(await found({ ci, phase: 'remediation' }, 1), [2]);
      assert.deepEqual(await found({ ci, phase: 'rollback' }), []);
    });
  });
}

async function appendUntilStored(log: EventLog, run: string, event: NewEvent): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const head = (await log.read(run)).at(-1);
    if ((await log.append(run, head, [event])).ok) return;
  }
  throw new Error('lost 100 races');
}
