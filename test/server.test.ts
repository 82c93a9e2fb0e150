import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Server } from 'restify';
import { Webhook } from 'standardwebhooks';
import { AppError } from '../src/domain/errors.ts';
import { intake } from '../src/flow/intake.ts';
import { openRuns } from '../src/flow/projection.ts';
import { createServer, listen, type Routes } from '../src/server.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from './fakes/flow.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const older = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const stranger = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const event = JSON.stringify({ sys_id: 'a'.repeat(32), sys_mod_count: 1 });

type Signing = { id?: string; with?: string; secondsOff?: number };

function signed(
  body: string | Uint8Array,
  { id = 'evt-1', with: key = secret, secondsOff = 0 }: Signing = {},
) {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000 + secondsOff * 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(at.getTime() / 1000),
    'webhook-signature': new Webhook(key).sign(id, at, Buffer.from(body).toString('utf8')),
  };
}

describe('the HTTP doors', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let server: Server | undefined;
  let url: string;
  let lines: string[];
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    lines = [];
  });
  afterEach(async () => {
    const http = server?.server as HttpServer | undefined;
    http?.closeAllConnections();
    await new Promise<void>((closed) => (http ? http.close(() => closed()) : closed()));
    server = undefined;
    await process.store.close();
    temp.remove();
  });

  const serve = async (change: Partial<Routes> = {}): Promise<void> => {
    server = createServer({
      messages: async (req, res) => void res.send(200, { got: req.body }),
      intake: intake(process.deps),
      webhookSecrets: [secret, older],
      ready: async () => true,
      report: (level, message, details) => lines.push(`${level} ${message} ${JSON.stringify(details ?? {})}`),
      ...change,
    });
    url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  };
  const post = (
    body: string | Uint8Array,
    headers: Record<string, string>,
    path = '/api/servicenow/events',
  ) => fetch(`${url}${path}`, { method: 'POST', body: Buffer.from(body), headers });
  const send = async (body: string | Uint8Array, how: Signing = {}) => {
    const response = await post(body, signed(body, how));
    return { status: response.status, text: await response.text() };
  };
  const stored = async () =>
    (await process.deps.state.list({ where: { kind: 'inbox' }, limit: 100 })).items.map(
      ({ item }) => item.id,
    );
  /** Bytes written as they are; what comes back until the server closes or `until` is seen. */
  const raw = (until: RegExp, ...parts: (string | Uint8Array)[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (until.test(seen)) socket.destroy();
      });
      socket.on('close', () => resolve(seen)).on('error', reject);
      for (const part of parts) socket.write(part);
    });

  describe('for ServiceNow events', () => {
    it('answers 202 only after the event is on disk, and it becomes a run', async () => {
      const put = process.deps.state.put;
      const order: string[] = [];
      Object.assign(process.deps.state, {
        put: async (...given: Parameters<typeof put>) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          const written = await put(...given);
          order.push(given[0].kind);
          return written;
        },
      });
      await serve();
      const { status, text } = await send(event);
      order.push('answered');
      assert.deepEqual([status, JSON.parse(text)], [202, { status: 'accepted' }]);
      assert.deepEqual(order.slice(0, 2), ['inbox', 'answered']);
      assert.deepEqual(await stored(), ['evt-1']);
      for (let n = 0; n < 500 && (await openRuns(process.deps)).length === 0; n++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal((await openRuns(process.deps)).length, 1);
    });

    it('answers 503 when the store fails, so that the sender keeps the event; later it is accepted', async () => {
      world.fault = (point) => {
        if (point === 'before:put') throw broken;
      };
      await serve();
      const failed = await send(event);
      assert.deepEqual(failed, { status: 503, text: '' });
      assert.match(lines[0] ?? '', /^error an event could not be stored .*disk full/);
      world.fault = () => undefined;
      assert.equal((await send(event)).status, 202);
    });

    it('answers 503 when the write took effect but its answer was lost; the repeat is recognised', async () => {
      world.fault = (point) => {
        if (point === 'after:put') throw broken;
      };
      await serve();
      assert.equal((await send(event)).status, 503);
      world.fault = () => undefined;
      assert.equal((await send(event)).status, 200);
    });

    const refused: { name: string; headers: () => Record<string, string>; body?: string }[] = [
      { name: 'no signature at all', headers: () => ({}) },
      { name: 'a signature of an unknown secret', headers: () => signed(event, { with: stranger }) },
      { name: 'a signature over another body', headers: () => signed(event), body: `${event} ` },
      { name: 'a signature for another id', headers: () => ({ ...signed(event), 'webhook-id': 'evt-2' }) },
      {
        name: 'a signature for another time',
        headers: () => ({ ...signed(event), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) }),
      },
      {
        name: 'an event made more than five minutes ago',
        headers: () => signed(event, { secondsOff: -310 }),
      },
      {
        name: 'an event from more than five minutes ahead',
        headers: () => signed(event, { secondsOff: 310 }),
      },
      { name: 'an id that is no id', headers: () => signed(event, { id: '../../etc' }) },
      {
        name: 'an empty signature',
        headers: () => ({ ...signed(event), 'webhook-signature': '' }),
      },
      {
        name: 'a signature of an unknown version',
        headers: () => ({
          ...signed(event),
          'webhook-signature': signed(event)['webhook-signature'].replace('v1,', 'v2,'),
        }),
      },
    ];
    for (const { name, headers, body = event } of refused)
      it(`answers 401 with an empty body to ${name}, and burns no event id`, async () => {
        await serve();
        const response = await post(body, headers());
        assert.deepEqual([response.status, await response.text()], [401, '']);
        assert.deepEqual(await stored(), []);
        assert.equal((await send(event)).status, 202);
      });

    it('accepts the previous secret while it is rotated, and events at both ends of the five minutes', async () => {
      await serve();
      assert.equal((await send(event, { id: 'older', with: older })).status, 202);
      assert.equal((await send(event, { id: 'late', secondsOff: -290 })).status, 202);
      assert.equal((await send(event, { id: 'early', secondsOff: 290 })).status, 202);
    });

    it('accepts any of several signatures, as the sender writes them during its own rotation', async () => {
      await serve();
      const right = signed(event);
      const both = `${signed(event, { with: stranger })['webhook-signature']} ${right['webhook-signature']}`;
      assert.equal((await post(event, { ...right, 'webhook-signature': both })).status, 202);
    });

    it('answers 200 to a repeat and 409 to the same id with another body', async () => {
      await serve();
      assert.equal((await send(event)).status, 202);
      assert.deepEqual(await send(event), { status: 200, text: '{"status":"repeat"}' });
      const other = await send(event.replace('1}', '2}'));
      assert.equal(other.status, 409);
      assert.match(other.text, /used for another body/);
    });

    it('accepts exactly 64 kB and answers 413 to a byte more, announced or chunked', async () => {
      await serve();
      const padded = (bytes: number) =>
        event.replace('{', `{"pad":"${'x'.repeat(bytes - event.length - 9)}",`);
      const most = padded(65_536);
      assert.equal(most.length, 65_536);
      assert.equal((await send(most)).status, 202);
      const over = padded(65_537);
      const announced = await send(over, { id: 'evt-2' });
      assert.equal(announced.status, 413);
      assert.match(announced.text, /at most 65536 bytes/);
      const head = `POST /api/servicenow/events HTTP/1.1\r\nHost: x\r\n${headerLines(signed(over))}`;
      const chunk = `${over.length.toString(16)}\r\n${over}\r\n`;
      const chunked = await raw(/\r\n\r\n.*\}/s, `${head}Transfer-Encoding: chunked\r\n\r\n`, chunk);
      assert.match(chunked, /^HTTP\/1\.1 413 /);
      assert.deepEqual(await stored(), ['evt-1']);
    });

    it('takes a body in chunks as it takes it whole', async () => {
      await serve();
      const chunks = [event.slice(0, 7), event.slice(7)].map((c) => `${c.length.toString(16)}\r\n${c}\r\n`);
      const head = `POST /api/servicenow/events HTTP/1.1\r\nHost: x\r\n${headerLines(signed(event))}`;
      const answer = await raw(
        /\r\n\r\n.*\}/s,
        `${head}Transfer-Encoding: chunked\r\n\r\n`,
        ...chunks,
        '0\r\n\r\n',
      );
      assert.match(answer, /^HTTP\/1\.1 202 /);
    });

    const unfit: { name: string; body: string; names: RegExp }[] = [
      { name: 'a signed body that is no JSON', body: 'sys_id=1', names: /not JSON/ },
      { name: 'a JSON value that is no object', body: '"hello"', names: /expected object/ },
      { name: 'a missing field', body: '{"sys_mod_count":1}', names: /sys_id/ },
      {
        name: 'a wrong field',
        body: `{"sys_id":"${'A'.repeat(32)}","sys_mod_count":1}`,
        names: /32 lower-case hex digits[\s\S]*sys_id/,
      },
      {
        name: 'a count below zero',
        body: `{"sys_id":"${'a'.repeat(32)}","sys_mod_count":-1}`,
        names: /sys_mod_count/,
      },
      { name: 'an empty body', body: '', names: /not JSON/ },
    ];
    for (const { name, body, names } of unfit)
      it(`answers 400 to ${name}, and says which`, async () => {
        await serve();
        const { status, text } = await send(body);
        assert.equal(status, 400);
        assert.match(String(JSON.parse(text).error), names);
        assert.deepEqual(await stored(), []);
        assert.equal(lines.length, 1);
      });

    it('does not verify bytes that are no UTF-8', async () => {
      await serve();
      const bytes = Buffer.concat([Buffer.from(event.slice(0, -1)), Buffer.from([0x2c, 0xff, 0xfe, 0x7d])]);
      const at = new Date(Math.floor(Date.now() / 1000) * 1000);
      const mac = createHmac('sha256', Buffer.alloc(32, 1))
        .update(`evt-1.${at.getTime() / 1000}.`)
        .update(bytes)
        .digest('base64');
      const headers = {
        ...signed(''),
        'webhook-signature': `v1,${mac}`,
        'webhook-timestamp': `${at.getTime() / 1000}`,
      };
      assert.equal((await post(bytes, headers)).status, 401);
    });

    it('does not wait for a body that never comes, and serves others meanwhile', async () => {
      await serve({ bodyWithinMs: 200 });
      const head = `POST /api/servicenow/events HTTP/1.1\r\nHost: x\r\n${headerLines(signed(event))}`;
      const slow = raw(/never/, `${head}Content-Length: ${event.length}\r\n\r\n`, event.slice(0, 5));
      assert.equal((await send(event)).status, 202);
      assert.match(await slow, /^HTTP\/1\.1 408 [\s\S]*did not arrive in time/);
    });

    it('survives a caller that hangs up in the middle of a body', async () => {
      await serve();
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const head = `POST /api/servicenow/events HTTP/1.1\r\nHost: x\r\n${headerLines(signed(event))}`;
      const written = Promise.withResolvers<void>();
      socket.write(`${head}Content-Length: ${event.length}\r\n\r\n${event.slice(0, 5)}`, () =>
        written.resolve(),
      );
      await written.promise;
      socket.destroy();
      assert.equal((await send(event, { id: 'evt-2' })).status, 202);
      assert.deepEqual(await stored(), ['evt-2']);
    });
  });

  describe('for Teams activities', () => {
    const json = { 'content-type': 'application/json' };
    const activity = (body: string | Uint8Array, headers: Record<string, string> = json) =>
      post(body, headers, '/api/messages');

    it('hands the parsed body on', async () => {
      await serve();
      const response = await activity('{"type":"message"}');
      assert.deepEqual([response.status, await response.json()], [200, { got: { type: 'message' } }]);
    });

    it('takes 256 kB and not a byte more', async () => {
      await serve();
      assert.equal((await activity(JSON.stringify('x'.repeat(262_142)))).status, 200);
      assert.equal((await activity(JSON.stringify('x'.repeat(262_143)))).status, 413);
    });

    it('refuses what is compressed, broken or not, so that the limit holds and nothing dies of it', async () => {
      await serve();
      const gzip = { ...json, 'content-encoding': 'gzip' };
      assert.equal((await activity('this is no gzip', gzip)).status, 415);
      assert.equal((await activity(gzipSync(Buffer.alloc(1_000_000, ' ')), gzip)).status, 415);
      assert.equal((await activity('{}')).status, 200);
    });

    it('reads neither forms nor uploads, and names no position of what it could not read', async () => {
      await serve();
      const form = new FormData();
      form.append('file', new Blob(['x']), 'x.bin');
      const upload = await fetch(`${url}/api/messages`, { method: 'POST', body: form });
      assert.equal(upload.status, 400);
      const broken = await activity('{"token":"hunter2');
      assert.deepEqual([broken.status, await broken.text()], [400, '{"error":"the body is not JSON"}']);
    });

    it('answers a bare 500 to an unexpected exception; the log has its message', async () => {
      await serve({
        messages: () => {
          throw new TypeError('boom /srv/secret-path');
        },
      });
      const response = await activity('{}');
      assert.deepEqual([response.status, await response.text()], [500, '']);
      assert.match(lines[0] ?? '', /^error an activity could not be answered .*boom/);
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
    });
  });

  describe('for everybody', () => {
    it('is healthy as long as it answers, and ready as long as the store answers', async () => {
      let ready: () => Promise<boolean> = async () => true;
      await serve({ ready: () => ready() });
      assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok' });
      assert.deepEqual(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' });
      for (const failing of [async () => false, () => Promise.reject(broken)]) {
        ready = failing;
        const answer = await fetch(`${url}/readyz`);
        assert.deepEqual(
          [answer.status, await answer.json()],
          [503, { status: 'the store does not answer' }],
        );
      }
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
    });

    for (const [method, path, status] of [
      ['GET', '/', 404],
      ['POST', '/api/automation', 404],
      ['GET', '/api/../../etc/passwd', 404],
      ['GET', '/api/servicenow/events', 405],
      ['GET', '/api/messages', 405],
      ['PUT', '/healthz', 405],
    ] as const)
      it(`answers a bare ${status} to ${method} ${path}`, async () => {
        await serve();
        const response = await fetch(`${url}${path}`, { method });
        assert.deepEqual([response.status, await response.text()], [status, '']);
        assert.equal(response.headers.get('x-powered-by'), null);
        assert.equal(response.headers.get('server'), 'handrail');
      });

    it('gives a caller ten seconds for its headers', async () => {
      await serve();
      const http = server?.server as HttpServer;
      assert.ok(http.headersTimeout > 0 && http.headersTimeout <= 10_000);
      assert.ok(http.requestTimeout > 0 && http.requestTimeout <= 30_000);
    });

    it('leaves the other HTTP servers of the process as they are', async () => {
      const other = createHttpServer((_request, response) =>
        response.writeHead(418, { a: 'b' }).end('short'),
      );
      await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
      const { port } = other.address() as AddressInfo;
      const answer = await fetch(`http://127.0.0.1:${port}`);
      assert.deepEqual([answer.status, answer.headers.get('a'), await answer.text()], [418, 'b', 'short']);
      other.closeAllConnections();
      await new Promise((closed) => other.close(closed));
    });

    it('says when its address is taken', async () => {
      await serve();
      const second = createServer({
        messages: async () => undefined,
        intake: intake(process.deps),
        webhookSecrets: [secret],
        ready: async () => true,
        report: () => undefined,
      });
      await assert.rejects(listen(second, Number(new URL(url).port), '127.0.0.1'), (error: unknown) => {
        assert.ok(error instanceof AppError);
        assert.match(error.message, /^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
        assert.match(error.fix, /Set PORT/);
        return true;
      });
    });
  });
});

const headerLines = (headers: Record<string, string>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

const broken = new AppError({
  code: 'store-unavailable',
  message: 'the disk full',
  fix: 'Free some space.',
  retryable: true,
});
