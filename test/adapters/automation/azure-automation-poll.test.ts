import assert from 'node:assert/strict';
import { type Script, Suspended } from '../../../src/sandbox/azure-automation/runbooks.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AzureWorld, account, azureWorld, hello, untilStopped } from './azure-automation-world.ts';

const name = 'Restart-Pool';
const secret = 'S3CR3T-VALUE';
let world: AzureWorld;
const run = async (script: Script, options: Parameters<typeof azureWorld>[2] = {}) => {
  const settings = { knownSecrets: ['PIN'], resolveSecret: () => Promise.resolve(secret) };
  world = await azureWorld([{ name, script }], settings, options);
  const { externalId } = await world.target.launch(launchOf(name));
  return externalId;
};
const pathOf = (job: string) => `${account}/jobs/${job}`;
const show = (job: string, properties: object) =>
  world.faults.arm({
    path: pathOf(job),
    method: 'GET',
    status: 200,
    body: JSON.stringify({ name: job, properties }),
  });

describe('The status of a job on Azure Automation', () => {
  afterEach(() => world.close());

  for (const [status, state, detail] of [
    ['New', 'queued', /not started it yet/],
    ['Activating', 'queued', /not started it yet/],
    ['Running', 'running', /because/],
    ['Resuming', 'running', /because/],
    ['Stopping', 'running', /stopping/],
    ['Suspending', 'running', /suspending/],
    ['Completed', 'succeeded', /^$/],
    ['Failed', 'failed', /because/],
    ['Stopped', 'canceled', /because/],
    ['Suspended', 'unknown', /suspended until somebody resumes or stops it in Azure: because/],
    ['Blocked', 'unknown', /blocked/],
    ['Disconnected', 'unknown', /lost the worker/],
    ['Removing', 'unknown', /removing it/],
    ['completed', 'unknown', /not documented/],
    ['', 'unknown', /not documented/],
  ] as const)
    it(`"${status}" is ${state}`, async () => {
      const job = await run(hello);
      await ended(world.target, job);
      await show(job, { status, exception: 'because' });
      const told = await world.target.poll(job);
      assert.deepEqual([told.state, told.externalId], [state, job]);
      assert.match(told.detail, detail);
    });

  it('is told with the details Azure has besides an exception', async () => {
    const job = await run(hello);
    await show(job, { status: 'Failed', statusDetails: 'SystemEvicted', exception: null });
    assert.equal((await world.target.poll(job)).detail, 'SystemEvicted');
    await show(job, { status: 'Failed', statusDetails: 'None', exception: '' });
    assert.match((await world.target.poll(job)).detail, /says that it failed/);
  });

  it('is failed when the job wrote errors, although Azure calls it completed', async () => {
    const job = await run(async (_parameters, { error, output }) => {
      error(`Restart-Service : Cannot find any service with service name 'W3SVC' ${secret}`);
      output('done');
    });
    const told = await ended(world.target, job);
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /1 error, although .*Cannot find any service .* \*\*\*/);
  });

  it('is succeeded with warnings alone', async () => {
    const job = await run(async (_parameters, { warning }) => warning('low on disk'));
    assert.equal((await ended(world.target, job)).state, 'succeeded');
  });

  it('does not take other records for errors when Azure ignores the filter', async () => {
    const job = await run(hello);
    await ended(world.target, job);
    const body = JSON.stringify({ value: [{ properties: { streamType: 'Output', summary: 'x' } }] });
    await world.faults.arm({ path: `${pathOf(job)}/streams`, status: 200, body });
    assert.equal((await world.target.poll(job)).state, 'succeeded');
  });

  it('is neither succeeded nor failed while its errors cannot be read', async () => {
    const job = await run(hello);
    await ended(world.target, job);
    await world.faults.arm({ path: `${pathOf(job)}/streams`, status: 403 });
    await refused(world.target.poll(job), 'target-refused');
    const body = JSON.stringify({ value: [], nextLink: 'https://evil.example/steal?$skiptoken=1' });
    await world.faults.arm({ path: `${pathOf(job)}/streams`, status: 200, body });
    assert.equal((await world.target.poll(job)).state, 'unknown');
  });

  it('of a suspended job can be ended by stopping it', async () => {
    const job = await run(() => Promise.reject(new Suspended('an approval is missing')));
    const told = await ended(world.target, job);
    assert.equal(told.state, 'unknown');
    assert.match(told.detail, /an approval is missing/);
    await world.target.cancel(job);
    assert.equal((await ended(world.target, job)).state, 'canceled');
  });

  it('is not taken from the answer about another job', async () => {
    const job = await run(hello);
    const body = JSON.stringify({ name: 'other', properties: { status: 'Stopped' } });
    await world.faults.arm({ path: pathOf(job), status: 200, body });
    await refused(world.target.poll(job), 'target-refused');
  });

  it('is looked at again after a 502, a short 429 and a lost answer, and not for ever', async () => {
    const job = await run(untilStopped);
    const path = pathOf(job);
    await world.faults.arm({ path, status: 502 });
    await world.faults.arm({ path, dropAnswer: true });
    assert.equal((await world.target.poll(job)).state, 'running');
    await world.faults.arm({ path, status: 429, headers: { 'retry-after': '60' } });
    const error = await refused(world.target.poll(job), 'target-refused');
    assert.deepEqual([error.retryable, error.retryAfterMs], [true, 60_000]);
  });

  it('is not read from a login page, and a missing page or account is no missing job', async () => {
    const job = await run(hello);
    const page = { path: pathOf(job), headers: { 'content-type': 'text/html' }, body: '<h1>Sign in</h1>' };
    await world.faults.arm({ ...page, status: 200, times: 3 });
    const error = await refused(world.target.poll(job), 'target-unreachable');
    assert.doesNotMatch(error.message, /Sign in/);
    await world.faults.clear();
    await world.faults.arm({ ...page, status: 404 });
    await refused(world.target.poll(job), 'target-refused');
    const gone = JSON.stringify({ error: { code: 'ResourceGroupNotFound', message: 'gone' } });
    await world.faults.arm({ path: pathOf(job), status: 404, body: gone, times: 2 });
    await refused(world.target.poll(job), 'target-refused');
    await refused(world.target.find(job), 'target-refused');
  });

  it('is not asked for with a name that is no execution id of ours', async () => {
    await run(hello);
    const before = await world.faults.requests();
    for (const job of ['../runbooks', 'x', '', `${'a'.repeat(36)}`])
      for (const call of [
        world.target.poll(job),
        world.target.cancel(job),
        world.target.log(job),
        world.target.find(job),
      ])
        await refused(call, 'target-refused');
    assert.deepEqual(await world.faults.requests(), before);
  });
});

describe('Stopping a job on Azure Automation', () => {
  afterEach(() => world.close());

  it('is asked for again after a 502 and a lost answer', async () => {
    const job = await run(untilStopped);
    await world.faults.arm({ method: 'POST', path: pathOf(job), status: 502 });
    await world.faults.arm({ method: 'POST', path: pathOf(job), dropAnswer: true });
    await world.target.cancel(job);
    assert.equal((await ended(world.target, job)).state, 'canceled');
  });

  for (const status of [400, 409])
    it(`that is refused with ${status} while the job goes on is told`, async () => {
      const job = await run(untilStopped);
      const body = JSON.stringify({ code: 'Odd', message: 'not in this state' });
      await world.faults.arm({ method: 'POST', path: pathOf(job), status, body, times: 3 });
      const error = await refused(world.target.cancel(job), 'target-refused');
      assert.match(error.message, /not in this state/);
      await world.faults.clear();
      await world.target.cancel(job);
    });

  it('that is refused for want of a right is told', async () => {
    const job = await run(untilStopped);
    await world.faults.arm({ method: 'POST', path: pathOf(job), status: 403 });
    const error = await refused(world.target.cancel(job), 'target-refused');
    assert.match(error.fix, /Automation Operator/);
  });
});
