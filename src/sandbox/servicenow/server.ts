import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { accessOf } from './access.ts';
import { attachmentApi } from './attachment-api.ts';
import { changeConflicts } from './change-conflicts.ts';
import { changeSchedule } from './change-schedule.ts';
import { type Fault, faults } from './faults.ts';
import { type Answer, type Asked, failure, readBody } from './http.ts';
import { onCallRota } from './on-call-rota.ts';
import { type Endpoint, outbox } from './outbox.ts';
import { pages } from './pages.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import { type OAuthClient, type SandboxUser, signIn } from './sign-in.ts';
import { type OutboxRow, openState, plant, type Seed } from './state.ts';
import { type TableWorld, tableApi } from './table-api.ts';
import { tinyUrls } from './tiny-url.ts';

export type ServiceNowOptions = {
  /** 0 takes a free one. */
  readonly port?: number;
  /** JSON file the instance lives in; without it everything is gone with the process. */
  readonly stateFile?: string;
  readonly users: readonly SandboxUser[];
  readonly oauthClients?: readonly OAuthClient[];
  readonly tokenSeconds?: number;
  /** user_name whose own updates raise no event. */
  readonly integrationUser?: string;
  /** Where events are sent; may be given later by `sendEventsTo`. */
  readonly events?: Endpoint;
  readonly rateLimit?: RateLimit;
  /** The property glide.invalid_query.returns_no_rows; false as on a new instance. */
  readonly strictQueries?: boolean;
  /** Records by table, added when they are not there yet. */
  readonly seed?: Seed;
  readonly now?: () => Date;
};

export type RunningServiceNow = {
  readonly url: string;
  readonly port: number;
  sendEventsTo(endpoint: Endpoint): void;
  /** The events so far and what became of them. */
  events(): readonly OutboxRow[];
  close(): Promise<void>;
};

/** The columns whose change raises an event, of any incident. The app tells of every save of those with the tag instead. */
const watched = new Set(['state', 'cmdb_ci', 'assignment_group', 'priority']);
const bodyLimit = 32 * 1024 * 1024;

/**
 * Starts a simulated ServiceNow on loopback. It speaks the Table, Attachment and OAuth APIs, tells who is
 * on call and when a change may be planned, and sends signed events.
 */
export async function startServiceNow(options: ServiceNowOptions): Promise<RunningServiceNow> {
  const now = options.now ?? (() => new Date());
  const { state, flush } = await openState(options.stateFile);
  plant(state, options.seed ?? {}, now());
  await flush();
  const events = outbox({ state, now, flush }, options.events);
  const world: TableWorld = {
    state,
    now,
    strictQueries: options.strictQueries ?? false,
    access: (user) => accessOf(options.users.find((one) => one.user === user)),
    saved(table, row, changed, inserted, user) {
      const relevant = inserted || changed.some((column) => watched.has(column));
      if (table === 'incident' && relevant && user !== options.integrationUser) events.enqueue(row);
    },
    async flush() {
      await flush();
      events.kick();
    },
  };
  const answers = answerer(world, options, now);
  const server = createServer((request, response) => {
    answers(request, response).catch((error: unknown) => {
      process.stderr.write(`simulated ServiceNow: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) send(response, failure(500, 'Internal error'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  events.kick();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sendEventsTo: events.sendTo,
    events: () => Object.values(state.outbox),
    async close() {
      await events.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await flush();
    },
  };
}

function answerer(world: TableWorld, options: ServiceNowOptions, now: () => Date) {
  const limited = rateLimit(options.rateLimit, now);
  const trouble = faults();
  const door = signIn({
    users: options.users,
    clients: options.oauthClients ?? [],
    tokenSeconds: options.tokenSeconds ?? 1_799,
    now,
  });

  const schedules = changeSchedule(world);
  const conflicts = changeConflicts(world);
  const tiny = tinyUrls();

  const api = async (asked: Asked): Promise<Answer> => {
    const who = door.identify(asked.headers);
    if (typeof who !== 'string') return who;
    const counted = limited(who);
    if (counted.refused !== undefined) return counted.refused;
    const answer = await resource(tiny.restored({ ...asked, user: who }));
    return { ...answer, headers: { ...answer.headers, ...counted.headers } };
  };

  const resource = async (asked: Asked): Promise<Answer> =>
    (await tableApi(world, asked)) ??
    (await attachmentApi(world, asked)) ??
    onCallRota(world, asked) ??
    conflicts(asked) ??
    schedules(asked) ??
    tiny.shorten(asked) ??
    failure(400, 'Requested URI does not represent any resource', asked.path);

  const work = async (asked: Asked): Promise<Answer> => {
    if (asked.path === '/oauth_token.do' && asked.method === 'POST') return door.token(asked);
    if (asked.path.startsWith('/api/')) return api(asked);
    return pages(world.state, asked) ?? failure(404, 'Not found');
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = await read(request);
    if ('status' in asked) return send(response, asked);
    const admin = trouble.admin(asked);
    if (admin !== undefined) return send(response, admin);
    trouble.count(asked.method, asked.path);
    const fault = trouble.take(asked.method, asked.path);
    if (fault !== undefined && fault.latencyMs > 0) await sleep(fault.latencyMs);
    if (fault?.drop === 'before') return void response.destroy();
    const answer = instead(fault) ?? (await work(asked));
    if (fault?.drop === 'after') return void response.destroy();
    return send(response, answer);
  };
}

/** The answer a fault gives in place of the work. */
function instead(fault: Fault | undefined): Answer | undefined {
  if (fault?.status === undefined) return undefined;
  const usual = failure(fault.status, 'Fault', 'set by /__sandbox/faults', fault.headers);
  return fault.body === undefined
    ? usual
    : { status: fault.status, headers: fault.headers, body: fault.body };
}

/** The request read in full, or the answer that refuses it. Other host names are refused: a web page may not reach in. */
async function read(request: IncomingMessage): Promise<Asked | Answer> {
  const host = request.headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return failure(421, 'Misdirected Request');
  const url = new URL(request.url ?? '/', `http://${host}`);
  const body = await readBody(request, bodyLimit);
  if (body === undefined) return failure(413, 'Request entity too large');
  // A client that can only GET and POST may name another method.
  const meant = request.method === 'POST' ? request.headers['x-http-method-override'] : undefined;
  return {
    method: typeof meant === 'string' ? meant.toUpperCase() : (request.method ?? 'GET'),
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    user: '',
    url: `http://${host}`,
  };
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers ?? {});
  response.end(answer.body);
}
