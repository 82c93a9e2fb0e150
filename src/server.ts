import { type Server as HttpServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import restify, { type Next, type Request, type Response, type Server } from 'restify';
import { isSigned } from './adapters/servicenow/signature.ts';
import { type BodyLimits, readBody } from './body.ts';
import { AppError, messageOf } from './domain/errors.ts';
import type { Log } from './flow/deps.ts';
import type { Intake } from './flow/intake.ts';

// restify replaces writeHead of every server in the process by one that answers nothing (lib/response.js, 12.0.0), and
// `writeHead(…).end()` of the others fails. It answers the response again here.
const theirs: (...given: never[]) => unknown = ServerResponse.prototype.writeHead;
Object.assign(ServerResponse.prototype, {
  writeHead(this: ServerResponse, ...given: unknown[]): ServerResponse {
    Reflect.apply(theirs, this, given);
    return this;
  },
});

const BODY_MS = 10_000;
/** An event of ServiceNow is a few hundred bytes; more is no event of ours. */
const eventLimits: BodyLimits = { bytes: 64 * 1024, withinMs: BODY_MS };
/** A Teams activity with a card's inputs stays far below this. */
const activityLimits: BodyLimits = { bytes: 256 * 1024, withinMs: BODY_MS };

export type Routes = {
  /** Answers a Bot Framework activity; the body is parsed, nothing is authenticated yet. */
  messages(req: Request, res: Response): Promise<void>;
  readonly intake: Intake;
  readonly webhookSecrets: readonly string[];
  /** True when the store answers. */
  ready(): Promise<boolean>;
  readonly report: Log;
  /** How long a body may take, in milliseconds; ten seconds unless told. */
  readonly bodyWithinMs?: number;
};

/** The HTTP surface: two doors in, two lamps. Nothing that a GET can reach changes anything. */
export function createServer(routes: Routes): Server {
  const server = restify.createServer({ name: 'handrail', handleUncaughtExceptions: false });
  const http: HttpServer = server.server;
  http.headersTimeout = BODY_MS;
  http.requestTimeout = 2 * BODY_MS;
  server.on('restifyError', (_req, res: Response, error: { statusCode?: number }, done: () => void) => {
    res.send(error.statusCode ?? 500);
    done();
  });
  const door =
    (what: string, status: 500 | 503, answer: (req: Request, res: Response) => Promise<void>) =>
    (req: Request, res: Response, next: Next): void => {
      answer(req, res)
        .catch((error: unknown) => {
          routes.report('error', what, { why: messageOf(error) });
          if (!res.headersSent) res.send(status);
        })
        .finally(() => next(false));
    };
  server.post(
    '/api/messages',
    door('an activity could not be answered', 500, (req, res) => activity(routes, req, res)),
  );
  server.post(
    '/api/servicenow/events',
    door('an event could not be stored', 503, (req, res) => servicenowEvent(routes, req, res)),
  );
  server.get(
    '/healthz',
    door('the health could not be told', 500, async (_req, res) => void res.send(200, { status: 'ok' })),
  );
  server.get(
    '/readyz',
    door('the readiness could not be told', 503, (_req, res) => readiness(routes, res)),
  );
  return server;
}

/** A Teams activity is JSON of a limited size; who sent it is judged behind this. */
async function activity(routes: Routes, req: Request, res: Response): Promise<void> {
  const text = await bodyOf(routes, req, res, activityLimits);
  if (text === undefined) return;
  try {
    req.body = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return void res.send(400, { error: 'the body is not JSON' });
    throw error;
  }
  await routes.messages(req, res);
}

/** Signature first, then the body, then the store: a bad signature learns nothing and burns no event id. */
async function servicenowEvent(routes: Routes, req: Request, res: Response): Promise<void> {
  const { intake, webhookSecrets, report } = routes;
  const id = String(req.headers['webhook-id'] ?? 'none');
  const body = await bodyOf(routes, req, res, eventLimits);
  if (body === undefined)
    return res.headersSent ? intake.refuse(id, `answered HTTP ${res.statusCode}`) : undefined;
  if (!isSigned(body, req.headers, webhookSecrets)) {
    res.send(401);
    return intake.refuse(id, unsigned(body));
  }
  const received = await intake.receive(id, body);
  if (typeof received === 'object') {
    report('warn', 'a signed event does not fit', { event: id, why: received.invalid });
    res.send(400, { error: received.invalid });
    return intake.refuse(id, `a signed event does not fit: ${received.invalid}`);
  }
  if (received === 'conflict') {
    report('warn', 'an event id came again with another body', { event: id });
    res.send(409, { error: 'this webhook-id was used for another body' });
    return intake.refuse(id, 'this id came before with another body');
  }
  res.send(received === 'accepted' ? 202 : 200, { status: received });
  // stored already: when this fails or the process dies, the sweep finds it
  await intake.process(id);
}

/** For the operator alone: whoever sent it is told nothing. Bytes that are no UTF-8 were replaced, so no signature fits. */
const unsigned = (body: string): string =>
  body.includes('\ufffd')
    ? 'its body is not UTF-8, so no signature fits'
    : 'its signature does not fit the body, the secret or the time';

async function readiness({ ready, report }: Routes, res: Response): Promise<void> {
  const isReady = await ready().catch((error: unknown) => {
    report('warn', 'the store does not answer', { why: messageOf(error) });
    return false;
  });
  res.send(isReady ? 200 : 503, { status: isReady ? 'ready' : 'the store does not answer' });
}

const refusals = {
  408: 'the body did not arrive in time',
  413: 'the body is too large',
  415: 'send the body uncompressed',
} as const;

/** The body as text; undefined when there is none, and the caller was told so. Bytes that are no UTF-8 do not verify. */
async function bodyOf(
  routes: Routes,
  req: Request,
  res: Response,
  limits: BodyLimits,
): Promise<string | undefined> {
  const withinMs = routes.bodyWithinMs ?? limits.withinMs;
  const body = await readBody(req, { ...limits, withinMs });
  if (body.is === 'read') return body.text;
  if (body.is === 'refused') {
    // what is still on its way is not waited for
    res.setHeader('connection', 'close');
    const limit = body.status === 413 ? `; at most ${limits.bytes} bytes` : '';
    res.send(body.status, { error: `${refusals[body.status]}${limit}` });
  }
  return undefined;
}

/** Listens and answers the port. Throws AppError `config-invalid` when the address cannot be had. */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, resolve);
  }).catch((error: unknown) => {
    throw new AppError({
      code: 'config-invalid',
      message: `cannot listen on ${host}:${port}: ${messageOf(error)}`,
      fix: 'Set PORT, or HOST, to an address that is free.',
      cause: error,
    });
  });
  return (server.address() as unknown as AddressInfo).port;
}
