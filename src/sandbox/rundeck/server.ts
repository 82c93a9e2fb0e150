import { createHash, timingSafeEqual } from 'node:crypto';
import { type Ask, type Handler, type Routes, type Running, startLoopback } from '../ops-api/loopback.ts';
import { openExecutionStore } from './execution-store.ts';
import { jobTable, type RundeckJob } from './jobs.ts';
import { apiError } from './present.ts';
import { type Disturbance, resources } from './routes.ts';
import { executionRunner } from './runner.ts';

export type RundeckOptions = {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly token: string;
  readonly jobs: readonly RundeckJob[];
  /** JSON lines; with it executions and their output survive a restart. */
  readonly stateFile?: string;
  /** The newest API version it knows; 59 (Rundeck 6) without it. */
  readonly apiVersion?: number;
};
export type RunningRundeck = Running & {
  /** Changes what goes wrong; what is not named stays as it is. */
  disturb(change: Partial<Disturbance>): void;
};

const calm: Disturbance = { passive: false, cannotAbort: false, ignoresOptionFilter: false };
const oldest = 14;

/**
 * A simulated Rundeck (6.1, API 59): jobs with options that run for real, executions, output, abort, retries and the traps
 * of the real one (docs/api of rundeck/docs, ScheduledExecutionController and ExecutionService of rundeck/rundeck). Faults
 * of HTTP come as for the other sandbox servers.
 */
export async function startRundeck(options: RundeckOptions): Promise<RunningRundeck> {
  const { apiVersion = 59 } = options;
  let disturbance = calm;
  const store = openExecutionStore(options.stateFile);
  const runner = executionRunner(store);
  const world = { store, runner, apiVersion, jobs: jobTable(options.jobs), disturbance: () => disturbance };
  const guarded =
    (handler: Handler): Handler =>
    (ask) =>
      refusalOf(ask, options.token, apiVersion) ?? handler(ask);
  const routes = Object.entries(resources(world)).map(([key, handler]) => [key, guarded(handler)] as const);
  const server = await startLoopback(Object.fromEntries(routes) as Routes, options.port);
  return {
    url: server.url,
    disturb: (change) => {
      disturbance = { ...disturbance, ...change };
    },
    async close() {
      await server.close();
      await runner.close();
      store.close();
    },
  };
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Who is not let in gets 403, never 401; then the version is looked at. */
function refusalOf(ask: Ask, token: string, newest: number) {
  const given = String(ask.headers['x-rundeck-auth-token'] ?? '');
  const version = Number(ask.params['v']);
  if (!timingSafeEqual(hash(given), hash(token))) {
    const who = given === '' ? '(unauthenticated)' : `(Token:${given.slice(0, 5)}****)`;
    return apiError(403, 'unauthorized', `${who} is not authorized for: ${ask.path}`, newest);
  }
  const reason =
    version < oldest ? `Minimum supported version: ${oldest}` : `Maximum supported version: ${newest}`;
  if (Number.isInteger(version) && version >= oldest && version <= newest) return undefined;
  return apiError(
    400,
    'api.error.api-version.unsupported',
    `Unsupported API Version "${ask.params['v']}". API Request: ${ask.path}. Reason: ${reason}`,
    newest,
  );
}
