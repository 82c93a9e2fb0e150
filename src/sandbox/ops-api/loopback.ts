import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault, faultList } from './faults.ts';

export type Ask = {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body parsed as JSON; undefined when it is empty or no JSON. */
  readonly json: unknown;
  /** The body as it came. */
  readonly text: string;
  /** To be awaited between accepting a request and carrying it out; here a fault can make that slow. */
  readonly beforeCommit: () => Promise<void>;
};
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
};
export type Handler = (ask: Ask) => Answer | Promise<Answer>;
/** Keys such as `GET /runs/:id`; `*` at the end stands for any rest. First match wins. */
export type Routes = Readonly<Record<string, Handler>>;
export type Running = { readonly url: string; close(): Promise<void> };

const maxBodyBytes = 1_048_576;

/** RFC 9457 problem details. */
export const problem = (status: number, title: string, detail = ''): Answer => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  json: { type: 'about:blank', title, status, detail },
});

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Compares the bearer token of a request in constant time. */
export const hasToken = (ask: Ask, token: string): boolean =>
  timingSafeEqual(hash(ask.headers.authorization ?? ''), hash(`Bearer ${token}`));

/**
 * A sandbox server on 127.0.0.1 with faults on demand: `POST /__sandbox/faults` arms one, `DELETE` clears them,
 * `GET /__sandbox/requests` counts requests by route. Port 0 takes a free one.
 */
export async function startLoopback(routes: Routes, port = 0): Promise<Running> {
  const stopping = new AbortController();
  const respond = responder(routes, stopping.signal);
  const server = createServer((request, response) => {
    respond(request)
      .catch((error: unknown) => problem(500, 'the sandbox failed', String(error)))
      .then((answer) => (answer === 'drop' ? void request.socket.destroy() : send(response, answer)))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        stopping.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function responder(routes: Routes, stopping: AbortSignal) {
  const faults = faultList();
  const counts: Record<string, number> = {};
  const control = controlRoutes(faults, counts);

  return async (request: IncomingMessage): Promise<Answer | 'drop'> => {
    if (!isLoopback(request.headers.host)) return problem(421, 'this server answers on loopback only');
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (body === undefined) return problem(413, 'the body is too large');
    const { path, headers } = { path: url.pathname, headers: request.headers };
    const ask = { method, path, headers, query: url.searchParams, text: body, json: parseJson(body) };
    if (path.startsWith('/__sandbox/')) return handle(control, ask, unharmed, stopping);
    const key = findRoute(routes, method, path)?.key ?? `${method} (no route)`;
    counts[key] = (counts[key] ?? 0) + 1;
    return handle(routes, ask, faults.take(method, path) ?? unharmed, stopping);
  };
}

const unharmed = Fault.parse({});

async function handle(
  routes: Routes,
  ask: Omit<Ask, 'params' | 'beforeCommit'>,
  fault: Fault,
  stopping: AbortSignal,
): Promise<Answer | 'drop'> {
  await pause(fault.latencyMs, stopping);
  if (fault.status !== undefined) return { status: fault.status, headers: fault.headers, text: fault.body };
  const route = findRoute(routes, ask.method, ask.path);
  if (route === undefined) return problem(404, 'no such resource');
  const beforeCommit = () => pause(fault.commitLatencyMs, stopping);
  const answer = await route.handler({ ...ask, params: route.params, beforeCommit });
  return fault.dropAnswer ? 'drop' : answer;
}

function controlRoutes(
  faults: ReturnType<typeof faultList>,
  counts: Readonly<Record<string, number>>,
): Routes {
  return {
    'POST /__sandbox/faults': (ask) => {
      // A web page may send other types across origins without asking first.
      if (ask.headers['content-type'] !== 'application/json') return problem(415, 'send application/json');
      const fault = Fault.safeParse(ask.json);
      if (!fault.success) return problem(400, 'no such fault', fault.error.message);
      faults.arm(fault.data);
      return { status: 201 };
    },
    'DELETE /__sandbox/faults': () => {
      faults.clear();
      return { status: 204 };
    },
    'GET /__sandbox/requests': () => ({ status: 200, json: counts }),
  };
}

/** A foreign Host header means DNS rebinding. */
const isLoopback = (host: string | undefined) => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '');

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What is too much is read and forgotten, so that the sender gets its answer.
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function findRoute(routes: Routes, method: string, path: string) {
  for (const [key, handler] of Object.entries(routes)) {
    const [verb = '', pattern = ''] = key.split(' ');
    const params = verb === method ? matchPath(pattern, path) : undefined;
    if (params !== undefined) return { key, handler, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.split('/');
  const have = path.split('/');
  const open = want.at(-1) === '*';
  if (open ? have.length < want.length : have.length !== want.length) return undefined;
  const params: Record<string, string> = {};
  for (const [n, part] of want.entries()) {
    const value = have[n] ?? '';
    if (part === '*') continue;
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}

/** Waits, and gives up waiting when the server stops. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal });
}

function send(response: ServerResponse, { status, headers = {}, json, text = '' }: Answer): void {
  const body = json === undefined ? text : JSON.stringify(json);
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(body);
}
