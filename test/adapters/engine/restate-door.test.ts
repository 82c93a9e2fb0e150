import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { restateApi } from '../../../src/adapters/engine/restate-api.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { changed } from '../../fakes/engine-handlers.ts';

type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'drop';
type Seen = { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string };

const outcome = { status: 200, body: { reply: changed } };
const failing = (status: number, source: string): Answer => ({
  status,
  headers: { 'x-restate-error-source': source },
  body: { message: 'Error: secret-in-a-stack at /srv/app.ts' },
});

describe("Restate's HTTP interface", () => {
  let server: Server;
  let seen: Seen[];
  let answers: Answer[];
  let api: ReturnType<typeof restateApi>;

  async function answer(request: IncomingMessage): Promise<Answer> {
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    return answers.shift() ?? outcome;
  }

  beforeEach(async () => {
    seen = [];
    answers = [];
    server = createServer((request, response) => {
      void answer(request).then((given) => {
        if (given === 'drop') return void request.socket.destroy();
        response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers });
        response.end(JSON.stringify(given.body ?? {}));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const door = { url, headers: { authorization: 'Bearer t0ken' } };
    api = restateApi({ ingress: door, admin: door });
  });
  afterEach(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
  });

  const failed = async (call: Promise<unknown>): Promise<AppError> => {
    const error = await call.then(
      () => assert.fail('it should have failed'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AppError);
    return error;
  };

  it('gives the engine a run id and a command id, and nothing else', async () => {
    assert.deepEqual(await api.command('a/b', { command: 'c1' }, 2000), { reply: changed });
    const [call] = seen;
    assert.equal(call?.line, 'POST /restate/call/Run/a%2Fb/command');
    assert.equal(call?.body, '{"command":"c1"}');
    assert.equal(call?.headers.authorization, 'Bearer t0ken');
  });

  it('repeats a call with the same idempotency key when the answer is lost or the server is not ready', async () => {
    answers = ['drop', failing(503, 'ingress'), failing(404, 'ingress'), failing(429, 'ingress')];
    assert.deepEqual(await api.command('r', { command: 'c1' }, 5000), { reply: changed });
    assert.deepEqual(
      seen.map(({ headers }) => headers['idempotency-key']),
      ['c1', 'c1', 'c1', 'c1', 'c1'],
    );
  });

  it('does not repeat what the handler or a proxy has refused, and drops the body', async () => {
    for (const refusal of [failing(500, 'invocation'), failing(401, 'ingress')]) {
      seen = [];
      answers = [refusal];
      const error = await failed(api.command('r', { command: 'c1' }, 2000));
      assert.deepEqual([error.code, error.retryable, seen.length], ['engine-unavailable', false, 1]);
      assert.doesNotMatch(`${error.message} ${error.fix} ${String(error.cause)}`, /secret|app\.ts|t0ken/);
    }
  });

  it('gives up at the deadline and says that the command may have been carried out', async () => {
    answers = Array.from({ length: 50 }, () => failing(503, 'ingress'));
    const error = await failed(api.command('r', { command: 'c1' }, 300));
    assert.deepEqual([error.code, error.retryable, error.maybeApplied], ['engine-unavailable', true, true]);
    assert.match(error.message, /within 300 ms; the last attempt: status 503/);
  });

  it('gives up at the deadline when the server answers nothing', async () => {
    server.removeAllListeners('request');
    const error = await failed(api.wake('r', {}, 300));
    assert.equal(error.retryable, true);
  });

  it('fails with an AppError when nobody listens', async () => {
    const nobody = restateApi({
      ingress: { url: 'http://127.0.0.1:9' },
      admin: { url: 'http://127.0.0.1:9' },
    });
    assert.equal(await nobody.healthy(), false);
    assert.equal((await failed(nobody.wake('r', {}, 200))).code, 'engine-unavailable');
    await nobody.close();
  });

  it('sends a wake with its time', async () => {
    await api.wake('r', { at: 5 }, 2000, 'sweep:r:1');
    assert.deepEqual([seen[0]?.line, seen[0]?.body], ['POST /restate/send/Run/r/drive', '{"at":5}']);
    assert.equal(seen[0]?.headers['idempotency-key'], 'sweep:r:1');
  });

  it('registers an address and has its handlers read again', async () => {
    await api.register('http://127.0.0.1:1', { move: false, withinMs: 2000 });
    assert.deepEqual(
      seen.map(({ line, body }) => `${line} ${body}`),
      ['POST /deployments {"uri":"http://127.0.0.1:1","force":true}'],
    );
  });

  it('moves the latest address when there is one', async () => {
    answers = [{ status: 200, body: { deployments: [{ id: 'dp_1' }, { id: 'dp_2' }] } }];
    await api.register('http://127.0.0.1:1', { move: true, withinMs: 2000 });
    assert.deepEqual(
      seen.map(({ line }) => line),
      ['GET /deployments', 'PATCH /deployments/dp_2'],
    );
    assert.equal(seen[1]?.body, '{"uri":"http://127.0.0.1:1","overwrite":true}');
  });
});
