import assert from 'node:assert/strict';
import { verifyRun } from '../../src/adapters/store/chain.ts';
import { openCosmosStore } from '../../src/adapters/store/cosmos.ts';
import { eventLog } from '../../src/adapters/store/event-log.ts';
import type { Store } from '../../src/adapters/store/store.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { NewEvent } from '../../src/domain/events.ts';
import type { EventLog } from '../../src/ports.ts';
import { emulatorKey, type FakeCosmos, type Fault, startFakeCosmos } from '../fakes/cosmos.ts';
import { handClock, runId } from './store-fixtures.ts';
import { events } from './store-log.ts';

/** The same unlucky numbers every time. */
function unlucky(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/** Of each hundred writes 10 are throttled, 10 find the service busy, 10 collide, 15 lose their answer, 5 never arrive. */
function misfortune(): FakeCosmos['faults'] {
  const random = unlucky(42);
  const table: readonly [number, Fault][] = [
    [0.1, 'throttle'],
    [0.2, 'unavailable'],
    [0.3, 'retry-with'],
    [0.45, 'lose-answer'],
    [0.5, 'reset'],
  ];
  return ({ writesItem }) => {
    const roll = random();
    if (!writesItem) return roll < 0.05 ? 'throttle' : 'none';
    return table.find(([limit]) => roll < limit)?.[1] ?? 'none';
  };
}

/** What a caller of the log does: decides again after a conflict, tries again when the store is away. */
async function store(log: EventLog, run: string, event: NewEvent): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      const entries = await log.read(run);
      if (entries.some((entry) => entry.event === event.event)) return;
      if ((await log.append(run, entries.at(-1), [event])).ok) return;
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
    }
  }
  throw new Error('the event could not be stored');
}

describe('The event log on a Cosmos DB that throttles, fails and loses answers', () => {
  let cosmos: FakeCosmos;
  let opened: Store;
  before(async () => {
    cosmos = await startFakeCosmos();
    const settings = { endpoint: cosmos.faultyEndpoint, key: emulatorKey, database: 'chaos', create: true };
    opened = await openCosmosStore(settings, handClock());
    await opened.ready();
    cosmos.faults = misfortune();
  });
  after(async () => {
    await opened.close();
    await cosmos.close();
  });

  it('loses nothing, doubles nothing and keeps every chain, with two writers on each run', async () => {
    const log = eventLog(opened);
    const runs = Array.from({ length: 4 }, () => ({ run: runId(), writers: [events(10), events(10)] }));
    const writing = runs.flatMap(({ run, writers }) =>
      writers.map(async (list) => {
        for (const event of list) await store(log, run, event);
      }),
    );
    await Promise.all(writing);
    cosmos.faults = () => 'none';
    for (const { run, writers } of runs) {
      const entries = await log.read(run);
      assert.equal(verifyRun(entries).ok, true);
      const wanted = writers.flat().map(({ event }) => event);
      assert.deepEqual(entries.map(({ event }) => event).sort(), wanted.sort());
    }
  });
});
