import assert from 'node:assert/strict';
import { awxTarget } from '../../../src/adapters/automation/awx.ts';
import type { Playbook } from '../../../src/sandbox/awx/templates.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type AwxWorld, awxWorld, hello, quick, template, untilCancelled } from './awx-world.ts';

let world: AwxWorld;
const run = async (playbook: Playbook, hosts = ['web01'], asks = ['variables', 'limit'] as const) => {
  world = await awxWorld([template('Recycle', playbook, { hosts, asks })]);
  const { externalId } = await world.target.launch(launchOf('Recycle'));
  return externalId;
};
const end = async (externalId: string) => ended(world.target, externalId);

describe('The status of a job on AWX', () => {
  afterEach(() => world.close());

  for (const [status, state] of [
    ['new', 'queued'],
    ['pending', 'queued'],
    ['waiting', 'queued'],
    ['running', 'running'],
    ['failed', 'failed'],
    ['error', 'failed'],
    ['canceled', 'canceled'],
    ['Successful', 'unknown'],
    ['', 'unknown'],
  ] as const)
    it(`"${status}" is ${state}`, async () => {
      const externalId = await run(hello);
      await end(externalId);
      const body = JSON.stringify({
        id: 1001,
        type: 'job',
        status,
        job_explanation: 'because',
        created: new Date(),
      });
      await world.faults.arm({ path: '/api/v2/jobs/1001/', status: 200, body });
      const told = await world.target.poll(externalId);
      assert.equal(told.state, state);
      assert.match(told.detail, /because|not documented/);
    });

  it('is failed when no host matched, although AWX calls it successful', async () => {
    world = await awxWorld([template('Recycle', hello, { asks: ['variables', 'limit'] })]);
    const { externalId } = await world.target.launch(launchOf('Recycle', { 'launch.limit': 'web99' }));
    const told = await end(externalId);
    assert.equal((await world.get('/jobs/1001/'))['status'], 'successful');
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /no host matched, so nothing was done/);
  });

  it('is running until the results of a finished job are saved', async () => {
    const externalId = await run(hello);
    world.disturb({ eventsLate: true });
    for (let n = 0; n < 500 && (await world.get('/jobs/1001/'))['finished'] === null; n += 1);
    const told = await world.target.poll(externalId);
    assert.equal(told.state, 'running');
    assert.match(told.detail, /results are still being saved/);
    world.disturb({ eventsLate: false });
    assert.equal((await end(externalId)).state, 'succeeded');
  });

  it('counts the hosts it changed', async () => {
    const externalId = await run(
      async (_variables, _log, _signal, leave) => {
        leave.host('web01', { ok: 2, changed: 1 });
        leave.host('web02', { ok: 2 });
      },
      ['web01', 'web02'],
    );
    assert.equal((await end(externalId)).detail, '2 hosts done, 1 changed');
  });

  it('names the hosts that failed and those that were not reached', async () => {
    const externalId = await run(
      async (_variables, _log, _signal, leave) => {
        leave.host('web01', { ok: 2 });
        leave.host('web02', { failures: 1 });
        leave.host('db01', { dark: 1 });
      },
      ['web01', 'web02', 'db01'],
    );
    const told = await end(externalId);
    assert.equal(told.state, 'failed');
    assert.equal(told.detail, 'failed on: web02; unreachable: db01');
  });

  it('is failed when a host was not reached, even if AWX calls it successful', async () => {
    const externalId = await run(hello);
    await end(externalId);
    const results = [{ host_name: 'db01', dark: 1 }];
    const body = JSON.stringify({ count: 1, next: null, results });
    await world.faults.arm({ path: '/api/v2/jobs/1001/job_host_summaries/', status: 200, body });
    const told = await world.target.poll(externalId);
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /unreachable: db01, although/);
  });

  it('is told as failed even when its hosts cannot be read, but not as succeeded', async () => {
    const externalId = await run(() => Promise.reject(new Error('no')));
    for (let n = 0; n < 500 && (await world.get('/jobs/1001/'))['finished'] === null; n += 1);
    const path = '/api/v2/jobs/1001/job_host_summaries/';
    await world.faults.arm({ path, status: 403, body: '{"detail":"no"}' });
    assert.equal((await world.target.poll(externalId)).state, 'failed');
    await world.close();
    const other = await run(hello);
    await end(other);
    await world.faults.arm({ path, status: 403, body: '{"detail":"no"}' });
    await refused(world.target.poll(other), 'target-refused');
  });

  it('is not taken from the answer about another job', async () => {
    const externalId = await run(hello);
    const body = JSON.stringify({ id: 7, type: 'job', status: 'canceled' });
    await world.faults.arm({ path: '/api/v2/jobs/1001/', status: 200, body });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is looked at again after a 502, a 429 and a lost answer, and not for ever', async () => {
    const externalId = await run(untilCancelled);
    const path = '/api/v2/jobs/1001/';
    await world.faults.arm({ path, status: 502 });
    await world.faults.arm({ path, dropAnswer: true });
    assert.equal((await world.target.poll(externalId)).state, 'running');
    await world.faults.arm({ path, status: 429, times: 3 });
    const error = await refused(world.target.poll(externalId), 'target-refused');
    assert.equal(error.retryable, true);
  });

  it('is not read from a login page, and a missing page is no missing job', async () => {
    const externalId = await run(hello);
    const page = {
      path: '/api/v2/jobs/1001/',
      headers: { 'content-type': 'text/html' },
      body: '<h1>Sign in</h1>',
    };
    await world.faults.arm({ ...page, status: 200 });
    const error = await refused(world.target.poll(externalId), 'target-unreachable');
    assert.doesNotMatch(error.message, /Sign in/);
    await world.faults.arm({ ...page, status: 404 });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is not asked for with an id that would change the path', async () => {
    await run(hello);
    const before = await world.faults.requests();
    for (const id of ['job-1/../2', 'job-', 'project_update-1', '1', 'job-1?x', 'job-1\n'])
      await refused(world.target.poll(id), 'target-refused');
    assert.deepEqual(await world.faults.requests(), before);
  });
});

