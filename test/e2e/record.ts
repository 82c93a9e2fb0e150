import path from 'node:path';
import type { Verified } from '../../src/adapters/store/chain.ts';
import { openSqlite } from '../../src/adapters/store/open.ts';
import type { EventType, LogEntry } from '../../src/domain/events.ts';

const clock = { now: () => new Date() };

/** A run as it is in the store, read by a second connection beside the running bot. */
export type StoredRun = {
  readonly entries: readonly LogEntry[];
  readonly verified: Verified;
  /** The types of its events, in order. */
  readonly types: readonly EventType[];
};

/** Reads a run and re-computes its hash chain. */
export async function storedRun(data: string, runId: string): Promise<StoredRun> {
  const store = await openSqlite(path.join(data, 'handrail.db'), clock);
  try {
    const entries = await store.log.read(runId);
    return { entries, verified: await store.verify(runId), types: entries.map(({ type }) => type) };
  } finally {
    await store.close();
  }
}

/** The runs there are for an incident, oldest first. */
export async function runsOf(data: string, incident: string): Promise<readonly string[]> {
  const store = await openSqlite(path.join(data, 'handrail.db'), clock);
  try {
    const found = await store.log.find({ where: { incident, type: 'run-proposed' }, limit: 100 });
    return found.map(({ runId }) => runId).toSorted();
  } finally {
    await store.close();
  }
}

/** Entries of one type. */
export const entriesOf = <T extends EventType>({ entries }: StoredRun, type: T) =>
  entries.filter((entry): entry is Extract<LogEntry, { type: T }> => entry.type === type);
