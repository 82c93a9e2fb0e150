import { z } from 'zod';
import { type Ask, type Handler, type Routes, type Running, startLoopback } from '../ops-api/loopback.ts';
import { type Account, access } from './access.ts';
import { openBuildStore } from './build-store.ts';
import type { JobDefinition } from './definitions.ts';
import { errorText, labels, page, starting } from './pages.ts';
import { buildQueue } from './queue.ts';
import { routesOf } from './routes.ts';
import { buildRunner, type Disturbance } from './runner.ts';

export type JenkinsOptions = Account & {
  /** 0 or nothing: a free port. */
  readonly port?: number;
  readonly jobs: readonly JobDefinition[];
  /** JSON lines; with it builds and their logs survive a restart. The queue does not, as after a crash. */
  readonly stateFile?: string;
  /** Below which path it is, such as `/jenkins`. */
  readonly contextPath?: string;
  /** The quiet period of every job; none without it. */
  readonly quietMs?: number;
  /** How long a queue item is shown after it left the queue; five minutes without it. */
  readonly leftItemMs?: number;
  /** The address it takes itself to be at, as behind a proxy that was set up wrong. */
  readonly reportedUrl?: string;
};
export type RunningJenkins = Running & {
  /** Changes what goes wrong; what is not named stays as it is. */
  disturb(change: Partial<Disturbance>): void;
  /** Restarts in place: builds are interrupted; the queue is lost unless it was saved. */
  restart(saved: { readonly queue: boolean }): void;
  /** As when five minutes went by: queue items that became builds are not shown any more. */
  forgetLeftItems(): void;
};

const Change = z
  .strictObject({ noExecutors: z.boolean(), starting: z.boolean(), quietingDown: z.boolean() })
  .partial();
const Restart = z.strictObject({ queue: z.boolean() });

/**
 * A simulated Jenkins: jobs in folders with parameters, the queue, builds that do the work of the table, logs, and the
 * traps of the real one. `PUT /__jenkins/disturbance` and `POST /__jenkins/restart` change what goes wrong; faults of HTTP
 * come as for the other sandbox servers.
 */
export async function startJenkins(options: JenkinsOptions): Promise<RunningJenkins> {
  const { jobs, user, contextPath = '', reportedUrl } = options;
  let disturbance: Disturbance = { noExecutors: false, starting: false, quietingDown: false };
  const disabled = new Set(jobs.filter((job) => job.disabled).map(({ name }) => name));
  const store = openBuildStore(options.stateFile);
  const queue = buildQueue(options.leftItemMs);
  const runner = buildRunner(store, queue, { jobs, user, disturbance: () => disturbance });
  const disturb = (change: Partial<Disturbance>) => {
    disturbance = { ...disturbance, ...change };
    runner.look();
  };
  const restart = (saved: { readonly queue: boolean }) => {
    if (!saved.queue) queue.lose();
    runner.restart();
    runner.look();
  };
  const baseOf = (ask: Ask) => reportedUrl ?? `http://${ask.headers.host ?? ''}${contextPath}`;
  const isDisabled = (job: string) => disabled.has(job);
  const jenkins = {
    queue,
    runner,
    user,
    isDisabled,
    baseOf,
    quietMs: options.quietMs ?? 0,
    setDisabled: (job: string, off: boolean) => void (off ? disabled.add(job) : disabled.delete(job)),
    sceneOf: (ask: Ask) => ({
      jobs,
      store,
      queue,
      user,
      isDisabled,
      quietingDown: () => disturbance.quietingDown,
      base: baseOf(ask),
    }),
  };
  const account = access(options);
  const pages: Routes = {
    'GET /login': () => page(200, 'Sign in to Jenkins'),
    'GET /crumbIssuer/api/json': account.guarded(account.crumb),
    ...mapped(
      routesOf(jenkins, jobs, (on) => disturb({ quietingDown: on })),
      account.guarded,
    ),
  };
  const server = await startLoopback(
    {
      'PUT /__jenkins/disturbance': controlled(Change, (change) => disturb(change as Partial<Disturbance>)),
      'POST /__jenkins/restart': controlled(Restart, restart),
      ...below(
        contextPath,
        mapped(pages, (handler) => labelled(handler, () => disturbance.starting)),
      ),
    },
    options.port,
  );
  return {
    url: `${server.url}${contextPath}`,
    disturb,
    restart,
    forgetLeftItems: queue.forgetLeft,
    async close() {
      await server.close();
      await runner.close();
      store.close();
    },
  };
}

const mapped = (routes: Routes, change: (handler: Handler) => Handler): Routes =>
  Object.fromEntries(Object.entries(routes).map(([key, handler]) => [key, change(handler)]));

const below = (contextPath: string, routes: Routes): Routes =>
  Object.fromEntries(
    Object.entries(routes).map(([key, handler]) => [key.replace(' ', ` ${contextPath}`), handler]),
  );

const labelled =
  (handler: Handler, isStarting: () => boolean): Handler =>
  async (ask) => {
    const answer = isStarting() ? starting : await handler(ask);
    return { ...answer, headers: { ...labels, ...answer.headers } };
  };

/** A switch for tests; a web page cannot send JSON across origins without asking first. */
const controlled =
  <T>(schema: z.ZodType<T>, act: (change: T) => void): Handler =>
  (ask) => {
    const change = schema.safeParse(ask.json);
    if (ask.headers['content-type'] !== 'application/json' || !change.success)
      return errorText(400, 'no such switch');
    act(change.data);
    return { status: 204 };
  };
