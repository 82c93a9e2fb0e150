import type { ParameterValue } from './definitions.ts';

export type Values = Readonly<Record<string, string | boolean>>;
export type QueueItem = {
  readonly id: number;
  readonly job: string;
  readonly values: Values;
  readonly parameters: readonly ParameterValue[];
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Not before this time: the quiet period. */
  readonly due: number;
  state: 'waiting' | 'blocked' | 'buildable' | 'left';
  /** Why it waits, in the words of Jenkins. */
  why: string | null;
  /** The build that became of it; none when it was cancelled. */
  number: number | undefined;
  leftAt: number;
};
type NewItem = Pick<QueueItem, 'job' | 'values' | 'parameters' | 'due'>;

/** How long an item is shown after it left the queue: five minutes in Jenkins (hudson.model.Queue, leftItems). */
const leftItemMs = 300_000;

export type BuildQueue = ReturnType<typeof buildQueue>;

/** The build queue. It lives in memory: what was not saved at a crash is lost, and its ids are given out again. */
export function buildQueue(shownMs = leftItemMs) {
  let items = new Map<number, QueueItem>();
  let lastId = 0;
  const queued = () => [...items.values()].filter(({ state }) => state !== 'left');
  const leave = (item: QueueItem, number: number | undefined) => {
    item.state = 'left';
    item.why = null;
    item.number = number;
    item.leftAt = Date.now();
  };
  return {
    /** A new item, or the one that is queued for the same job with the same parameters (Queue.scheduleInternal). */
    schedule(wanted: NewItem): { readonly item: QueueItem; readonly created: boolean } {
      const same = queued().find(
        ({ job, values }) => job === wanted.job && JSON.stringify(values) === JSON.stringify(wanted.values),
      );
      if (same !== undefined) return { item: same, created: false };
      lastId += 1;
      const item: QueueItem = {
        ...wanted,
        id: lastId,
        since: Date.now(),
        state: 'waiting',
        why: 'Finished waiting',
        number: undefined,
        leftAt: 0,
      };
      items.set(item.id, item);
      return { item, created: true };
    },
    queued,
    get(id: number): QueueItem | undefined {
      const item = items.get(id);
      if (item?.state === 'left' && Date.now() - item.leftAt >= shownMs) items.delete(id);
      return items.get(id);
    },
    start: leave,
    cancel(item: QueueItem): boolean {
      if (item.state === 'left') return false;
      leave(item, undefined);
      return true;
    },
    /** As after a crash before the queue was saved. */
    lose(): void {
      items = new Map();
      lastId = 0;
    },
    /** As when the five minutes of all items that left are over. */
    forgetLeft(): void {
      for (const item of items.values()) if (item.state === 'left') items.delete(item.id);
    },
  };
}
