import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { awxTarget } from '../../../src/adapters/automation/awx.ts';
import type { AwxOptions } from '../../../src/sandbox/awx/server.ts';
import type { Log } from '../../../src/sandbox/ops-api/job-runner.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AwxWorld, awxWorld, hello, quick, template, token } from './awx-world.ts';
import { freePort } from './ops-api-world.ts';

const secret = 'S3CR3T-VALUE';
let world: AwxWorld;
const run = async (print: (log: Log) => void, options: Partial<AwxOptions> = {}) => {
  world = await awxWorld(
    [template('Recycle', async (_variables, log) => print(log))],
    { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) },
    options,
  );
  const { externalId } = await world.target.launch(launchOf('Recycle'));
  await ended(world.target, externalId);
  return externalId;
};

describe('The log of a job on AWX', () => {
  afterEach(() => world.close());

  it('hides secrets and the token', async () => {
    const externalId = await run((log) => log(`pin ${secret}, token ${token}`));
    const { text } = await world.target.log(externalId);
    assert.match(text, /pin \*\*\*, token \*\*\*/);
  });

  it('of more than AWX shows is read from the events, beginning and end', async () => {
    const externalId = await run((log) => {
      log('\u001b[0;32mfirst line\u001b[0m');
      for (let n = 0; n < 4_000; n += 1) log(`line ${n} ${'x'.repeat(600)} ${n % 1_000 === 0 ? secret : ''}`);
      log('last line');
    });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, true);
    assert.match(text, /^PLAY .*\nfirst line\n/);
    assert.match(text, /\[\.\.\. the middle is left out \.\.\.\]/);
    assert.match(text, /\nlast line\n.*PLAY RECAP/s);
    assert.ok(text.length > 900_000 && text.length < 1_300_000, String(text.length));
    assert.ok(!text.includes(secret) && !text.includes('too large to display'));
    const [head = '', tail = ''] = text.split('[... the middle is left out ...]');
    assert.ok(numbers(head) && numbers(tail), 'no line is missing within a part');
  });

  it('of more than AWX shows is whole when it fits the evidence', async () => {
    const externalId = await run((log) => log('a short line'), { maxStdoutBytes: 10 });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, false);
    assert.equal(text.split('a short line').length, 2);
  });

  it('has long lines whole, which AWX cuts unless asked not to', async () => {
    const externalId = await run((log) => log(`start ${'y'.repeat(5_000)} end`), { maxStdoutBytes: 10 });
    assert.match((await world.target.log(externalId)).text, /start y{5000} end/);
  });

  it('of 20 MB takes as much memory and as many requests as one of 3 MB', async () => {
    const externalId = await run((log) => {
      for (let n = 0; n < 20_000; n += 1) log(`line ${n} ${'x'.repeat(1_000)}`);
    });
    const { text } = await world.target.log(externalId);
    assert.ok(text.length < 1_300_000, String(text.length));
    const requests = await world.faults.requests();
    assert.ok((requests['GET /api/v2/jobs/:id/job_events/'] ?? 0) <= 20, JSON.stringify(requests));
  });

  it('of a workflow is capped over all of its nodes', async () => {
    const nodes = ['a', 'b', 'c'].map((identifier) => ({ identifier, template: 'Recycle' }));
    const print = async (_variables: object, log: Log) => {
      for (let n = 0; n < 1_000; n += 1) log(`line ${n} ${'x'.repeat(600)} ${n % 100 === 0 ? secret : ''}`);
    };
    world = await awxWorld(
      [template('Recycle', print)],
      { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) },
      { workflowTemplates: [{ name: 'Flow', asks: ['variables'], nodes }] },
    );
    const { externalId } = await world.target.launch(launchOf('workflow:Flow'));
    await ended(world.target, externalId);
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, true);
    assert.ok(text.length < 1_010_000 && !text.includes(secret), String(text.length));
    assert.match(text, /^===== node a.*bytes left out.*===== node c/s);
  });

  it('is not a page that something else shows in its place', async () => {
    const externalId = await run((log) => log('a'));
    const headers = { 'content-type': 'text/html' };
    await world.faults.arm({
      path: '/api/v2/jobs/1001/stdout/',
      status: 200,
      body: '<h1>Sign in</h1>',
      headers,
    });
    const error = await refused(world.target.log(externalId), 'target-refused');
    assert.match(error.message, /text\/html/);
  });
});

/** Do the numbers of the lines go up by one? */
function numbers(text: string): boolean {
  const all = [...text.matchAll(/^line (\d+) /gm)].map((match) => Number(match[1]));
  return all.length > 100 && all.every((n, at) => at === 0 || n === (all[at - 1] ?? 0) + 1);
}

