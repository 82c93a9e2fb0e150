import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eventLog } from '../../../src/adapters/store/event-log.ts';
import { knownEntries } from '../../../src/adapters/store/known-entries.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite.ts';
import type { Store } from '../../../src/adapters/store/store.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { LogEntry } from '../../../src/domain/events.ts';
import { cancelRequested, handClock, runId } from '../../contract/store-fixtures.ts';
import { tempFolder } from './files.ts';

describe('What is known of a run', () => {
  const files = tempFolder();
  let store: Store;
  let fetched: number;
  /** The same store, counting the events it hands out. */
  const counted = (): Store => ({
    ...store,
    async list(container, query) {
      const page = await store.list(container, query);
      fetched += page.items.length;
      return page;
    },
  });

  beforeEach(() => {
    fetched = 0;
    store = openSqliteStore(files.path(`${runId()}.db`), handClock());
  });
  afterEach(() => store.close());
  after(files.remove);

  it('is not fetched again: only what came after it', async () => {
    const run = runId();
    const [here, elsewhere] = [eventLog(counted()), eventLog(store)];
    const first = await elsewhere.append(run, undefined, [cancelRequested('a'), cancelRequested('b')]);
    assert.ok(first.ok);
    assert.equal((await here.read(run)).length, 2);
    assert.equal(fetched, 2);
    const second = await elsewhere.append(run, first.entries.at(-1), [cancelRequested('c')]);
    assert.ok(second.ok);
    assert.deepEqual(await here.read(run), [...first.entries, ...second.entries]);
    assert.equal(fetched, 3);
    const own = await here.append(run, second.entries.at(-1), [cancelRequested('d')]);
    assert.ok(own.ok);
    assert.deepEqual(await here.read(run), await eventLog(store).read(run));
    assert.equal(fetched, 3);
  });

  it('is whole also when a run was never read here before it went on', async () => {
    const run = runId();
    const here = eventLog(store);
    const first = await eventLog(store).append(run, undefined, [cancelRequested('a')]);
    assert.ok(first.ok);
    assert.ok((await here.append(run, first.entries.at(-1), [cancelRequested('b')])).ok);
    assert.deepEqual(await here.read(run), await eventLog(store).read(run));
  });

  it('does not hide that what comes after it does not follow it', async () => {
    const run = runId();
    const here = eventLog(store);
    const first = await here.append(run, undefined, [cancelRequested('a')]);
    assert.ok(first.ok);
    const foreign = { ...(first.entries[0] as LogEntry), hash: 'f'.repeat(64) };
    assert.ok((await eventLog(store).append(run, foreign, [cancelRequested('b')])).ok);
    await assert.rejects(
      here.read(run),
      (error) =>
        error instanceof AppError && error.code === 'log-broken' && error.message.includes('event 2'),
    );
  });

  it('is what the store holds, whoever reads and appends in whatever order', async () => {
    const step = fc.record({ by: fc.nat(1), does: fc.constantFrom('read', 'append'), run: fc.nat(1) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const runs = [runId(), runId()];
        const logs = [eventLog(store), eventLog(store)];
        const heads = new Map<string, LogEntry | undefined>();
        for (const { by, does, run } of steps) {
          const [log, id] = [logs[by], runs[run]];
          assert.ok(log !== undefined && id !== undefined);
          const key = `${by} ${id}`;
          if (does === 'append') await log.append(id, heads.get(key), [cancelRequested()]);
          const entries = await log.read(id);
          heads.set(key, entries.at(-1));
          assert.deepEqual(entries, await eventLog(store).read(id));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is forgotten for the run that was not asked for the longest', () => {
    const known = knownEntries(2);
    const entries = [{}] as unknown as LogEntry[];
    known.keep('a', entries);
    known.keep('b', entries);
    assert.equal(known.of('a'), entries);
    known.keep('c', entries);
    assert.deepEqual(
      ['a', 'b', 'c'].map((run) => known.of(run).length),
      [1, 0, 1],
    );
  });

  it('never becomes shorter', () => {
    const known = knownEntries(2);
    known.keep('a', [{}, {}] as unknown as LogEntry[]);
    known.keep('a', [{}] as unknown as LogEntry[]);
    assert.equal(known.of('a').length, 2);
  });
});
