import assert from 'node:assert/strict';
import { CustomStatus, type RundeckJob, type Script } from '../../../src/sandbox/rundeck/jobs.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, job, type RundeckWorld, rundeckWorld, untilAborted } from './rundeck-world.ts';

const name = 'ops/Recycle';
let world: RundeckWorld;
const run = async (script: Script, changes: Partial<RundeckJob> = {}) => {
  world = await rundeckWorld([job('Recycle', script, changes)]);
  return (await world.target.launch(launchOf(name))).externalId;
};
const path = '/api/44/execution/1001';
const show = (execution: object, times = 1) =>
  world.faults.arm({
    path,
    method: 'GET',
    status: 200,
    body: JSON.stringify({ id: 1001, ...execution }),
    times,
  });

describe('The status of an execution on Rundeck', () => {
  afterEach(() => world.close());

  for (const [status, state, detail] of [
    ['scheduled', 'queued', /not started it yet/],
    ['queued', 'queued', /not started it yet/],
    ['running', 'running', /^$/],
    ['succeeded', 'succeeded', /^$/],
    ['failed', 'failed', /says that it failed/],
    ['aborted', 'canceled', /^$/],
    ['timedout', 'failed', /time was over/],
    ['failed-with-retry', 'running', /try it again by itself/],
    ['other', 'failed', /the status ""/],
    ['incomplete', 'unknown', /lost sight/],
    ['missed', 'unknown', /not documented/],
    ['Succeeded', 'unknown', /not documented/],
    ['', 'unknown', /not documented/],
  ] as const)
    it(`"${status}" is ${state}`, async () => {
      const externalId = await run(hello);
      await show({ status });
      const told = await world.target.poll(externalId);
      assert.deepEqual([told.state, told.externalId], [state, externalId]);
      assert.match(told.detail, detail);
    });

  it('names the nodes that failed, and counts those that succeeded', async () => {
    const nodes = ['web01', 'web02'];
    const externalId = await run(
      async (_options, _log, _signal, leave) => {
        leave.node('web01', true);
        leave.node('web02', false);
      },
      { nodes },
    );
    const told = await ended(world.target, externalId);
    assert.deepEqual([told.state, told.detail], ['failed', 'failed on: web02']);
    await world.close();
    const other = await run(hello, { nodes });
    assert.equal((await ended(world.target, other)).detail, '2 nodes done');
  });

  it('is failed when a node failed, even if Rundeck calls it succeeded', async () => {
    const externalId = await run(hello);
    await show({ status: 'succeeded', failedNodes: ['db01'] });
    const told = await world.target.poll(externalId);
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /failed on: db01, although/);
  });

  it('is failed when the job ends itself with a status of its own', async () => {
    const externalId = await run(() => Promise.reject(new CustomStatus('needs-reboot')));
    const told = await ended(world.target, externalId);
    assert.deepEqual([told.state, told.detail], ['failed', 'it ended with the status "needs-reboot"']);
  });

  it('is failed when the time of the job is over', async () => {
    const externalId = await run(untilAborted, { timeoutMs: 20 });
    const told = await ended(world.target, externalId);
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /time was over/);
  });

  it('is unknown after Rundeck restarted under it', async () => {
    const externalId = await run(hello);
    await show({ status: 'other', customStatus: 'incomplete' });
    assert.equal((await world.target.poll(externalId)).state, 'unknown');
  });

  it('is that of the execution with which Rundeck repeats a failed one', async () => {
    let tries = 0;
    const externalId = await run(
      () => {
        tries += 1;
        return tries < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      },
      { retry: 3 },
    );
    const told = await ended(world.target, externalId);
    assert.deepEqual([told.state, told.externalId, tries], ['succeeded', externalId, 3]);
    assert.match(told.detail, /attempt 3, execution 1003: 1 node done/);
    assert.match(
      (await world.target.log(externalId)).text,
      /attempt 1, execution 1001: failed-with-retry\nnot yet/,
    );
  });

  it('is that of the last attempt when all failed', async () => {
    const externalId = await run(() => Promise.reject(new Error('never')), { retry: 2 });
    const told = await ended(world.target, externalId);
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /attempt 3/);
  });

  it('does not follow an attempt that leads back, or to another job', async () => {
    const externalId = await run(hello);
    await show({ status: 'failed-with-retry', retriedExecution: { id: 1001 } });
    assert.equal((await world.target.poll(externalId)).state, 'running');
    await world.target.launch(launchOf(name));
    await show({ status: 'failed-with-retry', job: { id: 'x' }, retriedExecution: { id: 1002 } });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is not taken from the answer about another execution', async () => {
    const externalId = await run(hello);
    await show({ id: 7, status: 'aborted' });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is looked at again after a 502, a 429 and a lost answer, and not for ever', async () => {
    const externalId = await run(untilAborted);
    await world.faults.arm({ path, status: 502 });
    await world.faults.arm({ path, dropAnswer: true });
    assert.equal((await world.target.poll(externalId)).state, 'running');
    await world.faults.arm({ path, status: 429, times: 3 });
    const error = await refused(world.target.poll(externalId), 'target-refused');
    assert.equal(error.retryable, true);
  });

  it('is not read from a login page, and a missing page is no missing execution', async () => {
    const externalId = await run(hello);
    const page = { path, headers: { 'content-type': 'text/html' }, body: '<h1>Sign in</h1>' };
    await world.faults.arm({ ...page, status: 200, times: 3 });
    const error = await refused(world.target.poll(externalId), 'target-unreachable');
    assert.doesNotMatch(error.message, /Sign in/);
    await world.faults.clear();
    await world.faults.arm({ ...page, status: 404 });
    await refused(world.target.poll(externalId), 'target-refused');
    await world.faults.arm({ ...page, status: 302, headers: { location: '/user/login' } });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is not asked for with an id that would change the path', async () => {
    await run(hello);
    const before = await world.faults.requests();
    for (const id of ['1/../2', '', '0', '01', '-1', '1?x', '1\n', '1e3', '9999999999999999']) {
      await refused(world.target.poll(id), 'target-refused');
      await refused(world.target.cancel(id), 'target-refused');
      await refused(world.target.log(id), 'target-refused');
    }
    assert.deepEqual(await world.faults.requests(), before);
  });
});