describe('What a job on AWX leaves behind', () => {
  afterEach(() => world.close());

  it('are the values of set_stats and what happened on each host, secrets masked', async () => {
    world = await awxWorld(
      [template('Recycle', async (_v, _l, _s, leave) => leave.artifacts({ ticket: 'INC1', pin: secret }))],
      { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) },
    );
    const { externalId } = await world.target.launch(launchOf('Recycle'));
    await ended(world.target, externalId);
    const files = await world.target.artifacts?.(externalId);
    const read = Object.fromEntries(
      (files ?? []).map(({ name, bytes }) => [name, JSON.parse(Buffer.from(bytes).toString()) as unknown]),
    );
    assert.deepEqual(read['artifacts.json'], { ticket: 'INC1', pin: '***' });
    assert.match(JSON.stringify(read['hosts.json']), /"host_name":"web01","ok":1/);
    assert.ok(files?.every(({ type }) => type === 'application/json'));
  });

  it('are the nodes of a workflow', async () => {
    const nodes = [{ identifier: 'a', template: 'Recycle' }];
    world = await awxWorld(
      [template('Recycle', hello)],
      {},
      { workflowTemplates: [{ name: 'Flow', asks: ['variables'], nodes }] },
    );
    const { externalId } = await world.target.launch(launchOf('workflow:Flow'));
    await ended(world.target, externalId);
    const [file] = (await world.target.artifacts?.(externalId)) ?? [];
    assert.equal(file?.name, 'nodes.json');
    assert.match(Buffer.from(file?.bytes ?? []).toString(), /"identifier": "a"/);
  });
});

describe('The health of AWX', () => {
  before(async () => {
    world = await awxWorld([template('Recycle', hello)]);
  });
  after(() => world.close());

  it('is good when it is up, has capacity and takes our token', async () => {
    assert.deepEqual(await world.target.health?.(), { ok: true });
  });

  it('is bad without capacity', async () => {
    world.disturb({ stuckPending: true });
    const health = await world.target.health?.();
    assert.ok(health?.ok === false && /no capacity/.test(health.why));
    world.disturb({ stuckPending: false });
  });

  it('is bad with an expired token', async () => {
    const health = await awxTarget(quick(world.url, { token: 'expired' })).health?.();
    assert.ok(health?.ok === false && /does not accept our token/.test(health.why));
  });

  it('is bad when nothing listens, and when something else answers', async () => {
    const down = await awxTarget(quick(`http://127.0.0.1:${await freePort()}`)).health?.();
    assert.ok(down?.ok === false && /did not answer/.test(down.why));
    const other = createServer((_request, response) => void response.end('<h1>Hello</h1>'));
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const wrong = await awxTarget(quick(`http://127.0.0.1:${port}`)).health?.();
    assert.ok(wrong?.ok === false && /no AWX answers at awx/.test(wrong.why));
    other.close();
  });
});

describe('The address of AWX', () => {
  it('is not trusted with a certificate that nobody vouches for, and the reason is told', async function () {
    const made = selfSigned();
    if (made === undefined) this.skip();
    const visits: string[] = [];
    const other = createSecure(made, (request) => void visits.push(request.url ?? ''));
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const target = awxTarget(quick(`https://127.0.0.1:${(other.address() as AddressInfo).port}`));
    const error = await refused(target.launch(launchOf('Recycle')), 'target-unreachable');
    assert.match(error.message, /SELF_SIGNED_CERT/);
    assert.match(error.fix, /trusted certificate/);
    assert.deepEqual([error.maybeApplied, visits], [false, []]);
    other.close();
  });

  it('is found out once, and again when it could not be found out', async () => {
    const awx = await awxWorld([template('Recycle', hello)], { attempts: 1 }, { product: 'gateway' });
    await awx.faults.arm({ path: '/api/', status: 503, times: 2 });
    await refused(awx.target.poll('job-1'), 'target-unreachable');
    await Promise.all([awx.target.poll('job-1'), awx.target.poll('job-2')]);
    await awx.target.poll('job-1');
    const requests = await awx.faults.requests();
    assert.equal(requests['GET /api/controller/v2/ping/'], 2);
    await awx.close();
  });

  it('is not asked for when it is configured', async () => {
    const awx = await awxWorld([template('Recycle', hello)], { apiPrefix: '/api/v2' });
    await awx.target.poll('job-1');
    assert.deepEqual(await awx.faults.requests(), { 'GET /api/v2/jobs/:id/': 1 });
    await awx.close();
  });

  it('is not left for another host: redirects are not followed, links of pages are not used', async () => {
    const visits: string[] = [];
    const other = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const awx = await awxWorld([template('Recycle', hello)], { apiPrefix: '/api/v2' });
    await awx.faults.arm({ path: '/api/v2/jobs/', status: 302, headers: { location: elsewhere } });
    await refused(awx.target.poll('job-1001'), 'target-refused');
    const row = { id: 8, name: 'Recycle', url: elsewhere, related: { launch: elsewhere } };
    const body = JSON.stringify({ count: 2, next: elsewhere, results: [row] });
    await awx.faults.arm({ path: '/api/v2/job_templates/', status: 200, body });
    await awx.target.launch(launchOf('Recycle'));
    assert.deepEqual(visits, []);
    await awx.close();
    other.close();
  });
});

const openssl = 'openssl';

/** A key and a certificate of its own; undefined where there is no openssl. */
function selfSigned(): { key: string; cert: string } | undefined {
  const ask =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -keyout -';
  try {
    const both = execFileSync(openssl, ask.split(' '), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { key: both, cert: both };
  } catch {
    return undefined;
  }
}
