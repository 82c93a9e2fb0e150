import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AwxWorld, awxWorld, hello, template, token, untilCancelled, variable } from './awx-world.ts';

/** The template is changed between the look at it and the launch: AWX answers 201 and names what it ignored. */
describe('A launch of which AWX ignored a field', () => {
  let world: AwxWorld;
  afterEach(() => world.close());

  it('was certainly not applied when the job could be cancelled before it began', async () => {
    world = await awxWorld([template('Recycle', hello, { asks: ['variables', 'limit'] })]);
    world.disturb({ ignore: ['limit'], stuckPending: true });
    const error = await refused(
      world.target.launch(launchOf('Recycle', { 'launch.limit': 'web01' })),
      'target-refused',
    );
    assert.equal(error.maybeApplied, false);
    assert.match(error.message, /ignored limit, so job 1001 was cancelled before it began/);
    assert.equal((await world.get('/jobs/1001/'))['status'], 'canceled');
  });

  it('is cancelled while it runs, and the reason is told', async () => {
    world = await awxWorld([template('Recycle', untilCancelled, { asks: ['variables', 'limit'] })]);
    world.disturb({ ignore: ['limit'] });
    const { externalId, detail } = await world.target.launch(
      launchOf('Recycle', { 'launch.limit': 'web01' }),
    );
    assert.match(detail, /ignored limit; it is being cancelled/);
    const end = await ended(world.target, externalId);
    assert.equal(end.state, 'canceled');
    assert.match(end.detail, /ignored limit/);
  });

  it('has failed even when the job was faster than its cancellation', async () => {
    world = await awxWorld([template('Recycle', hello, { asks: ['variables', 'limit'] })]);
    world.disturb({ ignore: ['limit'] });
    await world.faults.arm({ method: 'POST', path: '/api/v2/jobs/', latencyMs: 200 });
    const { externalId } = await world.target.launch(launchOf('Recycle', { 'launch.limit': 'web01' }));
    const end = await ended(world.target, externalId);
    assert.equal(end.state, 'failed');
    assert.match(end.detail, /ignored limit, and ran to its end/);
  });

  it('is cancelled again with each poll until AWX listens', async () => {
    world = await awxWorld([template('Recycle', untilCancelled, { asks: ['variables', 'limit'] })]);
    world.disturb({ ignore: ['limit'] });
    await world.faults.arm({ method: 'POST', path: '/api/v2/jobs/', status: 500 });
    const { externalId } = await world.target.launch(launchOf('Recycle', { 'launch.limit': 'web01' }));
    assert.equal((await ended(world.target, externalId)).state, 'canceled');
  });

  it('is stopped too when what it ignored is the execution id itself', async () => {
    world = await awxWorld([template('Recycle', untilCancelled)]);
    world.disturb({ ignore: [variable] });
    const { externalId } = await world.target.launch(launchOf('Recycle', { pool: 'shop' }));
    const end = await ended(world.target, externalId);
    assert.equal(end.state, 'canceled');
    assert.match(end.detail, /ignored extra_vars, runbook_execution_id/);
  });
});

describe('Looking for a lost job on AWX', () => {
  let world: AwxWorld;
  afterEach(() => world.close());
  const raw = (path: string, body: unknown) =>
    fetch(`${world.url}/api/v2${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('compares the variables itself, because AWX refuses to filter by them', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    const answer = await world.get('/jobs/?extra_vars__contains=x');
    assert.deepEqual(answer, { detail: 'Filtering on extra_vars is not allowed.' });
    const launch = launchOf('Recycle');
    const { externalId } = await world.target.launch(launch);
    await world.target.launch(launchOf('Recycle'));
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
  });

  it('looks past many newer jobs, page by page', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    const launch = launchOf('Recycle');
    const { externalId } = await world.target.launch(launch);
    for (let n = 0; n < 210; n += 1) await raw('/job_templates/8/launch/', {});
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
  });

  it('does not take the nodes of our workflow for it', async () => {
    world = await awxWorld(
      [template('Recycle', hello)],
      {},
      {
        workflowTemplates: [
          { name: 'All', asks: ['variables'], nodes: [{ identifier: 'a', template: 'Recycle' }] },
        ],
      },
    );
    const launch = launchOf('workflow:All');
    const { externalId } = await world.target.launch(launch);
    await ended(world.target, externalId);
    const nodes = (await world.get('/jobs/?launch_type=workflow'))['results'] as { extra_vars: string }[];
    assert.match(nodes[0]?.extra_vars ?? '', new RegExp(launch.executionId), 'the node has our id as well');
    assert.equal((await world.target.find(launch.executionId))?.externalId, externalId);
  });

  it('does not take a job for ours that somebody launched again, though AWX shows it', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    const launch = launchOf('Recycle');
    const extra_vars = JSON.stringify({ [variable]: launch.executionId });
    const results = ['relaunch', 'workflow', 'scheduled'].map((launch_type, n) => ({
      id: 9 - n,
      type: 'job',
      status: 'successful',
      launch_type,
      extra_vars,
    }));
    const body = JSON.stringify({ count: 3, next: null, results });
    await world.faults.arm({ path: '/api/v2/jobs/', status: 200, body, times: 1_000 });
    assert.equal(await world.target.find(launch.executionId), undefined);
  });

  it('leaves two jobs with one execution id to a person', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    const launch = launchOf('Recycle');
    await world.target.launch(launch);
    await raw('/job_templates/8/launch/', { extra_vars: { [variable]: launch.executionId } });
    const error = await refused(world.target.find(launch.executionId), 'target-refused');
    assert.match(error.message, /1002, 1001/);
  });

  it('finds nothing in the rows of a server that ignores the query', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    const row = {
      id: 5,
      type: 'job',
      status: 'successful',
      extra_vars: '{"runbook_execution_id":"another"}',
    };
    const body = JSON.stringify({ count: 1, next: null, results: [row] });
    await world.faults.arm({ path: '/api/v2/jobs/', status: 200, body, times: 1_000 });
    assert.equal(await world.target.find(launchOf('x').executionId), undefined);
  });

  it('does not say that there is none when it could not look far enough', async () => {
    world = await awxWorld([template('Recycle', hello)]);
    let id = 1_000_000;
    const original = world.target;
    const page = () => {
      id -= 1;
      return JSON.stringify({ count: 9, next: null, results: [{ id, type: 'job', status: 'successful' }] });
    };
    for (let n = 0; n < 50; n += 1)
      await world.faults.arm({ path: '/api/v2/jobs/', status: 200, body: page() });
    const error = await refused(original.find(launchOf('x').executionId), 'target-refused');
    assert.match(error.message, /too many recent jobs/);
  });

  it('finds a job that is registered late, after the launch ran out of time', async () => {
    world = await awxWorld([template('Recycle', hello)], { timeoutMs: 300, attempts: 1 });
    const launch = launchOf('Recycle');
    assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
    await world.faults.arm({ method: 'POST', commitLatencyMs: 900 });
    const error = await refused(world.target.launch(launch), 'target-unreachable');
    assert.equal(error.maybeApplied, true);
    assert.equal(await world.target.find(launch.executionId), undefined);
    for (let n = 0; n < 200 && (await world.target.find(launch.executionId)) === undefined; n += 1)
      await delay(25);
    assert.ok(await world.target.find(launch.executionId));
    assert.equal((await world.faults.requests())['POST /api/v2/job_templates/:id/launch/'], 1);
  });
});
