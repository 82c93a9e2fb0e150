import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpProbe } from '../../../src/adapters/probes/http-probe.ts';
import { HttpProbe } from '../../../src/domain/probe.ts';
import { refusal } from './refusal.ts';

const noWait = () => Promise.resolve();
const clock = { now: () => new Date('2026-11-22T10:00:00Z') };
const ok: RequestListener = (_request, response) => void response.end('status: OK');

/** A site that answers each request as the next listener says, the last one for ever. */
async function site(...listeners: RequestListener[]) {
  let requests = 0;
  const server: Server = createServer((request, response) => {
    const listener = listeners[Math.min(requests, listeners.length - 1)];
    requests += 1;
    listener?.(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/health`,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
const status =
  (code: number, body = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(code).end(body);

const spec = (url: string, changes: Record<string, unknown> = {}) =>
  HttpProbe.parse({ url, every: '1ms', within: '2s', ...changes });

async function probed(listeners: RequestListener[], changes: Record<string, unknown> = {}) {
  const { host, url, requests, close } = await site(...listeners);
  const result = await httpProbe({ allow: [host], clock, sleep: noWait }).check(spec(url, changes));
  close();
  return { ...result, requests: requests() };
}

describe('An HTTP probe', () => {
  it('is healthy when enough checks pass, and stops there', async () => {
    const { healthy, checks, requests } = await probed([ok]);
    assert.equal(healthy, true);
    assert.equal(requests, 3);
    const at = '2026-11-22T10:00:00.000Z';
    assert.deepEqual(
      checks.map(({ ms, ...rest }) => ({ ...rest, timed: ms >= 0 })),
      Array(3).fill({ at, ok: true, status: 200, why: 'as expected', timed: true }),
    );
  });

  it('bears as many failures as the runbook allows, and keeps each as evidence', async () => {
    const { healthy, checks, summary } = await probed([status(503), ok, status(500), ok, ok]);
    assert.equal(healthy, true);
    assert.deepEqual(
      checks.map((check) => check.status),
      [503, 200, 500, 200, 200],
    );
    assert.match(
      summary,
      /3 of 5 checks of http:.*\/health passed, 3 needed; last failure: status 500 instead of 200/,
    );
  });

  it('is unhealthy as soon as it cannot be healthy any more', async () => {
    const { healthy, requests, checks } = await probed([status(503)]);
    assert.equal(healthy, false);
    assert.equal(requests, 3);
    assert.equal(checks.length, 3);
  });

  it('waits between checks, and not before the first or after the last', async () => {
    const { host, url, close } = await site(ok);
    const waits: number[] = [];
    const sleep = async (ms: number) => void waits.push(ms);
    await httpProbe({ allow: [host], sleep }).check(spec(url, { every: '7s' }));
    assert.deepEqual(waits, [7_000, 7_000]);
    close();
  });

  it('takes an answer that is too slow for a failed check', async () => {
    const { healthy, checks } = await probed([() => undefined], {
      within: '50ms',
      successes: 1,
      attempts: 1,
    });
    assert.equal(healthy, false);
    assert.deepEqual([checks[0]?.status, checks[0]?.why], [0, 'no full answer within 50 ms']);
  });

  it('takes a body that does not arrive in time for a failed check', async () => {
    const stalls: RequestListener = (_request, response) => void response.writeHead(200).write('half');
    const { checks } = await probed([stalls], { within: '50ms', successes: 1, attempts: 1, body: 'OK' });
    assert.deepEqual([checks[0]?.ok, checks[0]?.why], [false, 'no full answer within 50 ms']);
  });

  it('takes a connection that breaks or is refused for a failed check', async () => {
    const { checks } = await probed([(request) => void request.socket.destroy()], {
      successes: 1,
      attempts: 1,
    });
    assert.match(checks[0]?.why ?? '', /connection failed \(ECONNRESET\)/);
    const { host, url, close } = await site(ok);
    close();
    const result = await httpProbe({ allow: [host], sleep: noWait }).check(spec(url, { attempts: 3 }));
    assert.equal(result.healthy, false);
    assert.match(result.summary, /ECONNREFUSED/);
  });

  it('accepts the statuses the runbook names', async () => {
    assert.equal((await probed([status(204)], { status: [200, 204] })).healthy, true);
  });

  it('does not follow a redirect', async () => {
    const other = await site(ok);
    const redirect: RequestListener = (_request, response) =>
      void response.writeHead(302, { location: other.url }).end();
    const { healthy, checks } = await probed([redirect]);
    assert.equal(healthy, false);
    assert.equal(checks[0]?.status, 302);
    assert.equal(other.requests(), 0);
    other.close();
  });

  it('looks for the pattern in the body', async () => {
    assert.equal((await probed([ok], { body: '^status: (OK|UP)$' })).healthy, true);
    const { healthy, checks } = await probed([ok], { body: 'status: UP' });
    assert.equal(healthy, false);
    assert.equal(checks[0]?.why, 'the body does not match status: UP');
  });

  it('reads at most 64 kB of a body that never ends', async () => {
    const endless: RequestListener = (_request, response) => {
      const more = () => {
        while (response.write('a'.repeat(16_384)));
        response.once('drain', more);
      };
      more();
    };
    const { healthy } = await probed([endless], { body: 'aaa', successes: 1, attempts: 1 });
    assert.equal(healthy, true);
    const late: RequestListener = (_request, response) => void response.end(`${'a'.repeat(65_536)}needle`);
    assert.equal((await probed([late], { body: 'needle', successes: 1, attempts: 1 })).healthy, false);
  });

  it('is not stopped by a pattern that makes a backtracking engine run away', async () => {
    const body: RequestListener = (_request, response) => void response.end('a'.repeat(60_000));
    const { healthy } = await probed([body], { body: '^(a+)+$b', successes: 1, attempts: 1 });
    assert.equal(healthy, false);
  });

  it('sends no credentials and asks for a fresh answer on a new connection', async () => {
    const seen: Record<string, unknown>[] = [];
    const look: RequestListener = (request, response) => {
      seen.push({ method: request.method, port: request.socket.remotePort, ...request.headers });
      response.end('OK');
    };
    await probed([look], { successes: 2, body: 'OK' });
    assert.equal(seen[0]?.['method'], 'GET');
    assert.equal(seen[0]?.['cache-control'], 'no-cache');
    assert.equal(seen[0]?.['authorization'], undefined);
    assert.notEqual(seen[0]?.['port'], seen[1]?.['port']);
  });
});

describe('An HTTP probe refuses', () => {
  const probe = httpProbe({ allow: ['shop.example', 'api.example:8443', '127.0.0.1:1'], sleep: noWait });
  for (const [why, url] of [
    ['a host that is not on the list', 'https://other.example/'],
    ['a host that only begins like one on the list', 'https://shop.example.evil.example/'],
    ['a subdomain of one on the list', 'https://www.shop.example/'],
    ['a listed host on another port', 'https://shop.example:8080/'],
    ['a listed host and port on another port', 'https://api.example/'],
    ['a host with a final dot', 'https://shop.example./'],
    ['credentials', 'https://user:hunter2@shop.example/'],
    ['a user name that looks like a listed host', 'https://shop.example@other.example/'],
    ['another scheme', 'file:///etc/passwd'],
    ['a text that is no address', 'shop.example/health'],
    ['an empty address', ' '],
  ] as const)
    it(why, async () => {
      const error = await refusal(probe.check(spec(url)));
      assert.equal(error.code, 'probe-refused');
      assert.ok(error.fix.length > 20);
      assert.doesNotMatch(error.message + error.fix, /hunter2/);
    });

  it('nothing that is on the list', async () => {
    const { host, url, close } = await site(ok);
    const listed = httpProbe({ allow: ['127.0.0.1', host.toUpperCase()], sleep: noWait });
    assert.equal((await listed.check(spec(url))).healthy, true);
    close();
  });

  it('a pattern that is not RE2, before it asks anybody', async () => {
    const { host, url, requests, close } = await site(ok);
    const error = await refusal(httpProbe({ allow: [host] }).check(spec(url, { body: '(?=x)' })));
    assert.equal(error.code, 'runbook-invalid');
    assert.equal(requests(), 0);
    close();
  });

  it('more successes than attempts', async () => {
    const impossible = spec('https://shop.example/', { successes: 4, attempts: 3 });
    assert.equal((await refusal(probe.check(impossible))).code, 'runbook-invalid');
  });
});
