import type { Clock, Engine, Ids, StateStore } from '../../ports.ts';
import { notRunning, stillBusy } from './engine-errors.ts';
import { inProgress } from './in-progress.ts';
import type { RestateApi } from './restate-api.ts';
import type { EmbeddedRestate, ExternalRestate } from './restate-host.ts';
import { replyOf } from './restate-messages.ts';
import type { Session } from './restate-session.ts';
import type { OnError } from './steady-drive.ts';
import { storedCommands } from './stored-commands.ts';
import { processTimers } from './timers.ts';

export type RestateEngineOptions = {
  readonly server: EmbeddedRestate | ExternalRestate;
  /** Where commands wait; the engine is given their ids only. */
  readonly state: StateStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Milliseconds between two looks for open runs. */
  readonly reconcileEveryMs: number;
  readonly onError: OnError;
  /** Runs driven at the same time by this process; 64 unless told. */
  readonly maxConcurrentDrives?: number;
  /** Takes exclusive ownership of the data folder of an embedded server. Throws AppError `store-in-use`. */
  readonly own?: () => void | Promise<void>;
  /** Milliseconds a submit or a wake may take; 10 s unless told. */
  readonly submitWithinMs?: number;
  /** Milliseconds a stop waits for calls in progress; 10 s unless told. */
  readonly stopWithinMs?: number;
  /** Milliseconds after which a drive counts as hung; 2 minutes unless told. */
  readonly driveWithinMs?: number;
};

/** The engine for more than one process: every wake is stored by a Restate server before it counts. */
export function restateEngine(options: RestateEngineOptions): Engine {
  const { maxConcurrentDrives = 64, driveWithinMs = 120_000 } = options;
  const { submitWithinMs = 10_000, stopWithinMs = 10_000, onError, own } = options;
  const commands = storedCommands(options);
  const submits = inProgress(processTimers);
  let session: Session | undefined;
  let taking = false;

  async function submit(api: RestateApi, ...[runId, command]: Parameters<Engine['submit']>) {
    const id = await commands.keep(runId, command);
    return replyOf(await api.command(runId, { command: id }, submitWithinMs));
  }

  return {
    async start(handlers) {
      await own?.();
      // the SDK takes tens of megabytes: whoever runs the local engine never loads it
      const { openSession } = await import('./restate-session.ts');
      const limits = { maxConcurrentDrives, driveWithinMs, submitWithinMs, stopWithinMs };
      session = await openSession({ ...options, ...limits, handlers, commands });
      taking = true;
      await session.reconcile();
    },
    async submit(runId, command) {
      if (session === undefined || !taking) throw notRunning();
      return await submits.track(submit(session.api, runId, command));
    },
    /** Does nothing while the engine does not run: the next start drives every open run. */
    async wake(runId, at) {
      const message = at === undefined ? {} : { at: at.getTime() };
      await session?.api.wake(runId, message, submitWithinMs);
    },
    async stop() {
      taking = false;
      if (!(await submits.settled(stopWithinMs))) onError(stillBusy(stopWithinMs));
      // Drives in progress may still wake other runs until the session is closed.
      await session?.close();
      session = undefined;
    },
  };
}
