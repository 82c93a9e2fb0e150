import type { LoggerTransport } from '@restatedev/restate-sdk';
import { AppError } from '../../domain/errors.ts';
import type { Clock, Handlers } from '../../ports.ts';
import { stillBusy } from './engine-errors.ts';
import { gate } from './gate.ts';
import { inProgress } from './in-progress.ts';
import { type Reconciliation, reconciliation } from './reconciliation.ts';
import type { RestateApi } from './restate-api.ts';
import { runCalls } from './restate-calls.ts';
import { serveEndpoint } from './restate-endpoint.ts';
import { type EmbeddedRestate, type ExternalRestate, restateHost } from './restate-host.ts';
import { runObject } from './restate-run.ts';
import type { OnError } from './steady-drive.ts';
import type { StoredCommands } from './stored-commands.ts';
import { processTimers } from './timers.ts';

export type SessionOptions = {
  readonly server: EmbeddedRestate | ExternalRestate;
  readonly handlers: Handlers;
  readonly commands: StoredCommands;
  readonly clock: Clock;
  readonly reconcileEveryMs: number;
  readonly onError: OnError;
  readonly maxConcurrentDrives: number;
  readonly submitWithinMs: number;
  readonly stopWithinMs: number;
  readonly driveWithinMs: number;
};

/** Everything between a start and a stop. */
export type Session = {
  readonly api: RestateApi;
  reconcile(): Promise<void>;
  /** Waits for the handlers in progress, takes no new ones, and lets go of the server. */
  close(): Promise<void>;
};

const sweepConcurrency = 32;

/** Warnings of the SDK go where all our errors go; what we throw into it holds no command content. */
const sdkLog =
  (onError: OnError, isStopping: () => boolean): LoggerTransport =>
  ({ level, context }, message: unknown) => {
    if (isStopping() || (level !== 'warn' && level !== 'error')) return;
    onError(
      new AppError({
        code: 'engine-unavailable',
        message: `Restate SDK: ${String(message).split('\n')[0]}`,
        fix: 'Nothing to do when it happens once: the engine repeats the call.',
        retryable: true,
      }),
      context?.key,
    );
  };

function sweeps(api: RestateApi, options: SessionOptions): Reconciliation {
  const { handlers, clock, reconcileEveryMs, submitWithinMs, onError } = options;
  return reconciliation({
    everyMs: reconcileEveryMs,
    timers: processTimers,
    openRuns: handlers.openRuns,
    async wakeAll(runIds, sweep) {
      const inTurn = gate(sweepConcurrency);
      // Replicas sweep at the same time; by this key the engine takes one wake a run and period.
      const period = Math.floor(clock.now().getTime() / reconcileEveryMs);
      const keyOf = (runId: string) => (sweep === 'first' ? undefined : `sweep:${runId}:${period}`);
      await Promise.all(
        runIds.map((runId) => inTurn(() => api.wake(runId, {}, submitWithinMs, keyOf(runId)))),
      );
    },
    onError,
  });
}

/** Serves the handlers and connects a server to them. Throws AppError when the server cannot be had. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { onError, stopWithinMs } = options;
  const { api, identityKeys, secretHeaders, listen, connect, disconnect } = restateHost(
    options.server,
    onError,
  );
  const handling = inProgress(processTimers);
  const calls = runCalls({ ...options, calls: handling, secretHeaders });
  const services = [runObject(calls)];
  const logger = sdkLog(onError, calls.refusing);
  const endpoint = await serveEndpoint({ services, identityKeys, logger, ...listen });
  const reconciling = sweeps(api, options);

  async function close(): Promise<void> {
    reconciling.stop();
    calls.refuse();
    if (!(await handling.settled(stopWithinMs))) onError(stillBusy(stopWithinMs));
    await endpoint.close();
    await disconnect();
    await api.close();
  }

  try {
    await connect(endpoint.port);
  } catch (error) {
    await close();
    throw error;
  }
  return { api, reconcile: reconciling.start, close };
}