describe('A job on AWX that does not start', () => {
  afterEach(() => world.close());
  const stuck = async (startWithinMs: number) => {
    world = await awxWorld([template('Recycle', hello)], { startWithinMs });
    world.disturb({ stuckPending: true });
    const { externalId } = await world.target.launch(launchOf('Recycle'));
    return externalId;
  };

  it('is queued as long as it has time', async () => {
    const externalId = await stuck(600_000);
    assert.equal((await world.target.poll(externalId)).state, 'queued');
    assert.equal((await world.get('/jobs/1001/'))['status'], 'pending');
  });

  it('is cancelled when its time is over, by the clock of AWX, and says so', async () => {
    const externalId = await stuck(-10_000);
    const first = await world.target.poll(externalId);
    assert.match(first.detail, /did not start within .* so it is being cancelled/);
    const told = await end(externalId);
    assert.equal(told.state, 'canceled');
    assert.match(told.detail, /did not start within .* so it was cancelled/);
    const later = awxTarget(quick(world.url, { startWithinMs: -10_000 }));
    assert.match(
      (await later.poll(externalId)).detail,
      /did not start within/,
      'another process says it too',
    );
  });

  it('has as much time as the clock of AWX says, whatever the clock here says', async () => {
    const externalId = await stuck(600_000);
    const created = new Date(Date.now() - 86_400_000);
    const shown = (seen: Date) => ({
      path: '/api/v2/jobs/1001/',
      status: 200,
      headers: { date: seen.toUTCString() },
      body: JSON.stringify({ id: 1001, type: 'job', status: 'pending', created: created.toISOString() }),
    });
    await world.faults.arm(shown(new Date(created.getTime() + 500_000)));
    await world.target.poll(externalId);
    assert.equal((await world.get('/jobs/1001/'))['status'], 'pending');
    await world.faults.arm(shown(new Date(created.getTime() + 700_000)));
    assert.match((await world.target.poll(externalId)).detail, /did not start within 10 min/);
    assert.equal((await end(externalId)).state, 'canceled');
  });

  it('waits for its turn behind another job of its template, and runs then', async () => {
    world = await awxWorld([template('Recycle', untilCancelled, { allowSimultaneous: false })]);
    const first = await world.target.launch(launchOf('Recycle'));
    const second = await world.target.launch(launchOf('Recycle'));
    await assertState(first.externalId, 'running');
    assert.equal((await world.target.poll(second.externalId)).state, 'queued');
    await world.target.cancel(first.externalId);
    await assertState(second.externalId, 'running');
    await world.target.cancel(second.externalId);
  });
});

async function assertState(externalId: string, state: string): Promise<void> {
  for (let n = 0; n < 300; n += 1) if ((await world.target.poll(externalId)).state === state) return;
  assert.fail(`${externalId} is not ${state}`);
}

describe('A workflow on AWX', () => {
  afterEach(() => world.close());
  const node = (
    identifier: string,
    name: string,
    after?: { node: string; on: 'success' | 'failure' | 'always' },
  ) => ({
    identifier,
    template: name,
    ...(after && { after }),
  });
  const start = async (nodes: ReturnType<typeof node>[], hosts: readonly string[] = ['web01']) => {
    world = await awxWorld(
      [template('Good', hello, { hosts }), template('Bad', () => Promise.reject(new Error('no space')))],
      {},
      { workflowTemplates: [{ name: 'Flow', asks: ['variables'], nodes }] },
    );
    return (await world.target.launch(launchOf('workflow:Flow'))).externalId;
  };

  it('succeeds with its nodes, and its log is theirs', async () => {
    const externalId = await start([node('a', 'Good'), node('b', 'Good', { node: 'a', on: 'success' })]);
    const told = await end(externalId);
    assert.deepEqual([told.state, told.detail], ['succeeded', '2 nodes of the workflow done']);
    const { text } = await world.target.log(externalId);
    assert.equal(text.split('hello from the job').length, 3);
    assert.match(text, /===== node b, Good: successful/);
  });

  it('fails with the node that failed', async () => {
    const externalId = await start([node('a', 'Bad'), node('b', 'Good', { node: 'a', on: 'success' })]);
    const told = await end(externalId);
    assert.deepEqual([told.state, told.detail], ['failed', 'Bad (a): failed']);
    assert.match((await world.target.log(externalId)).text, /node b: did not run/);
  });

  it('succeeds when a failed node was caught by another one', async () => {
    const externalId = await start([node('a', 'Bad'), node('b', 'Good', { node: 'a', on: 'failure' })]);
    assert.equal((await end(externalId)).state, 'succeeded');
  });

  it('has failed when one of its playbooks matched no host, although AWX calls it successful', async () => {
    const externalId = await start([node('a', 'Good')], []);
    const told = await end(externalId);
    assert.equal((await world.get('/workflow_jobs/1001/'))['status'], 'successful');
    assert.equal(told.state, 'failed');
    assert.match(told.detail, /node Good: no host matched/);
  });

  it('has failed when none of its nodes ran', async () => {
    const externalId = await start([]);
    const told = await end(externalId);
    assert.deepEqual(
      [told.state, told.detail],
      ['failed', 'no node of the workflow ran, so nothing was done'],
    );
  });
});
