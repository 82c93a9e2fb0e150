import type { Reply } from '../../domain/commands.ts';
import { AppError } from '../../domain/errors.ts';
import type { Clock, Handlers } from '../../ports.ts';
import { notRunning } from './engine-errors.ts';
import { gate } from './gate.ts';
import type { InProgress } from './in-progress.ts';
import { failureOf } from './restate-messages.ts';
import type { RunCalls } from './restate-run.ts';
import { type OnError, steadyDrive } from './steady-drive.ts';
import type { StoredCommands } from './stored-commands.ts';
import { processTimers } from './timers.ts';

type Options = {
  readonly handlers: Handlers;
  readonly commands: StoredCommands;
  readonly clock: Clock;
  readonly onError: OnError;
  readonly maxConcurrentDrives: number;
  readonly driveWithinMs: number;
  readonly calls: InProgress;
  /** Names of the headers that must not get through to the server. */
  readonly secretHeaders: readonly string[];
};

const journaled = (header: string): AppError =>
  new AppError({
    code: 'config-invalid',
    message: `Restate has stored the header ${header} of our requests in clear in its journal.`,
    fix: 'Let the proxy in front of Restate take this header away, and change the token.',
  });

/** Resolves when the attempt is over. A handler that lost its connection hangs for ever in the SDK's promises. */
function over(attempt: AbortSignal): Promise<void> {
  if (attempt.aborted) return Promise.resolve();
  return new Promise((resolve) => attempt.addEventListener('abort', () => resolve(), { once: true }));
}

/** The handlers as the durable object calls them. After `refuse` the engine is told to come again later. */
export function runCalls(options: Options): RunCalls & { refuse(): void; refusing(): boolean } {
  const { handlers, commands, clock, onError, maxConcurrentDrives, driveWithinMs, calls, secretHeaders } =
    options;
  const steady = steadyDrive({
    drive: handlers.drive,
    clock,
    timers: processTimers,
    withinMs: driveWithinMs,
    onError,
  });
  const inTurn = gate(maxConcurrentDrives);
  let refusing = false;
  let reported = false;

  function report(headers: ReadonlyMap<string, string>): void {
    const leaked = secretHeaders.find((name) => headers.has(name));
    if (leaked === undefined || reported) return;
    reported = true;
    onError(journaled(leaked));
  }

  async function decided(runId: string, id: string): Promise<Reply> {
    return await handlers.command(runId, await commands.read(runId, id));
  }

  return {
    refusing: () => refusing,
    async drive(runId, at) {
      const now = clock.now().getTime();
      if (at !== undefined && at > now) return { now, next: at };
      const next = await calls.track(inTurn(() => steady(runId)));
      return { now: clock.now().getTime(), ...(next === undefined ? {} : { next: next.getTime() }) };
    },
    async command(runId, ref) {
      try {
        return { reply: await calls.track(decided(runId, ref.command)) };
      } catch (error) {
        onError(error, runId);
        return failureOf(error);
      }
    },
    async accept({ headers, attemptCompletedSignal }, handler) {
      if (refusing) throw notRunning();
      report(headers);
      const handled = handler();
      void calls.track(Promise.race([handled.catch(() => undefined), over(attemptCompletedSignal)]));
      return await handled;
    },
    refuse() {
      refusing = true;
    },
  };
}
