import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, job, option, quick, type RundeckWorld, rundeckWorld } from './rundeck-world.ts';

const name = 'ops/Recycle';
let world: RundeckWorld;

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
