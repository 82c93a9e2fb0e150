import assert from 'node:assert/strict';
import type { Log } from '../../../src/sandbox/ops-api/job-runner.ts';
import type { RundeckJob } from '../../../src/sandbox/rundeck/jobs.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, job, type RundeckWorld, rundeckWorld, token } from './rundeck-world.ts';

const secret = 'S3CR3T-VALUE';
let world: RundeckWorld;
const run = async (print: (log: Log) => void, changes: Partial<RundeckJob> = {}) => {
  world = await rundeckWorld([job('Recycle', async (_options, log) => print(log), changes)], {
    knownSecrets: ['PIN'],
    resolveSecret: () => Promise.resolve(secret),
  });
  const { externalId } = await world.target.launch(launchOf('ops/Recycle'));
  await ended(world.target, externalId);
  return externalId;
};

describe('The log of an execution on Rundeck', () => {
  afterEach(() => world.close());

  it('hides secrets and the token, and colours', async () => {
    const externalId = await run((log) => log(`\u001b[0;32mpin ${secret}, token ${token}\u001b[0m`));
    assert.deepEqual(await world.target.log(externalId), { text: 'pin ***, token ***\n', truncated: false });
  });

  it('is read page by page, each line once', async () => {
    const externalId = await run((log) => {
      for (let n = 0; n < 2_500; n += 1) log(`line ${n}`);
    });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, false);
    assert.deepEqual(
      text.trim().split('\n'),
      Array.from({ length: 2_500 }, (_, n) => `line ${n}`),
    );
    assert.equal((await world.faults.requests())['GET /api/:v/execution/:id/output'], 3);
  });

  it('of much output has its beginning and its end', async () => {
    const externalId = await run((log) => {
      log('first line');
      for (let n = 0; n < 20_000; n += 1)
        log(`line ${n} ${'x'.repeat(600)} ${n % 1_000 === 0 ? secret : ''}`);
      log('last line');
    });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, true);
    assert.match(text, /^first line\nline 0 /);
    assert.match(text, /\n\[\.\.\. the middle is left out \.\.\.\]\nline \d+ /);
    assert.match(text, /\nlast line\n$/);
    assert.ok(text.length > 900_000 && text.length < 1_010_000, String(text.length));
    assert.ok(!text.includes(secret));
    assert.ok(((await world.faults.requests())['GET /api/:v/execution/:id/output'] ?? 0) < 10);
  });

  it('with lines that are too long for one answer is asked for in smaller parts', async () => {
    const externalId = await run((log) => {
      for (let n = 0; n < 60; n += 1) log(`line ${n} ${'x'.repeat(100_000)}`);
    });
    const { text, truncated } = await world.target.log(externalId);
    assert.equal(truncated, true);
    assert.match(text, /^line 0 x/);
    assert.match(text, /\nline 59 x+\n$/);
    assert.ok(text.length < 1_010_000, String(text.length));
  });

  it('says which node a line is from when that changes', async () => {
    const externalId = await run((log) => log('a'));
    const entries = [
      { log: 'one', node: 'web01' },
      { log: 'two', node: 'web01' },
      { log: 'three', node: 'web02' },
      { log: 'four', node: null },
    ];
    const body = JSON.stringify({ offset: '9', completed: true, entries });
    await world.faults.arm({ path: '/api/44/execution/1001/output', status: 200, body });
    assert.equal((await world.target.log(externalId)).text, 'one\ntwo\n--- node web02\nthree\nfour\n');
  });

  it('of an execution that still writes is what there is so far', async () => {
    world = await rundeckWorld([
      job('Recycle', async (_options, log, signal) => {
        log('so far');
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve, { once: true });
        });
      }),
    ]);
    const { externalId } = await world.target.launch(launchOf('ops/Recycle'));
    for (let n = 0; n < 500 && (await world.target.log(externalId)).text === ''; n += 1);
    assert.match((await world.target.log(externalId)).text, /^so far\n$/);
    await world.target.cancel(externalId);
  });

  it('says why there is none', async () => {
    const externalId = await run(() => undefined);
    assert.match((await world.target.log(externalId)).text, /Rundeck says: No output/);
  });

  it('is not a page that something else shows in its place', async () => {
    const externalId = await run((log) => log('a'));
    const headers = { 'content-type': 'text/html' };
    const path = '/api/44/execution/1001/output';
    await world.faults.arm({ path, status: 200, body: '<h1>Sign in</h1>', headers, times: 9 });
    const error = await refused(world.target.log(externalId), 'target-unreachable');
    assert.match(error.message, /text\/html/);
  });
});

describe('What an execution on Rundeck leaves behind', () => {
  afterEach(() => world.close());
  const filesOf = async (externalId: string) =>
    Object.fromEntries(
      ((await world.target.artifacts?.(externalId)) ?? []).map(({ name, bytes }) => [
        name,
        JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>,
      ]),
    );

  it('are its nodes and how each step ended there, secrets masked', async () => {
    const externalId = await run(() => undefined, { nodes: ['web01', secret] });
    const files = await filesOf(externalId);
    assert.deepEqual(files['nodes.json'], [
      { execution: 1001, status: 'succeeded', successfulNodes: ['web01', '***'], failedNodes: [] },
    ]);
    assert.equal(files['steps.json']?.['executionState'], 'SUCCEEDED');
    assert.ok(!JSON.stringify(files).includes(secret));
  });

  it('are the nodes alone when Rundeck does not show the steps', async () => {
    world = await rundeckWorld([job('Recycle', hello)]);
    const { externalId } = await world.target.launch(launchOf('ops/Recycle'));
    await world.faults.arm({ path: '/api/44/execution/1001/state', status: 403 });
    assert.deepEqual(Object.keys(await filesOf(externalId)), ['nodes.json']);
  });
});
