import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import type { Work } from '../../../src/sandbox/jenkins/definitions.ts';
import type { Log } from '../../../src/sandbox/ops-api/job-runner.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { executionId, hello, type JenkinsWorld, jenkinsWorld, job, quick, token } from './jenkins-world.ts';
import { freePort } from './ops-api-world.ts';

const secret = 'S3CR3T-VALUE';
let world: JenkinsWorld;
const settings = { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) };
const run = async (work: Work) => {
  world = await jenkinsWorld([job('recycle', work)], settings);
  const { externalId } = await world.target.launch(launchOf('recycle'));
  await ended(world.target, externalId);
  return externalId;
};
const printing = (print: (log: Log) => void) => run(async (_parameters, log) => print(log));

describe('The log of a build on Jenkins', () => {
  afterEach(() => world.close());

  it('hides secrets, the token and the authorization that is made of it', async () => {
    const basic = Buffer.from(`handrail:${token}`).toString('base64');
    const externalId = await printing((log) =>
      log(`pin ${secret}, token ${token}, Basic ${basic}, \u001b[31mred\u001b[0m`),
    );
    const { text, truncated } = await world.target.log(externalId);
    assert.match(text, /pin \*\*\*, token \*\*\*, Basic \S*\*\*\*\S*, red\n/);
    assert.equal(truncated, false);
  });

  it('is there while the build runs', async () => {
    let finish: () => void = () => undefined;
    world = await jenkinsWorld([
      job('recycle', async (_parameters, log) => {
        log('half-way');
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }),
    ]);
    const { externalId } = await world.target.launch(launchOf('recycle'));
    for (let n = 0; n < 500 && (await world.target.poll(externalId)).state !== 'running'; n += 1);
    assert.match((await world.restarted().log(externalId)).text, /half-way\n$/);
    finish();
    await ended(world.target, externalId);
  });

  it('of much is the beginning and the end', async () => {
    const externalId = await printing((log) => {
      log('first line');
      for (let n = 0; n < 4_000; n += 1) log(`line ${n} ${'ü'.repeat(300)} ${n % 500 === 0 ? secret : ''}`);
      log('last line');
    });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, true);
    assert.match(text, /^Started by user handrail\nfirst line\nline 0 /);
    assert.match(text, /\[\.\.\. \d+ bytes left out \.\.\.\]\n/);
    assert.match(text, /\nlast line\nFinished: SUCCESS\n$/);
    const bytes = Buffer.byteLength(text);
    assert.ok(bytes > 990_000 && bytes < 1_001_000, String(bytes));
    assert.ok(!text.includes(secret) && !text.includes('\ufffd'), 'no secret and no cut character');
  });

  it('of just over the limit misses nothing but the middle', async () => {
    const externalId = await printing((log) => {
      for (let n = 0; n < 9_000; n += 1) log(`line ${n} ${'€'.repeat(40)}`);
    });
    const { text } = await world.target.log(externalId);
    assert.ok(!text.includes('\ufffd'), 'no character is cut through');
    const [head = '', tail = ''] = text.split(/\[\.\.\. \d+ bytes left out \.\.\.\]/);
    assert.ok(consecutive(head) && consecutive(tail), 'no line is missing within a part');
  });

  it('is not a page that something else shows in its place', async () => {
    const externalId = await printing((log) => log('a'));
    const path = '/job/recycle/1/consoleText';
    await world.faults.arm({
      path,
      status: 200,
      body: '<h1>Sign in</h1>',
      headers: { 'content-type': 'text/html' },
    });
    const error = await refused(world.target.log(externalId), 'target-refused');
    assert.match(error.message, /text\/html/);
    await world.faults.arm({ path, status: 502 });
    assert.match((await world.target.log(externalId)).text, /^Started by/);
  });
});

/** Do the numbers of the lines go up by one? */
function consecutive(text: string): boolean {
  const all = [...text.matchAll(/^line (\d+) €{40}$/gm)].map((match) => Number(match[1]));
  return all.length > 1_000 && all.every((n, at) => at === 0 || n === (all[at - 1] ?? 0) + 1);
}

