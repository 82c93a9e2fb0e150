import {
  Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Side } from './points.ts';

export type Wire = { readonly url: string; close(): Promise<void> };
/** Told of every request, before it is passed on and before it is answered; true lets its connection break. */
export type Watch = (label: string, side: Side) => Promise<boolean>;

type Answer = { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer };

/** Ids of every kind become `*`, so that the same request of two runs has one label. */
const labelOf = (name: string, { method, url = '' }: IncomingMessage): string =>
  `${name} ${method} ${(url.split('?')[0] ?? '')
    .split('/')
    .map((part) => (/[0-9a-f]{32}|[0-9a-f-]{36}|^19(:|%3A)|^card-/i.test(part) ? '*' : part))
    .join('/')}`;

/**
 * A piece of wire on loopback between two systems, where the world can be cut in two: `target` is asked for each request,
 * and while there is none connections break, as they do when a process is gone.
 */
export async function wire(name: string, target: () => string | undefined, watch: Watch): Promise<Wire> {
  const agent = new Agent({ keepAlive: false });
  const passed = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const label = labelOf(name, incoming);
    const body = Buffer.concat(await Array.fromAsync<Buffer>(incoming));
    if (await watch(label, 'before')) return void incoming.socket.destroy();
    const to = target();
    if (to === undefined) return void incoming.socket.destroy();
    const answer = await forward(agent, to, incoming, body);
    if (await watch(label, 'after')) return void incoming.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((incoming, response) => {
    // the other end is gone: this end sees the connection break
    passed(incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function forward(agent: Agent, to: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const url = new URL(incoming.url ?? '/', to);
  const { 'transfer-encoding': _chunked, connection: _ours, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method: incoming.method ?? 'GET',
      headers: { ...headers, host: url.host, 'content-length': body.length },
      signal: AbortSignal.timeout(30_000),
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      Array.fromAsync<Buffer>(response).then((chunks) => {
        const { 'transfer-encoding': _again, connection: _theirs, ...rest } = response.headers;
        resolve({ status: response.statusCode ?? 502, headers: rest, body: Buffer.concat(chunks) });
      }, reject);
    });
    outgoing.end(body);
  });
}
