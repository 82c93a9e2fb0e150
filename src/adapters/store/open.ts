import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AppError } from '../../domain/errors.ts';
import type { Clock, EventLog, StateStore } from '../../ports.ts';
import type { Anchor, Verified } from './chain.ts';
import { openCosmosStore } from './cosmos.ts';
import type { CosmosSettings } from './cosmos-account.ts';
import { eventLog, verifyStored } from './event-log.ts';
import { leaseStore } from './lease.ts';
import { lockStore } from './lock.ts';
import { openSqliteStore } from './sqlite.ts';
import { stateStore } from './state-store.ts';
import type { Store } from './store.ts';

export type OpenStore = {
  readonly log: EventLog;
  readonly state: StateStore;
  /** Verifies a run as stored, also one the log refuses to read. */
  verify(runId: string, anchor?: Anchor): Promise<Verified>;
  /**
   * Takes the store for this process alone and answers how to give it back. Throws AppError `store-in-use`.
   * `lost` is called when a remote store has gone to somebody else meanwhile; a local one cannot be lost.
   */
  own(lost?: (error: AppError) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
};

/** How long a remote store stays taken after its holder died, seconds. */
const leaseSeconds = 30;

/** Opens the store in a local file, and makes it when there is none. Throws AppError `store-unavailable`. */
export async function openSqlite(path: string, clock: Clock): Promise<OpenStore> {
  const store = openSqliteStore(path, clock);
  return {
    ...ports(store),
    async own() {
      const release = lockStore(path);
      return async () => release();
    },
  };
}

/** Opens the store in a Cosmos DB database. Throws AppError `config-invalid`; `log.ready()` reaches out for it. */
export async function openCosmos(settings: CosmosSettings, clock: Clock): Promise<OpenStore> {
  const opened = ports(await openCosmosStore(settings, clock));
  const holder = `${hostname()} process ${process.pid} (${randomUUID().slice(0, 8)})`;
  return {
    ...opened,
    own: (lost) => leaseStore(opened.state, clock, { holder, seconds: leaseSeconds, lost }),
  };
}

const ports = (store: Store) => ({
  log: eventLog(store),
  state: stateStore(store),
  verify: (runId: string, anchor?: Anchor) => verifyStored(store, runId, anchor),
  close: () => store.close(),
});