describe('A log on Jenkins without end', () => {
  it('is given up, with what was read of it and in bounded memory', async () => {
    const launch = launchOf('recycle');
    const actions = [{ parameters: [{ name: 'EXECUTION_ID', value: launch.executionId }] }];
    let sent = 0;
    const server = createServer((request, response) => {
      response.setHeader('x-jenkins', '2.516.3');
      if (request.url?.includes('/queue/'))
        response.end(JSON.stringify({ id: 1, actions, executable: { number: 1 } }));
      else if (request.url?.includes('/api/json'))
        response.end(JSON.stringify({ number: 1, building: true, actions }));
      else {
        response.setHeader('content-type', 'text/plain;charset=utf-8');
        const piece = Buffer.alloc(1_048_576, `${'x'.repeat(63)}\n`);
        const more = () => {
          sent += piece.length;
          if (!response.destroyed && response.write(piece)) setImmediate(more);
          else response.once('drain', more);
        };
        more();
      }
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const target = jenkinsTarget(quick(`http://127.0.0.1:${port}`, { timeoutMs: 20_000 }));
    const { text, truncated } = await target.log(`queue/1/${launch.executionId}/recycle`);
    assert.equal(truncated, true);
    assert.match(text, /\[\.\.\. there is more; Handrail stopped reading after \d+ bytes \.\.\.\]\n$/);
    assert.ok(text.length < 1_100_000, String(text.length));
    assert.ok(sent < 200_000_000, String(sent));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('What a build on Jenkins leaves behind', () => {
  afterEach(() => world.close());
  const files = async (externalId: string) =>
    Object.fromEntries(((await world.target.artifacts?.(externalId)) ?? []).map((file) => [file.name, file]));
  const textOf = (file: { bytes: Uint8Array } | undefined) => Buffer.from(file?.bytes ?? []).toString();

  it('are its parameters, its result and its files, secrets masked', async () => {
    const externalId = await run(async (_parameters, _log, _signal, leave) => {
      leave.artifact('reports/after restart.json', `{"pin":"${secret}"}`);
      leave.artifact('größe.txt', 'ä');
    });
    const left = await files(externalId);
    assert.deepEqual(Object.keys(left), ['build.json', 'reports/after restart.json', 'größe.txt']);
    assert.equal(textOf(left['reports/after restart.json']), '{"pin":"***"}');
    assert.equal(left['größe.txt']?.type, 'text/plain');
    const build = JSON.parse(textOf(left['build.json'])) as Record<string, unknown>;
    assert.deepEqual([build['number'], build['result']], [1, 'SUCCESS']);
    assert.match(textOf(left['build.json']), /"name": "EXECUTION_ID"/);
  });

  it('are not more and not larger than evidence may be, and what is left out is told', async () => {
    const externalId = await run(async (_parameters, _log, _signal, leave) => {
      leave.artifact('a-large.txt', 'x'.repeat(1_000_001));
      for (let n = 0; n < 22; n += 1) leave.artifact(`b-${n}.txt`, String(n));
    });
    const left = await files(externalId);
    assert.equal(Object.keys(left).length, 21);
    const { artifacts } = JSON.parse(textOf(left['build.json'])) as {
      artifacts: { name: string; why?: string }[];
    };
    assert.deepEqual(
      artifacts.filter(({ why }) => why !== undefined).map(({ name, why }) => `${name}: ${why}`),
      [
        'a-large.txt: it is larger than 1000000 bytes',
        'b-20.txt: there are too many files',
        'b-21.txt: there are too many files',
      ],
    );
  });

  it('are not asked for by a path that leads elsewhere, and one that is refused is told', async () => {
    const externalId = await run(async (_parameters, _log, _signal, leave) => {
      leave.artifact('../../../../api/json', 'x');
      leave.artifact('gone.txt', 'x');
    });
    await world.faults.arm({
      path: '/job/recycle/1/artifact/gone.txt',
      status: 403,
      headers: { 'x-jenkins': '2.516.3', 'x-required-permission': 'hudson.model.Run.Artifacts' },
    });
    const left = await files(externalId);
    assert.deepEqual(Object.keys(left), ['build.json']);
    assert.match(textOf(left['build.json']), /its path is not usable/);
    assert.match(textOf(left['build.json']), /lacks the permission hudson\.model\.Run\.Artifacts/);
  });

  it('are nothing for a build that never began', async () => {
    world = await jenkinsWorld([job('recycle', hello)]);
    world.disturb({ noExecutors: true });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    assert.deepEqual(await world.target.artifacts?.(externalId), []);
    world.restart({ queue: false });
    assert.match(
      (await refused(world.target.log(externalId), 'target-refused')).message,
      /no log and no file to be had/,
    );
  });

  it('do not show the value of a password parameter', async () => {
    const pin = { name: 'pin', type: 'Password' };
    world = await jenkinsWorld([job('recycle', hello, { parameters: [executionId, pin] })], settings);
    const { externalId } = await world.target.launch(launchOf('recycle', { pin: 'secret:PIN' }));
    await ended(world.target, externalId);
    assert.match(textOf((await files(externalId))['build.json']), /"name": "pin"\n/);
  });
});

describe('The health of Jenkins', () => {
  before(async () => {
    world = await jenkinsWorld([job('recycle', hello)]);
  });
  after(() => world.close());
  const why = async (target = world.target) => {
    const health = await target.health?.();
    return health?.ok === false ? health.why : 'well';
  };

  it('is good when it is up and takes our token', async () => {
    assert.equal(await why(), 'well');
  });

  it('is bad with an expired token', async () => {
    assert.match(
      await why(jenkinsTarget(quick(world.url, { token: 'expired' }))),
      /does not accept our user and token/,
    );
  });

  it('is bad when it starts, and when it is about to shut down', async () => {
    world.disturb({ starting: true });
    assert.match(await why(), /answered 503/);
    world.disturb({ starting: false, quietingDown: true });
    assert.match(await why(), /about to shut down/);
    world.disturb({ quietingDown: false });
  });

  it('is bad when it takes us for nobody', async () => {
    await world.faults.arm({
      path: '/whoAmI/',
      status: 200,
      body: '{"anonymous":true,"authenticated":true}',
    });
    assert.match(await why(), /nobody in particular/);
  });

  it('is bad when nothing listens, and when something else answers', async () => {
    assert.match(await why(jenkinsTarget(quick(`http://127.0.0.1:${await freePort()}`))), /did not answer/);
    const other = createServer((_request, response) => void response.end('<h1>Hello</h1>'));
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    assert.match(await why(jenkinsTarget(quick(`http://127.0.0.1:${port}`))), /body that cannot be read/);
    other.close();
  });
});
