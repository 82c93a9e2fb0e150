import { AppError } from '../../domain/errors.ts';
import type { Clock, Handlers } from '../../ports.ts';
import { backoffMs } from './backoff.ts';
import type { Timers } from './timers.ts';

/** Told of everything that went wrong behind nobody's call. */
export type OnError = (error: unknown, runId?: string) => void;

type Options = {
  readonly drive: Handlers['drive'];
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds after which a drive counts as hung; its run is then driven again. */
  readonly withinMs: number;
  readonly onError: OnError;
};
type Streak = {
  readonly failures: number;
  readonly immediate: number;
  /** Epoch milliseconds; calls before it are put off. */
  readonly notBefore: number;
};

/** So many drives in a row may ask to be called at once; after that they are slowed down, for such a run is a bug. */
const immediateDrives = 50;
/** After a failure a wake is put off at most this long, so that a click is felt soon even when a run keeps failing. */
const longestHoldMs = 5000;
const calm: Streak = { failures: 0, immediate: 0, notBefore: 0 };

const hung = (withinMs: number): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `A drive did not end within ${withinMs} ms.`,
    fix: 'Look for an external call without a time limit. The run is driven again.',
    retryable: true,
  });

const restless = (): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `The run asked to be driven at once ${immediateDrives} times in a row.`,
    fix: 'Look at what the run is waiting for; it is driven more slowly from now on.',
    retryable: true,
  });

function failureDelayMs(error: unknown, failures: number): number {
  const asked = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(60_000, Math.max(backoffMs(failures), asked));
}

function timeLimit(timers: Timers, ms: number): { readonly reached: Promise<never>; cancel(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  return { reached: promise, cancel: timers.set(ms, () => reject(hung(ms))) };
}

/**
 * Makes a drive that never rejects and never spins: an error is reported and answered with the time of the next try
 * (1 s, 2 s ... 60 s), a wake right after an error is put off, a drive that hangs counts as an error, and a run that always
 * wants to be called at once is slowed down. A second call for a run during its drive joins it.
 */
export function steadyDrive(options: Options): (runId: string) => Promise<Date | undefined> {
  const { drive, clock, timers, withinMs, onError } = options;
  const driving = new Map<string, Promise<Date | undefined>>();
  const streaks = new Map<string, Streak>();
  const after = (ms: number): Date => new Date(clock.now().getTime() + ms);

  async function bounded(runId: string): Promise<Date | undefined> {
    const limit = timeLimit(timers, withinMs);
    try {
      return await Promise.race([drive(runId), limit.reached]);
    } finally {
      limit.cancel();
    }
  }

  function answered(runId: string, next: Date | undefined): Date | undefined {
    if (next === undefined || next.getTime() > clock.now().getTime()) {
      streaks.delete(runId);
      return next;
    }
    const immediate = (streaks.get(runId) ?? calm).immediate + 1;
    streaks.set(runId, { ...calm, immediate });
    if (immediate <= immediateDrives) return clock.now();
    onError(restless(), runId);
    return after(backoffMs(immediate - immediateDrives));
  }

  function failed(runId: string, error: unknown): Date {
    const { failures, immediate } = streaks.get(runId) ?? calm;
    const delay = failureDelayMs(error, failures + 1);
    const notBefore = clock.now().getTime() + Math.min(delay, longestHoldMs);
    streaks.set(runId, { failures: failures + 1, immediate, notBefore });
    onError(error, runId);
    return after(delay);
  }

  async function attempt(runId: string): Promise<Date | undefined> {
    try {
      return answered(runId, await bounded(runId));
    } catch (error) {
      return failed(runId, error);
    } finally {
      driving.delete(runId);
    }
  }

  return (runId) => {
    const current = driving.get(runId);
    if (current !== undefined) return current;
    const { notBefore } = streaks.get(runId) ?? calm;
    if (clock.now().getTime() < notBefore) return Promise.resolve(new Date(notBefore));
    const started = attempt(runId);
    driving.set(runId, started);
    return started;
  };
}
