/**
 * The outside world of the bench, a process of its own: ServiceNow's Table and Attachment API, an ops-runbook API, Graph,
 * a health page and the Bot Connector, as cheap as they can be. It counts what it is asked and tells its parent, over the
 * IPC channel, when a card is posted, a remediation is launched, and an incident is both resolved and told about.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  approvers,
  author,
  channel,
  fromPool,
  fromRunId,
  fromText,
  jobs,
  monotonicMs,
  runIdOf,
} from './ids.ts';
import { type Answered, ticketing } from './world-servicenow.ts';

/** What the world tells its parent. Times are `monotonicMs`. */
export type WorldMessage =
  | { readonly is: 'ready'; readonly url: string }
  | { readonly is: 'card'; readonly n: number; readonly at: number; readonly card: PostedCard }
  | { readonly is: 'remediation' | 'end'; readonly n: number; readonly at: number }
  | {
      readonly is: 'figures';
      readonly calls: Readonly<Record<string, number>>;
      readonly cpuMs: number;
      /** Of each job of which the end was seen: milliseconds from the one to the other. */
      readonly seenAfterMs: readonly number[];
    };
/** What a person who clicks Approve sends back. */
export type PostedCard = {
  readonly conversation: string;
  readonly activity: string;
  readonly data: unknown;
};

/** Milliseconds a job of the ops API takes. */
const jobMs = Number(process.env['BENCH_JOB_MS'] ?? 0);
const page = '20 lines of a log, as an ops team would keep them\n'.repeat(20);

const say = (message: WorldMessage): void => void process.send?.(message);
const calls: Record<string, number> = {};
const launchedAt = new Map<string, number>();
const seen = new Set<string>();
const seenAfterMs: number[] = [];
/** Incidents that are half told: resolved in the ticket, or shown as ended on the card. */
const half = new Set<string>();

function halfDone(n: number, what: 'ticket' | 'card'): void {
  const other = `${n} ${what === 'ticket' ? 'card' : 'ticket'}`;
  if (half.delete(other)) say({ is: 'end', n, at: monotonicMs() });
  else half.add(`${n} ${what}`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type Asked = {
  readonly method: string;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Buffer;
};

function serviceNow({ method, parts, query, body }: Asked, tables: ReturnType<typeof ticketing>): Answered {
  const [, , api, table = '', sysId] = parts;
  const fields = (query.get('sysparm_fields') ?? '').split(',');
  if (api === 'attachment' && method === 'POST')
    return tables.upload(query.get('table_sys_id') ?? '', query.get('file_name') ?? '', body);
  if (api === 'attachment') return tables.list('attachment', query.get('sysparm_query') ?? '', fields);
  if (sysId === undefined) return tables.list(table, query.get('sysparm_query') ?? '', fields);
  if (method === 'GET') return tables.read(table, sysId, fields);
  const answer = tables.write(sysId, JSON.parse(body.toString()), fields);
  if (answer.resolved !== undefined) halfDone(answer.resolved, 'ticket');
  return answer;
}

function ops({ method, parts, body }: Asked): Answered {
  const [, , id = '', log] = parts;
  if (method === 'POST') {
    const { runbook, parameters, execution_id } = JSON.parse(body.toString());
    const n = fromPool(parameters.pool);
    const run = runIdOf(n, runbook);
    launchedAt.set(run, Date.now());
    if (runbook === jobs.remediation) say({ is: 'remediation', n, at: monotonicMs() });
    return { kind: 'POST ops run', status: 202, body: { id: run, status: 'queued', execution_id } };
  }
  if (log !== undefined)
    return {
      kind: 'GET ops log',
      status: 200,
      body: { text: page, next: page.length, size: page.length },
    };
  if (Number.isNaN(fromRunId(id))) return { kind: 'GET ops runs', status: 200, body: { runs: [] } };
  const since = Date.now() - (launchedAt.get(id) ?? 0) - jobMs;
  const over = since >= 0;
  if (over && !seen.has(id)) seenAfterMs.push(since);
  if (over) seen.add(id);
  return {
    kind: 'GET ops run',
    status: 200,
    body: { id, status: over ? 'succeeded' : 'running', detail: '' },
  };
}

function connector({ method, parts, body }: Asked): Answered & { after?: () => void } {
  const sent = JSON.parse(body.toString());
  if (method === 'PUT') {
    const summary = String(sent.summary);
    const after = () => halfDone(fromText(summary), 'card');
    const answer = { kind: 'PUT card', status: 200, body: { id: parts[4] } };
    return summary.endsWith('succeeded') ? { ...answer, after } : answer;
  }
  if (sent.activity === undefined) return { kind: 'POST message', status: 201, body: { id: 'said' } };
  const n = fromText(String(sent.activity.summary));
  const activity = String(n);
  const conversation = `${channel};messageid=${activity}`;
  const data = approveData(sent.activity.attachments[0].content);
  return {
    kind: 'POST card',
    status: 201,
    body: { id: conversation, activityId: activity },
    after: () => say({ is: 'card', n, at: monotonicMs(), card: { conversation, activity, data } }),
  };
}

const approveData = (card: { actions?: readonly { verb?: string; data?: unknown }[] }): unknown =>
  card.actions?.find(({ verb }) => verb === 'approve')?.data;

function answer(asked: Asked, tables: ReturnType<typeof ticketing>): Answered & { after?: () => void } {
  const [first] = asked.parts;
  if (first === 'api') return serviceNow(asked, tables);
  if (first === 'ops') return ops(asked);
  if (first === 'health') return { kind: 'GET health page', status: 200, body: 'OK' };
  if (first === 'v1.0' && asked.method === 'GET')
    return { kind: 'Graph', status: 200, body: { id: author, displayName: 'Nadia Novak' } };
  if (first === 'v1.0') return { kind: 'Graph', status: 200, body: { value: [approvers] } };
  return connector(asked);
}

function send(
  response: ServerResponse,
  { kind, status, body, total, after }: ReturnType<typeof answer>,
): void {
  calls[kind] = (calls[kind] ?? 0) + 1;
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  const count = total === undefined ? {} : { 'x-total-count': String(total) };
  response.writeHead(status, { 'content-type': type, ...count });
  // a person can click no sooner than the card is posted
  response.end(typeof body === 'string' ? body : JSON.stringify(body), after);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const parts = url.pathname.slice(1).split('/').map(decodeURIComponent);
  bodyOf(request).then(
    (body) =>
      send(response, answer({ method: request.method ?? '', parts, query: url.searchParams, body }, tables)),
    (error: unknown) => void response.destroy(error instanceof Error ? error : undefined),
  );
});
server.keepAliveTimeout = 60_000;
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', 4096, listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const tables = ticketing(url);
say({ is: 'ready', url });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  say({ is: 'figures', calls: { ...calls }, cpuMs: (user + system) / 1000, seenAfterMs: [...seenAfterMs] });
});
process.on('disconnect', () => process.exit(0));
