import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import type { Job } from '../../../src/sandbox/ops-api/job-runner.ts';
import { type OpsApiOptions, startOpsApi } from '../../../src/sandbox/ops-api/server.ts';

const waits: Job = (_parameters, log, signal) =>
  new Promise((_resolve, reject) => {
    log('waiting');
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
const jobs = { waits, hello: async (_p: unknown, log: (line: string) => void) => log('hello') };

async function api(changes: Partial<OpsApiOptions> = {}) {
  const { url, close } = await startOpsApi({ token: 'ops', jobs, ...changes });
  const call = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: 'Bearer ops', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, json };
  };
  const submit = (key: string, changed: Record<string, unknown> = {}) =>
    call('POST', '/runs', { 'idempotency-key': `"${key}"` }, { ...submission(key), ...changed });
  const ended = async (id: unknown) => {
    for (let n = 0; n < 200; n += 1) {
      const { json } = await call('GET', `/runs/${String(id)}`);
      if (!['queued', 'running'].includes(String(json['status']))) return json;
      await delay(10);
    }
    throw new Error(`${String(id)} did not end`);
  };
  return { url, close, call, submit, ended, faults: faultControl(url) };
}

const submission = (key: string) => ({
  runbook: 'waits',
  parameters: { pool: 'shop', password: 'hunter2' },
  execution_id: key,
  reference: 'run-1',
});

describe('The simulated ops-runbook API', () => {
  let folder: string;
  let stateFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ops-'));
    stateFile = join(folder, 'runs.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('accepts a run with 202, its place and when to ask again', async () => {
    const server = await api();
    const { status, headers, json } = await server.submit(randomUUID());
    assert.equal(status, 202);
    assert.equal(headers.get('location'), `/runs/${String(json['id'])}`);
    assert.equal(headers.get('retry-after'), '1');
    await server.close();
  });

  it('asks for a quoted key and tells with problem details what is wrong', async () => {
    const server = await api();
    const key = randomUUID();
    for (const headers of [{}, { 'idempotency-key': key }, { 'idempotency-key': '"run-1"' }]) {
      const answer = await server.call('POST', '/runs', headers, submission(key));
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    }
    await server.close();
  });

  it('refuses another body under the same key, an unknown job and a body that does not fit', async () => {
    const server = await api();
    const key = randomUUID();
    await server.submit(key);
    assert.equal((await server.submit(key, { parameters: { pool: 'other' } })).status, 422);
    assert.equal((await server.submit(randomUUID(), { runbook: 'constructor' })).status, 404);
    assert.equal((await server.submit(randomUUID(), { parameters: [] })).status, 400);
    await server.close();
  });

  it('answers 409 while the first request with a key is being processed', async () => {
    const server = await api();
    const key = randomUUID();
    await server.faults.arm({ method: 'POST', commitLatencyMs: 1_000 });
    const first = server.submit(key);
    while ((await server.faults.requests())['POST /runs'] === undefined) await delay(5);
    assert.equal((await server.submit(key)).status, 409);
    const { json } = await first;
    assert.equal((await server.submit(key)).json['id'], json['id']);
    await server.close();
  });

  it('tells nothing and does nothing without the token', async () => {
    const server = await api();
    const { json } = await server.submit(randomUUID());
    const run = `/runs/${String(json['id'])}`;
    for (const [method, path] of [
      ['POST', '/runs'],
      ['GET', '/runs'],
      ['GET', run],
      ['GET', `${run}/log`],
      ['POST', `${run}/cancel`],
    ] as const)
      assert.equal((await server.call(method, path, { authorization: 'Bearer guess' })).status, 401);
    assert.equal((await server.call('GET', run)).json['status'], 'running');
    await server.close();
  });

  it('cancels a running job by its signal, and refuses to cancel one that is over', async () => {
    const server = await api();
    const { json } = await server.submit(randomUUID());
    const cancel = `/runs/${String(json['id'])}/cancel`;
    assert.equal((await server.call('POST', cancel)).status, 202);
    const end = await server.ended(json['id']);
    assert.deepEqual([end['status'], end['detail']], ['canceled', 'stopped']);
    assert.equal((await server.call('POST', cancel)).status, 409);
    await server.close();
  });

  it('gives a log from a byte offset on, never half a character', async () => {
    const server = await api({ jobs: { waits: async (_p, log) => log('ä€😀') } });
    const { json } = await server.submit(randomUUID());
    await server.ended(json['id']);
    const page = (after: string) => server.call('GET', `/runs/${String(json['id'])}/log?after=${after}`);
    const { json: whole } = await page('0');
    const size = Number(whole['size']);
    assert.equal(whole['next'], size);
    assert.match(String(whole['text']), /ä€😀\n$/);
    for (let after = 0; after <= size + 3; after += 1) {
      const { text } = (await page(String(after))).json;
      assert.ok(String(whole['text']).endsWith(String(text)), `after ${after}: ${String(text)}`);
    }
    assert.equal((await page('-1')).status, 400);
    await server.close();
  });

  it('still dedupes by key after a restart, and ends what the restart interrupted', async () => {
    const key = randomUUID();
    const first = await api({ stateFile });
    const { json } = await first.submit(key);
    const done = await first.submit(randomUUID(), { runbook: 'hello' });
    await first.ended(done.json['id']);
    await first.close();

    const second = await api({ stateFile });
    const again = await second.submit(key);
    assert.equal(again.status, 202);
    assert.equal(again.json['id'], json['id']);
    assert.deepEqual([again.json['status'], again.json['detail']], ['failed', 'interrupted by a restart']);
    assert.equal((await second.ended(done.json['id']))['status'], 'succeeded');
    const log = await second.call('GET', `/runs/${String(done.json['id'])}/log`);
    assert.match(String(log.json['text']), /hello/);
    await second.close();
  });

  it('starts on a state file whose last line was torn by a crash', async () => {
    const key = randomUUID();
    const first = await api({ stateFile });
    const { json } = await first.submit(key);
    await first.close();
    await appendFile(stateFile, '{"run":{"id":"run-to');
    for (let restart = 0; restart < 2; restart += 1) {
      const server = await api({ stateFile });
      assert.equal((await server.submit(key)).json['id'], json['id']);
      await server.submit(randomUUID(), { runbook: 'hello' });
      await server.close();
    }
  });

  it('writes no parameter value to its state file', async () => {
    const server = await api({ stateFile });
    await server.submit(randomUUID());
    await server.close();
    const text = await readFile(stateFile, 'utf8');
    assert.match(text, /"runbook":"waits"/);
    assert.doesNotMatch(text, /hunter2/);
  });
});

