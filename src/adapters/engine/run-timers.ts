import type { Clock } from '../../ports.ts';
import { longestTimerMs, type Timers } from './timers.ts';

type Armed = { readonly at: number; cancel(): void };

export type RunTimers = {
  /** Arms the run's timer. Of two times for one run the earlier is kept. */
  arm(runId: string, at: Date): void;
  clear(): void;
};

/** One timer a run. It never fires before its time, even when a process timer or the clock is off. */
export function runTimers(options: {
  readonly clock: Clock;
  readonly timers: Timers;
  due(runId: string): void;
}): RunTimers {
  const { clock, timers, due } = options;
  const armed = new Map<string, Armed>();

  function set(runId: string, at: number): void {
    const ms = Math.min(longestTimerMs, Math.max(1, at - clock.now().getTime()));
    const cancel = timers.set(ms, () => {
      if (clock.now().getTime() < at) return set(runId, at);
      armed.delete(runId);
      due(runId);
    });
    armed.set(runId, { at, cancel });
  }

  return {
    arm(runId, at) {
      const pending = armed.get(runId);
      if (pending !== undefined && pending.at <= at.getTime()) return;
      pending?.cancel();
      set(runId, at.getTime());
    },
    clear() {
      for (const { cancel } of armed.values()) cancel();
      armed.clear();
    },
  };
}
