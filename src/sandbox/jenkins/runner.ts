import type { BuildStore } from './build-store.ts';
import type { JobDefinition } from './definitions.ts';
import { buildExecutor, endInterrupted } from './executor.ts';
import type { BuildQueue, QueueItem } from './queue.ts';

/** What the simulated Jenkins does wrong on demand, until it is told otherwise. */
export type Disturbance = {
  /** No executor is free: items stay in the queue. */
  readonly noExecutors: boolean;
  /** It is starting: every page is a 503. */
  readonly starting: boolean;
  /** It prepares for a shutdown: nothing new starts. */
  readonly quietingDown: boolean;
};
type Rules = {
  readonly jobs: readonly JobDefinition[];
  readonly user: string;
  readonly disturbance: () => Disturbance;
};
export type Runner = ReturnType<typeof buildRunner>;

/** Starts what is queued when its turn comes. */
export function buildRunner(store: BuildStore, queue: BuildQueue, { jobs, user, disturbance }: Rules) {
  let closed = false;
  endInterrupted(store);
  const executor = buildExecutor(store, user, look);

  /** Why an item cannot start now. */
  function hindrance(item: QueueItem, { oneAtATime }: JobDefinition) {
    if (item.due > Date.now())
      return { state: 'waiting', why: 'In the quiet period. Expires in 5 sec' } as const;
    const other = oneAtATime === true ? executor.busyWith(item.job) : undefined;
    if (other !== undefined)
      return { state: 'blocked', why: `Build #${other.number} is already in progress (ETA: N/A)` } as const;
    if (disturbance().noExecutors)
      return { state: 'buildable', why: 'Waiting for next available executor' } as const;
    if (disturbance().quietingDown)
      return { state: 'buildable', why: 'Jenkins is about to shut down' } as const;
    return undefined;
  }

  function consider(item: QueueItem): void {
    const definition = jobs.find(({ name }) => name === item.job);
    if (definition === undefined) return;
    const held = hindrance(item, definition);
    if (held === undefined) queue.start(item, executor.start(item, definition));
    else Object.assign(item, held);
    if (held?.state === 'waiting') setTimeout(look, item.due - Date.now() + 1).unref();
  }

  /** Starts whatever can start now. */
  function look(): void {
    if (!closed) for (const item of queue.queued()) consider(item);
  }
  return {
    look,
    stop: executor.stop,
    /** Restarts in place: builds are interrupted. */
    restart: executor.interrupt,
    async close(): Promise<void> {
      closed = true;
      await executor.close();
    },
  };
}
