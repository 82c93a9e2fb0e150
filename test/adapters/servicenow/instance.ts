import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { servicenow } from '../../../src/adapters/servicenow/itsm.ts';
import type { ServiceNowSettings } from '../../../src/adapters/servicenow/settings.ts';
import type { Clock, Itsm } from '../../../src/ports.ts';

export const ids = {
  incident: '0123456789abcdef0123456789abcdef',
  ci: '11111111111111111111111111111111',
  group: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
} as const;

export const password = 'correct horse battery staple';

/** A client whose pauses are short, so that tests of repeats are too. */
export const client = (baseUrl: string, more: Partial<ServiceNowSettings> = {}, clock?: Clock): Itsm =>
  servicenow(
    {
      baseUrl,
      auth: { kind: 'basic', user: 'handrail', password },
      integrationUser: 'handrail',
      timeoutMs: 2_000,
      retry: { pauseMs: 1, longestPauseMs: 1_000 },
      ...more,
    },
    clock,
  );

/** What a scripted server got. */
type Got = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
export type Script = (got: Got, response: ServerResponse) => void;
export type Scripted = { readonly url: string; readonly got: Got[] };

const servers: Server[] = [];

/** A loopback server that answers as the test says, and remembers what it was asked. */
export async function scripted(script: Script): Promise<Scripted> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
      const one = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body,
      };
      got.push(one);
      script(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

export async function closeScripted(): Promise<void> {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
}

export const reply = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...counted(body), ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

/** A list says how many rows there are, as the real one does. */
const counted = (body: unknown): Record<string, string> =>
  typeof body === 'object' && body !== null && 'result' in body && Array.isArray(body.result)
    ? { 'x-total-count': String(body.result.length) }
    : {};

/** The error body of the real one. */
export const fault = (message: string, detail = ''): unknown => ({
  error: { message, detail },
  status: 'failure',
});

export const row = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  sys_id: ids.incident,
  number: 'INC0010001',
  short_description: 'shop is down',
  description: '',
  state: '2',
  priority: '1',
  sys_mod_count: '4',
  sys_updated_by: 'person',
  cmdb_ci: ids.ci,
  assignment_group: ids.group,
  category: 'software',
  ...more,
});
