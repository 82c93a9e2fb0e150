import type { AddressInfo } from 'node:net';
import restify, { type Next, type Request, type Response, type Server } from 'restify';
import { isSigned } from './adapters/servicenow/signature.ts';
import { messageOf } from './domain/errors.ts';
import type { Log } from './flow/deps.ts';
import type { Intake } from './flow/intake.ts';

/** An event of ServiceNow is a few hundred bytes; more is no event of ours. */
const MAX_EVENT_BYTES = 64 * 1024;
/** A Teams activity with a card's inputs stays far below this. */
const MAX_ACTIVITY_BYTES = 256 * 1024;

export type Routes = {
  /** Answers a Bot Framework activity; the body is parsed, nothing is authenticated yet. */
  messages(req: Request, res: Response): Promise<void>;
  readonly intake: Intake;
  readonly webhookSecrets: readonly string[];
  /** True when the store answers. */
  ready(): Promise<boolean>;
  readonly report: Log;
};

/** The HTTP surface: two doors in, two lamps. Nothing that a GET can reach changes anything. */
export function createServer(routes: Routes): Server {
  const server = restify.createServer({ name: 'handrail', handleUncaughtExceptions: false });
  server.on('restifyError', (_req, res: Response, error: { statusCode?: number }, done: () => void) => {
    res.send(error.statusCode ?? 500);
    done();
  });
  const activity = restify.plugins.bodyParser({ maxBodySize: MAX_ACTIVITY_BYTES, mapParams: false });
  server.post('/api/messages', activity, (req: Request, res: Response, next: Next) => {
    routes.messages(req, res).then(
      () => next(false),
      (error: unknown) => {
        routes.report('error', 'an activity could not be answered', { why: messageOf(error) });
        if (!res.headersSent) res.send(500);
        next(false);
      },
    );
  });
  server.post('/api/servicenow/events', (req: Request, res: Response, next: Next) => {
    servicenowEvent(routes, req, res).then(
      () => next(false),
      (error: unknown) => {
        routes.report('error', 'an event could not be stored', { why: messageOf(error) });
        res.send(503);
        next(false);
      },
    );
  });
  server.get('/healthz', (_req: Request, res: Response, next: Next) => {
    res.send(200, { status: 'ok' });
    next();
  });
  server.get('/readyz', (_req: Request, res: Response, next: Next) => {
    routes.ready().then(
      (ready) => {
        res.send(ready ? 200 : 503, { status: ready ? 'ready' : 'the store does not answer' });
        next();
      },
      () => {
        res.send(503, { status: 'the store does not answer' });
        next();
      },
    );
  });
  return server;
}

/** Signature first, then the body, then the store: a bad signature learns nothing and burns no event id. */
async function servicenowEvent(
  { intake, webhookSecrets, report }: Routes,
  req: Request,
  res: Response,
): Promise<void> {
  const body = await readBody(req, MAX_EVENT_BYTES);
  if (body === undefined)
    return void res.send(413, { error: `an event has at most ${MAX_EVENT_BYTES} bytes` });
  if (!isSigned(body, req.headers, webhookSecrets)) return void res.send(401);
  const id = String(req.headers['webhook-id']);
  const received = await intake.receive(id, body);
  if (typeof received === 'object') {
    report('warn', 'a signed event does not fit', { event: id, why: received.invalid });
    return void res.send(400, { error: received.invalid });
  }
  if (received === 'conflict') {
    report('warn', 'an event id came again with another body', { event: id });
    return void res.send(409, { error: 'this webhook-id was used for another body' });
  }
  res.send(received === 'accepted' ? 202 : 200, { status: received });
  // stored already: when this fails or the process dies, the sweep finds it
  await intake.process(id);
}

/** The raw body as text, or undefined when it is larger than allowed. Bytes that are no UTF-8 do not survive and do not verify. */
async function readBody(req: Request, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size > limit) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Listens and answers the port. Throws when the address is taken. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as unknown as AddressInfo).port;
}
