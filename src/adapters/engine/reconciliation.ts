import { backoffMs } from './backoff.ts';
import type { Timers } from './timers.ts';

export type Reconciliation = {
  /** The first sweep, and from then on one every so often. A sweep that fails is reported and repeated with backoff. */
  start(): Promise<void>;
  stop(): void;
};

/** Hands every open run to the engine again and again, so that a wake that was lost costs minutes and never the run. */
export function reconciliation(options: {
  /** Milliseconds from the end of one sweep to the next. */
  readonly everyMs: number;
  readonly timers: Timers;
  openRuns(): Promise<readonly string[]>;
  wakeAll(runIds: readonly string[], sweep: 'first' | 'repeated'): Promise<void>;
  onError(error: unknown): void;
}): Reconciliation {
  const { everyMs, timers, openRuns, wakeAll, onError } = options;
  let failures = 0;
  let first = true;
  let stopped = false;
  let cancel: (() => void) | undefined;

  async function sweep(): Promise<void> {
    try {
      await wakeAll(await openRuns(), first ? 'first' : 'repeated');
      first = false;
      failures = 0;
    } catch (error) {
      failures += 1;
      onError(error);
    }
    if (stopped) return;
    cancel = timers.set(failures === 0 ? everyMs : backoffMs(failures), () => void sweep());
  }

  return {
    start: sweep,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
