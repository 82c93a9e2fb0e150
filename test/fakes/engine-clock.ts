import type { Timers } from '../../src/adapters/engine/timers.ts';
import type { Clock } from '../../src/ports.ts';

type Timer = { readonly at: number; readonly fire: () => void };

export type ManualTime = Clock &
  Timers & {
    /** Moves the time and fires what is due on the way, in order; what a firing starts gets to run first. */
    advance(ms: number): Promise<void>;
    /** Delays asked for so far, in order. */
    readonly asked: number[];
    pending(): number;
  };

/** A clock and timers that stand still until told. */
export function manualTime(start = Date.UTC(2026, 0, 1)): ManualTime {
  let now = start;
  const timers = new Set<Timer>();
  const asked: number[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const earliest = (until: number): Timer | undefined =>
    [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];

  return {
    asked,
    now: () => new Date(now),
    set(ms, fire) {
      asked.push(ms);
      const timer = { at: now + ms, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = earliest(until); timer !== undefined; timer = earliest(until)) {
        now = timer.at;
        timers.delete(timer);
        timer.fire();
        await settle();
      }
      now = until;
      await settle();
    },
    pending: () => timers.size,
  };
}
