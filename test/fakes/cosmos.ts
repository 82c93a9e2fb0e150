import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createHttpServer } from '@vercel/cosmosdb-server';

/** What the network or the service does to one request. `lose-answer` carries the request out first. */
export type Fault = 'none' | 'throttle' | 'unavailable' | 'retry-with' | 'forbid' | 'lose-answer' | 'reset';
type Seen = { readonly method: string; readonly path: string; readonly writesItem: boolean };

export type FakeCosmos = {
  /** Straight to the emulator. */
  readonly endpoint: string;
  /** The same through a proxy that injects faults. */
  readonly faultyEndpoint: string;
  /** Asked for each request through the proxy. */
  faults: (seen: Seen) => Fault;
  /** Changes the account document, as seen through the proxy. */
  account: Readonly<Record<string, unknown>>;
  /** Requests through the proxy, in order. */
  readonly seen: Seen[];
  close(): Promise<void>;
};

/** The key every Cosmos emulator knows (learn.microsoft.com, "Use the emulator": it is no secret). */
export const emulatorKey =
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';

const statuses = { throttle: 429, unavailable: 503, 'retry-with': 449, forbid: 403 } as const;

/** An in-process Cosmos emulator on loopback behind a proxy that can fail like a network and a busy service. */
export async function startFakeCosmos(): Promise<FakeCosmos> {
  const emulator = createHttpServer();
  const port = await listen(emulator);
  const proxy = createServer((incoming, answer) => void relay(fake, port, incoming, answer));
  const fake: FakeCosmos = {
    endpoint: `http://127.0.0.1:${port}`,
    faultyEndpoint: `http://127.0.0.1:${await listen(proxy)}`,
    faults: () => 'none',
    account: {},
    seen: [],
    async close() {
      for (const server of [proxy, emulator]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return fake;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function relay(fake: FakeCosmos, port: number, incoming: IncomingMessage, answer: ServerResponse) {
  const body = Buffer.concat(await Array.fromAsync(incoming));
  const seen = describeRequest(incoming);
  fake.seen.push(seen);
  const fault = fake.faults(seen);
  if (fault === 'reset') return incoming.socket.destroy();
  if (fault !== 'none' && fault !== 'lose-answer') {
    answer.writeHead(statuses[fault], { 'content-type': 'application/json', 'x-ms-retry-after-ms': '5' });
    return answer.end('{"code":"Fault","message":"injected"}');
  }
  const upstream = await forward(port, incoming, body);
  if (fault === 'lose-answer') return incoming.socket.destroy();
  const isAccount = seen.path === '/' && upstream.status === 200;
  const content = isAccount
    ? JSON.stringify({ ...JSON.parse(String(upstream.body)), ...fake.account })
    : upstream.body;
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = upstream.headers;
  answer.writeHead(upstream.status, headers);
  return answer.end(content);
}

function describeRequest({ method = '', url = '', headers }: IncomingMessage): Seen {
  const isQuery =
    headers['x-ms-documentdb-isquery'] !== undefined || /query/.test(headers['content-type'] ?? '');
  const isItem = /\/docs(\/|$)/.test(url);
  return { method, path: url, writesItem: isItem && method !== 'GET' && !isQuery };
}

type Upstream = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

async function forward(
  port: number,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<Upstream> {
  const sent = request({ host: '127.0.0.1', port, method, path: url, headers });
  sent.end(body);
  const [upstream] = (await once(sent, 'response')) as [IncomingMessage];
  const content = Buffer.concat(await Array.fromAsync(upstream));
  return { status: upstream.statusCode ?? 500, headers: upstream.headers, body: content };
}
