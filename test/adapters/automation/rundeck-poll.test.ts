import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import { CustomStatus, type RundeckJob, type Script } from '../../../src/sandbox/rundeck/jobs.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, job, option, quick, type RundeckWorld, rundeckWorld, untilAborted } from './rundeck-world.ts';

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

describe('Finding an execution on Rundeck', () => {
  afterEach(() => world.close());
  const projects = ['ops', 'web', 'mail'];
  const three = () =>
    projects.map((project) => job('Recycle', hello, { project, options: [{ name: option }] }));

  it('looks in every project that the token may see', async () => {
    world = await rundeckWorld(three());
    const launch = launchOf('mail/Recycle');
    const { externalId } = await world.target.launch(launch);
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
  });

  it('looks only in the projects of the settings', async () => {
    world = await rundeckWorld(three(), { projects: ['ops'] });
    const launch = launchOf('mail/Recycle');
    await world.target.launch(launch);
    assert.equal(await world.target.find(launch.executionId), undefined);
    assert.equal((await world.faults.requests())['GET /api/:v/projects'], undefined);
  });

  it('takes the first of the executions with which Rundeck repeats a failed one', async () => {
    world = await rundeckWorld([job('Recycle', () => Promise.reject(new Error('no')), { retry: 2 })]);
    const launch = launchOf(name);
    const { externalId } = await world.target.launch(launch);
    await ended(world.target, externalId);
    const found = await world.target.find(launch.executionId);
    assert.deepEqual([found?.externalId, found?.state], [externalId, 'failed']);
  });

  it('does not choose between executions that a person copied', async () => {
    world = await rundeckWorld([job('Recycle', hello, { uuid: 'recycle' })]);
    const launch = launchOf(name);
    await world.target.launch(launch);
    await world.call('POST', '/job/recycle/run', { options: { [option]: launch.executionId } });
    const error = await refused(world.target.find(launch.executionId), 'target-refused');
    assert.match(error.message, /2 executions with one execution id: 1002, 1001|1001, 1002/);
  });

  it('finds it behind others when Rundeck ignores the filter, page by page', async () => {
    world = await rundeckWorld([job('Recycle', hello, { uuid: 'recycle' })]);
    world.disturb({ ignoresOptionFilter: true });
    const launch = launchOf(name);
    const { externalId } = await world.target.launch(launch);
    for (let n = 0; n < 210; n += 1)
      await world.call('POST', '/job/recycle/run', { options: { other: 'x' } });
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
    assert.equal((await world.faults.requests())['GET /api/:v/project/:project/executions'], 2);
  });

  it('stops where executions are older than it looks back', async () => {
    world = await rundeckWorld([job('Recycle', hello)], { lookBackMs: 0, now: () => Date.now() + 60_000 });
    const executions = Array.from({ length: 200 }, (_, n) => ({
      id: n + 1,
      status: 'succeeded',
      'date-started': { unixtime: 1 },
    }));
    const body = JSON.stringify({ paging: {}, executions });
    await world.faults.arm({ path: '/api/44/project/ops/executions', status: 200, body, times: 100 });
    assert.equal(await world.target.find(randomUUID()), undefined);
    assert.equal((await world.faults.requests())['GET /api/:v/project/:project/executions'], 1);
  });

  it('does not say "no" when there is too much to look through', async () => {
    world = await rundeckWorld([job('Recycle', hello)]);
    const executions = Array.from({ length: 200 }, (_, n) => ({
      id: n + 1,
      status: 'succeeded',
      'date-started': { unixtime: Date.now() },
    }));
    const body = JSON.stringify({ paging: {}, executions });
    await world.faults.arm({ path: '/api/44/project/ops/executions', status: 200, body, times: 100 });
    const error = await refused(world.target.find(randomUUID()), 'target-refused');
    assert.match(error.message, /too many recent executions/);
  });

  it('does not say "no" when a project cannot be read', async () => {
    world = await rundeckWorld(three());
    await world.faults.arm({ path: '/api/44/project/web/executions', status: 403 });
    await refused(world.target.find(randomUUID()), 'target-refused');
  });

  it('wants a UUID', async () => {
    world = await rundeckWorld(three());
    await refused(world.target.find('x y'), 'target-refused');
    assert.deepEqual(await world.faults.requests(), {});
  });
});

describe('The health of a Rundeck', () => {
  afterEach(() => world.close());
  const health = (settings = {}) => rundeckTarget(quick(world.url, settings)).health?.();
  const isDown = async (why: RegExp, settings = {}) => {
    const told = await health(settings);
    assert.ok(told?.ok === false && why.test(told.why), JSON.stringify(told));
  };

  it('is good when it runs executions and takes our token', async () => {
    world = await rundeckWorld([]);
    assert.deepEqual(await health(), { ok: true });
  });

  it('is bad in passive mode, with an expired token, and with an API that is too new', async () => {
    world = await rundeckWorld([], {}, { apiVersion: 50 });
    await isDown(/does not accept our token/, { token: 'expired' });
    await isDown(/too old/, { apiVersion: 59 });
    world.disturb({ passive: true });
    await isDown(/passive mode/);
  });

  it('is good when the token may not ask for the mode', async () => {
    world = await rundeckWorld([]);
    const body = JSON.stringify({ error: true, errorCode: 'api.error.item.unauthorized', message: 'no' });
    await world.faults.arm({ path: '/api', status: 403, body });
    assert.deepEqual(await health(), { ok: true });
  });

  it('is bad when a page, an error or nothing answers', async () => {
    world = await rundeckWorld([]);
    await world.faults.arm({ path: '/api', status: 200, body: '<h1>Sign in</h1>' });
    await isDown(/answered 200 when asked/);
    await world.faults.arm({ path: '/api', status: 503, times: 3 });
    await isDown(/503/);
    await world.faults.arm({ path: '/api', dropAnswer: true, times: 3 });
    await isDown(/did not answer/);
  });
});