describe('A sandbox server', () => {
  it('commits, then drops the answer, as often as it was told', async () => {
    const server = await api();
    const key = randomUUID();
    await server.faults.arm({ method: 'POST', path: '/runs', dropAnswer: true, times: 2 });
    await assert.rejects(server.submit(key));
    await assert.rejects(server.submit(key));
    assert.equal((await server.submit(key)).status, 202);
    assert.equal((await server.faults.requests())['POST /runs'], 3);
    await server.close();
  });

  it('answers with a fault only where it was armed, until it is cleared', async () => {
    const server = await api();
    await server.faults.arm({ method: 'GET', path: '/runs/', status: 502, body: 'bad gateway', times: 9 });
    const { json } = await server.submit(randomUUID());
    assert.equal((await server.call('GET', `/runs/${String(json['id'])}`)).status, 502);
    await server.faults.clear();
    assert.equal((await server.call('GET', `/runs/${String(json['id'])}`)).status, 200);
    await server.close();
  });

  it('takes faults as JSON only, so that no web page can arm one', async () => {
    const server = await api();
    const arm = (type: string, body: string) =>
      fetch(`${server.url}/__sandbox/faults`, { method: 'POST', headers: { 'content-type': type }, body });
    assert.equal((await arm('text/plain', '{"status":500}')).status, 415);
    assert.equal((await arm('application/json', '{"explode":true}')).status, 400);
    assert.equal((await server.submit(randomUUID())).status, 202);
    await server.close();
  });

  it('does not answer under a foreign host name', async () => {
    const server = await api();
    const status = await new Promise((resolve, reject) => {
      request(`${server.url}/runs`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      )
        .on('error', reject)
        .end();
    });
    assert.equal(status, 421);
    await server.close();
  });

  it('refuses a body of more than 1 MB', async () => {
    const server = await api();
    const { status } = await server.submit(randomUUID(), { reference: 'x'.repeat(1_100_000) });
    assert.equal(status, 413);
    await server.close();
  });

  it('closes at once while a slow answer is under way', async () => {
    const server = await api();
    await server.faults.arm({ latencyMs: 60_000 });
    const call = server.submit(randomUUID());
    const lost = assert.rejects(call);
    await delay(30);
    await server.close();
    await lost;
  });
});
