import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { opsApi } from '../../../src/adapters/automation/ops-api.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { opsWorld, quick, token, untilCancelled } from './ops-api-world.ts';

const hello = { hello: async () => undefined };
const launch = launchOf('hello');
type World = Awaited<ReturnType<typeof opsWorld>>;

/** Everything a person or a log could see of an error. */
const everythingOf = (error: unknown): string =>
  error instanceof AppError
    ? JSON.stringify([error.message, error.fix, error.stack, { ...error }, String(error.cause)])
    : String(error);

describe('A launch over the ops-runbook API', () => {
  let world: World;
  beforeEach(async () => {
    world = await opsWorld(hello);
  });
  afterEach(() => world.close());

  const answers: [
    status: number,
    code: 'target-refused' | 'target-unreachable',
    applied: boolean,
    again: boolean,
  ][] = [
    [302, 'target-refused', true, false],
    [400, 'target-refused', false, false],
    [401, 'target-refused', false, false],
    [403, 'target-refused', false, false],
    [404, 'target-refused', false, false],
    [408, 'target-unreachable', true, true],
    [409, 'target-refused', true, true],
    [422, 'target-refused', true, false],
    [429, 'target-refused', false, true],
    [500, 'target-unreachable', true, true],
    [502, 'target-unreachable', true, true],
    [503, 'target-unreachable', true, true],
    [504, 'target-unreachable', true, true],
  ];
  for (const [status, code, maybeApplied, retryable] of answers)
    it(`that is answered ${status} ${maybeApplied ? 'may have been applied' : 'was certainly not applied'}`, async () => {
      await world.faults.arm({ method: 'POST', status, times: 3 });
      const error = await refused(world.target.launch(launch), code);
      assert.deepEqual([error.maybeApplied, error.retryable], [maybeApplied, retryable]);
      const posts = (await world.faults.requests())['POST /runs'];
      assert.equal(posts, retryable ? 3 : 1, 'it is repeated only where that may help');
    });

  it('passes when the second attempt passes, and starts one job', async () => {
    await world.faults.arm({ method: 'POST', dropAnswer: true });
    await world.faults.arm({ method: 'POST', status: 503 });
    const { externalId } = await world.target.launch(launch);
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
    assert.equal((await world.faults.requests())['POST /runs'], 3);
  });

  it('may have been applied when one attempt may have been, whatever the last one says', async () => {
    await world.faults.arm({ method: 'POST', dropAnswer: true });
    await world.faults.arm({ method: 'POST', status: 403 });
    const error = await refused(world.target.launch(launch), 'target-refused');
    assert.equal(error.maybeApplied, true);
  });

  it('may have been applied when the target does not answer in time', async () => {
    const target = opsApi(quick(world.url, { timeoutMs: 300, attempts: 1 }));
    await world.faults.arm({ method: 'POST', latencyMs: 60_000 });
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.deepEqual([error.maybeApplied, error.retryable], [true, true]);
    assert.match(error.message, /no answer in time/);
  });

  it('starts one job when the target registers it late and the launch is repeated meanwhile', async () => {
    const target = opsApi(quick(world.url, { timeoutMs: 300, attempts: 2 }));
    await world.faults.arm({ method: 'POST', commitLatencyMs: 1_500 });
    const error = await refused(target.launch(launch), 'target-refused');
    assert.match(error.message, /being processed/);
    assert.deepEqual([error.maybeApplied, error.retryable], [true, true]);
    const patient = opsApi(
      quick(world.url, { attempts: 100, sleep: () => new Promise((r) => setTimeout(r, 20)) }),
    );
    const { externalId } = await patient.launch(launch);
    assert.equal((await target.find(launch.executionId))?.externalId, externalId);
  });

  it('with the same execution id and other parameters is refused and looked up', async () => {
    await world.target.launch(launch);
    const error = await refused(
      world.target.launch({ ...launch, parameters: { pool: 'b' } }),
      'target-refused',
    );
    assert.equal(error.maybeApplied, true);
    assert.match(error.fix, /look up/);
  });

  for (const [what, body, type] of [
    ['a login page', '<html><body>Please sign in</body></html>', 'text/html'],
    ['nothing', '', 'application/json'],
    ['another JSON', '{"job":1}', 'application/json'],
    ['an id that is a path', '{"id":"../admin","status":"queued"}', 'application/json'],
  ] as const)
    it(`that is answered with ${what} may have been applied`, async () => {
      await world.faults.arm({
        method: 'POST',
        status: 200,
        body,
        headers: { 'content-type': type },
        times: 3,
      });
      const error = await refused(world.target.launch(launch), 'target-unreachable');
      assert.equal(error.maybeApplied, true);
      assert.match(error.fix, /base URL/);
      assert.doesNotMatch(error.message, /sign in/, 'the page is not quoted');
    });

  it('that is answered with the run of another execution is not taken for ours', async () => {
    const body = JSON.stringify({
      id: 'run-1',
      status: 'queued',
      execution_id: launchOf('hello').executionId,
    });
    await world.faults.arm({ method: 'POST', status: 202, body });
    const error = await refused(world.target.launch(launch), 'target-refused');
    assert.equal(error.maybeApplied, true);
  });

  it('leaves a long Retry-After to the caller instead of waiting', async () => {
    await world.faults.arm({ method: 'POST', status: 503, headers: { 'retry-after': '120' } });
    const error = await refused(world.target.launch(launch), 'target-unreachable');
    assert.equal(error.retryAfterMs, 120_000);
    assert.equal((await world.faults.requests())['POST /runs'], 1);
  });

  it('waits for a short Retry-After before it tries again', async () => {
    const waits: number[] = [];
    const target = opsApi(quick(world.url, { sleep: async (ms) => waits.push(ms) }));
    await world.faults.arm({ method: 'POST', status: 429, headers: { 'retry-after': '3' } });
    await world.faults.arm({ method: 'POST', status: 503 });
    await target.launch(launch);
    assert.deepEqual(waits, [3_000, 400]);
  });

  it('is refused before anything is sent when the execution id is no UUID', async () => {
    const error = await refused(world.target.launch({ ...launch, executionId: 'run"1' }), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.deepEqual(await world.faults.requests(), {});
  });

  it('never shows the token, whatever goes wrong', async () => {
    const echo = JSON.stringify({ title: 'bad', detail: `got Authorization: Bearer ${token}` });
    await world.faults.arm({
      status: 401,
      body: echo,
      headers: { 'content-type': 'application/problem+json' },
    });
    await world.faults.arm({ method: 'POST', dropAnswer: true, times: 3 });
    await world.faults.arm({ method: 'POST', status: 500, body: `<html>${token}`, times: 3 });
    for (let n = 0; n < 3; n += 1) {
      const error = await world.target.launch(launch).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof AppError);
      assert.ok(!everythingOf(error).includes(token), everythingOf(error));
    }
  });
});

