import type { Timers } from './timers.ts';

export type InProgress = {
  /** Counts a call in until it settles. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Waits until no call is in progress, at most `ms` milliseconds. False when some still are. */
  settled(ms: number): Promise<boolean>;
};

/** The calls a stop has to wait for. */
export function inProgress(timers: Timers): InProgress {
  const calls = new Set<Promise<unknown>>();

  async function drained(): Promise<true> {
    while (calls.size > 0) await Promise.allSettled(calls);
    return true;
  }

  return {
    async track(call) {
      calls.add(call);
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    async settled(ms) {
      const late = Promise.withResolvers<false>();
      const cancel = timers.set(ms, () => late.resolve(false));
      try {
        return await Promise.race([drained(), late.promise]);
      } finally {
        cancel();
      }
    },
  };
}
