import type { Clock, Engine, Handlers } from '../../ports.ts';
import { drivePool } from './drive-pool.ts';
import { notRunning, stillBusy } from './engine-errors.ts';
import { inProgress } from './in-progress.ts';
import { reconciliation } from './reconciliation.ts';
import { runTimers } from './run-timers.ts';
import { type OnError, steadyDrive } from './steady-drive.ts';
import { processTimers, type Timers } from './timers.ts';

export type LocalEngineOptions = {
  readonly clock: Clock;
  /** Milliseconds between two looks for open runs. */
  readonly reconcileEveryMs: number;
  readonly onError: OnError;
  /** Runs driven at the same time; 64 unless told. */
  readonly maxConcurrentDrives?: number;
  /** Takes exclusive ownership of the store. Throws AppError `store-in-use` when another process has it. */
  readonly own?: () => void | Promise<void>;
  readonly timers?: Timers;
  /** Milliseconds a stop waits for calls in progress; 10 s unless told. */
  readonly stopWithinMs?: number;
  /** Milliseconds after which a drive counts as hung; 2 minutes unless told. */
  readonly driveWithinMs?: number;
};

type Running = {
  readonly handlers: Handlers;
  readonly request: (runId: string, at?: Date) => void;
  close(): void;
};

/** The engine of one process: queues and timers in memory, everything else in the log. */
export function localEngine(options: LocalEngineOptions): Engine {
  const { clock, reconcileEveryMs, onError, maxConcurrentDrives = 64 } = options;
  const { own, timers = processTimers, stopWithinMs = 10_000, driveWithinMs = 120_000 } = options;
  const calls = inProgress(timers);
  let running: Running | undefined;

  function open(handlers: Handlers): Running & { sweep(): Promise<void> } {
    const drive = steadyDrive({ drive: handlers.drive, clock, timers, withinMs: driveWithinMs, onError });
    const alarms = runTimers({ clock, timers, due: (runId) => pool.request(runId, 'prompt') });
    let closed = false;
    const request = (runId: string, at?: Date): void => {
      if (closed) return;
      if (at === undefined || at.getTime() <= clock.now().getTime()) pool.request(runId, 'prompt');
      else alarms.arm(runId, at);
    };
    const pool = drivePool(maxConcurrentDrives, async (runId) => {
      const next = await calls.track(drive(runId));
      if (next !== undefined) request(runId, next);
    });
    const sweeps = reconciliation({
      everyMs: reconcileEveryMs,
      timers,
      openRuns: handlers.openRuns,
      wakeAll: async (runIds) => {
        for (const runId of runIds) pool.request(runId, 'sweep');
      },
      onError,
    });
    const close = (): void => {
      closed = true;
      sweeps.stop();
      pool.close();
      alarms.clear();
    };
    return { handlers, request, sweep: sweeps.start, close };
  }

  async function decide({ handlers, request }: Running, ...call: Parameters<Engine['submit']>) {
    try {
      return await handlers.command(...call);
    } finally {
      request(call[0]);
    }
  }

  return {
    async start(handlers) {
      await own?.();
      const opened = open(handlers);
      running = opened;
      await opened.sweep();
    },
    async submit(runId, command) {
      if (running === undefined) throw notRunning();
      return await calls.track(decide(running, runId, command));
    },
    /** Does nothing while the engine does not run: the next start drives every open run. */
    async wake(runId, at) {
      running?.request(runId, at);
    },
    async stop() {
      running?.close();
      running = undefined;
      if (!(await calls.settled(stopWithinMs))) onError(stillBusy(stopWithinMs));
    },
  };
}