describe('Aborting an execution on Rundeck', () => {
  afterEach(() => world.close());

  it('says who aborted it', async () => {
    const externalId = await run(untilAborted);
    await world.target.cancel(externalId);
    const told = await ended(world.target, externalId);
    assert.deepEqual([told.state, told.detail], ['canceled', 'aborted by handrail']);
  });

  it('reaches the attempt that goes on', async () => {
    let tries = 0;
    const externalId = await run(
      (...given) => {
        tries += 1;
        return tries === 1 ? Promise.reject(new Error('once')) : untilAborted(...given);
      },
      { retry: 5 },
    );
    for (let n = 0; n < 500 && tries < 2; n += 1) await world.target.poll(externalId);
    await world.target.cancel(externalId);
    assert.equal((await ended(world.target, externalId)).state, 'canceled');
    assert.equal(tries, 2);
  });

  it('that fails is told with the reason, and can be tried again', async () => {
    const externalId = await run(untilAborted);
    world.disturb({ cannotAbort: true });
    const error = await refused(world.target.cancel(externalId), 'target-refused');
    assert.match(error.message, /could not abort execution 1001: unauthorized/);
    assert.equal(error.retryable, true);
    world.disturb({ cannotAbort: false });
    await world.target.cancel(externalId);
    await ended(world.target, externalId);
  });

  it('is asked for again after a 502 and a lost answer', async () => {
    const externalId = await run(untilAborted);
    await world.faults.arm({ method: 'POST', path: `${path}/abort`, status: 502 });
    await world.faults.arm({ method: 'POST', path: `${path}/abort`, dropAnswer: true });
    await world.target.cancel(externalId);
    assert.equal((await ended(world.target, externalId)).state, 'canceled');
  });

  it('is refused with its reason when Rundeck has no such execution', async () => {
    await run(hello);
    const error = await refused(world.target.cancel('77'), 'target-refused');
    assert.match(error.message, /404 .*Execution ID does not exist: 77/);
  });
});