describe('A launch to a target that cannot be reached', () => {
  it('was certainly not applied when the name does not resolve', async () => {
    const target = opsApi(quick('https://no-such-host.invalid', { timeoutMs: 10_000 }));
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.equal(error.maybeApplied, false);
  });

  it('was certainly not applied when the other side does not speak TLS', async () => {
    const server = createServer();
    const port = await listening(server);
    const target = opsApi(quick(`https://127.0.0.1:${port}`));
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.equal(error.maybeApplied, false);
    server.close();
  });

  it('was certainly not applied when the time is over before the connection stands', async () => {
    const server = createTcpServer((socket) => void socket.resume());
    const port = await listening(server);
    const target = opsApi(quick(`https://127.0.0.1:${port}`, { timeoutMs: 80, attempts: 1 }));
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.deepEqual([error.maybeApplied, error.retryable], [false, true]);
    server.close();
  });

  it('may have been applied when the connection is reset after the request left', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const port = await listening(server);
    const target = opsApi(quick(`http://127.0.0.1:${port}`));
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.equal(error.maybeApplied, true);
    server.close();
  });

  it('may have been applied when the answer is larger than allowed', async () => {
    const large = JSON.stringify({ id: 'run-1', status: 'queued', detail: 'x'.repeat(5_000_000) });
    const server = createServer((_request, response) => void response.end(large));
    const port = await listening(server);
    const target = opsApi(quick(`http://127.0.0.1:${port}`, { attempts: 1 }));
    const error = await refused(target.launch(launch), 'target-unreachable');
    assert.equal(error.maybeApplied, true);
    server.closeAllConnections();
    server.close();
  });
});

