import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { pause, pauses } from './pauses.ts';
import { type ServerProcess, serverProcess } from './server-process.ts';
import type { OnError } from './steady-drive.ts';

export type RestateServer = {
  /** Resolves when the server is healthy. Throws AppError `engine-unavailable` when it is not within the time. */
  start(): Promise<void>;
  /** Ends the server, also an adopted one. */
  stop(): Promise<void>;
};

export type RestateServerOptions = {
  readonly dir: string;
  readonly binary: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Must answer within a second or so. */
  healthy(): Promise<boolean>;
  readonly onError: OnError;
  /** Milliseconds until a start counts as failed. */
  readonly startWithinMs: number;
};

/** A server that answers nothing for so long is ended and started again. */
const hungAfterMs = 30_000;
const watchEveryMs = 1000;
const startingEveryMs = 40;
const endingEveryMs = 20;
/** How long a stop waits before it kills. No harm is done then: the server syncs before it acknowledges. */
const endWithinMs = 12_000;

const notStarted = (dir: string, ms: number): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `The Restate server was not healthy within ${ms} ms.`,
    fix: `Look at the end of ${join(dir, 'restate.log')} for the reason.`,
  });

const died = (how: string): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `The Restate server ended by itself (${how}); it is started again.`,
    fix: 'If this repeats, look at the end of restate.log in the data folder of the engine.',
    retryable: true,
  });

async function end(server: ServerProcess): Promise<void> {
  const killAt = Date.now() + endWithinMs;
  server.signal('SIGTERM');
  while (server.alive()) {
    if (Date.now() > killAt) server.signal('SIGKILL');
    await pause(endingEveryMs);
  }
  server.forget();
}

/**
 * Keeps one server alive on a data folder: adopts one that runs already (left behind by a kill -9 of our process), starts
 * it otherwise, and starts it again when it dies or hangs. It never starts a second one beside a living one: that would
 * take the first one's sockets away before failing on its lock.
 */
export function restateServer(options: RestateServerOptions): RestateServer {
  const { dir, binary, environment, healthy, onError, startWithinMs } = options;
  const nap = pauses();
  const firstHealth = Promise.withResolvers<true>();
  let stopping = false;
  let watching: Promise<void> = Promise.resolve();
  const server = serverProcess({
    dir,
    binary,
    environment,
    onExit(how) {
      if (!stopping) onError(died(how));
      nap.wake();
    },
  });

  async function revive(boots: number, unhealthySince: number): Promise<number> {
    if (server.alive()) {
      if (Date.now() - unhealthySince > hungAfterMs) server.signal('SIGKILL');
      return boots;
    }
    if (boots > 0) await nap.for(Math.min(5000, 200 * 2 ** Math.min(boots, 5)));
    if (!stopping) server.boot();
    return boots + 1;
  }

  async function watch(): Promise<void> {
    let boots = 0;
    let healthyAt = Date.now();
    while (!stopping) {
      if (await healthy()) {
        boots = 0;
        healthyAt = Date.now();
        firstHealth.resolve(true);
        await nap.for(watchEveryMs);
      } else {
        boots = await revive(boots, healthyAt);
        await nap.for(startingEveryMs);
      }
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    nap.wake();
    await watching;
    await end(server);
  }

  return {
    async start() {
      watching = watch();
      const limit = pauses();
      const inTime = await Promise.race([
        firstHealth.promise,
        watching.then(() => false),
        limit.for(startWithinMs),
      ]);
      limit.wake();
      if (inTime === true) return;
      await stop();
      throw notStarted(dir, startWithinMs);
    },
    stop,
  };
}