describe('The ops-runbook API adapter', () => {
  it('does not follow a redirect, so that no other host gets the token', async () => {
    const visits: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      visits.push(request.headers.authorization);
      response.end('{"id":"run-1","status":"queued"}');
    });
    const port = await listening(other);
    const world = await opsWorld(hello);
    for (const status of [301, 302, 303, 307, 308]) {
      await world.faults.arm({ status, headers: { location: `http://127.0.0.1:${port}/runs` } });
      await refused(world.target.launch(launch), 'target-refused');
    }
    assert.deepEqual(visits, []);
    other.close();
    await world.close();
  });

  for (const baseUrl of [
    'http://ops.example',
    'https://user:pw@ops.example',
    'ftp://ops.example',
    'ops',
    'https://o.example/?a=1',
  ])
    it(`does not accept ${baseUrl} as base URL`, () => {
      assert.throws(
        () => opsApi(quick(baseUrl)),
        (error: unknown) =>
          error instanceof AppError && error.code === 'config-invalid' && !error.message.includes('pw'),
      );
    });

  it('refuses to take an answer to a look-up for ours when the target ignored the filter', async () => {
    const world = await opsWorld(hello);
    const body = JSON.stringify({
      runs: [{ id: 'run-1', status: 'succeeded', execution_id: 'somebody-else' }],
    });
    await world.faults.arm({ method: 'GET', path: '/runs', status: 200, body });
    await refused(world.target.find(launch.executionId), 'target-refused');
    await world.faults.arm({
      method: 'GET',
      path: '/runs',
      status: 200,
      body: '{"runs":[{"id":"run-1","status":"failed"}]}',
    });
    await refused(world.target.find(launch.executionId), 'target-refused');
    await world.close();
  });

  it('asks again at the time the target names, and not after the end', async () => {
    const world = await opsWorld({ ...hello, wait: untilCancelled });
    const waiting = await world.target.launch(launchOf('wait'));
    assert.equal(waiting.pollAfterMs, 1_000);
    await world.target.cancel(waiting.externalId);
    const end = await ended(world.target, waiting.externalId);
    assert.equal(end.pollAfterMs, undefined);
    await world.close();
  });

  it('takes a missing page for a wrong address, not for a forgotten run', async () => {
    const world = await opsWorld(hello);
    await world.faults.arm({
      status: 404,
      body: '<h1>Not found</h1>',
      headers: { 'content-type': 'text/html' },
    });
    await refused(world.target.poll('run-1'), 'target-refused');
    await world.close();
  });

  it('refuses an external id that would change the path', async () => {
    const world = await opsWorld(hello);
    for (const id of ['../admin', 'a/b', 'a?b', '', '.', '..%2f'])
      await refused(world.target.poll(id), 'target-refused');
    assert.deepEqual(await world.faults.requests(), {});
    await world.close();
  });

  it('makes one line of a long, wild detail', async () => {
    const world = await opsWorld({
      wild: () => Promise.reject(new Error(`line one\nline two\t\u0007${'x'.repeat(5_000)}`)),
    });
    const { externalId } = await world.target.launch(launchOf('wild'));
    const { detail } = await ended(world.target, externalId);
    assert.match(detail, /^line one line two x+…$/);
    assert.equal(detail.length, 300);
    await world.close();
  });
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
