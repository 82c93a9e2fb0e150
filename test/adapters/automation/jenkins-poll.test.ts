import assert from 'node:assert/strict';
import { executionOf } from '../../../src/adapters/automation/jenkins-job-name.ts';
import type { Target } from '../../../src/ports.ts';
import type { Leave, Work } from '../../../src/sandbox/jenkins/definitions.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, type JenkinsWorld, jenkinsWorld, job, untilStopped } from './jenkins-world.ts';

let world: JenkinsWorld;
const start = async (work: Work, settings = {}, options = {}) => {
  world = await jenkinsWorld([job('recycle', work)], settings, options);
  const launch = launchOf('recycle');
  const { externalId } = await world.target.launch(launch);
  return { externalId, executionId: launch.executionId };
};

async function until(target: Target, externalId: string, state: string): Promise<void> {
  for (let n = 0; n < 500; n += 1) if ((await target.poll(externalId)).state === state) return;
  assert.fail(`${externalId} is not ${state}`);
}

const build = (executionId: string, changes: object) => ({
  path: '/job/recycle/1/api/json',
  status: 200,
  headers: { 'x-jenkins': '2.516.3' },
  body: JSON.stringify({
    number: 1,
    building: false,
    result: 'SUCCESS',
    actions: [{}, null, { parameters: [{ name: 'EXECUTION_ID', value: executionId }] }],
    ...changes,
  }),
});

describe('The status of a build on Jenkins', () => {
  afterEach(() => world.close());

  for (const [what, changes, state] of [
    ['SUCCESS', {}, 'succeeded'],
    ['UNSTABLE', { result: 'UNSTABLE' }, 'failed'],
    ['FAILURE', { result: 'FAILURE' }, 'failed'],
    ['NOT_BUILT', { result: 'NOT_BUILT' }, 'failed'],
    ['ABORTED', { result: 'ABORTED' }, 'canceled'],
    ['Success', { result: 'Success' }, 'unknown'],
    ['no result', { result: null }, 'unknown'],
    ['SUCCESS while it goes on', { inProgress: true }, 'running'],
    ['building', { building: true, result: null }, 'running'],
  ] as const)
    it(`${what} is ${state}`, async () => {
      const { externalId, executionId } = await start(hello);
      await ended(world.target, externalId);
      await world.faults.arm(build(executionId, changes));
      const told = await world.target.poll(externalId);
      assert.equal(told.state, state);
      assert.match(told.detail, /build 1/);
    });

  for (const result of ['UNSTABLE', 'NOT_BUILT'] as const)
    it(`is failed for a build whose work ends well and is called ${result}`, async () => {
      const { externalId } = await start(async (_parameters, _log, _signal, leave: Leave) =>
        leave.result(result),
      );
      assert.equal((await ended(world.target, externalId)).state, 'failed');
    });

  it('says what the build says of itself, secrets masked', async () => {
    const { externalId, executionId } = await start(hello, {
      knownSecrets: ['PIN'],
      resolveSecret: () => Promise.resolve('S3CR3T'),
    });
    await ended(world.target, externalId);
    await world.faults.arm(build(executionId, { result: 'FAILURE', description: 'pin S3CR3T\nwas wrong' }));
    assert.match((await world.target.poll(externalId)).detail, /: pin \*\*\* was wrong$/);
  });

  it('costs one request once its number is known', async () => {
    const { externalId } = await start(untilStopped);
    await until(world.target, externalId, 'running');
    const before = await world.faults.requests();
    await world.target.poll(externalId);
    const after = await world.faults.requests();
    const more = Object.entries(after).filter(([key, n]) => n !== before[key]);
    assert.deepEqual(more, [
      ['GET /job/recycle/:number/api/json', (before['GET /job/recycle/:number/api/json'] ?? 0) + 1],
    ]);
    await world.target.cancel(externalId);
  });

  it('is known to another process, while it is queued, while it runs and when it is over', async () => {
    const { externalId } = await start(untilStopped);
    world.disturb({ noExecutors: true });
    const queued = await world.target.launch(launchOf('recycle'));
    assert.equal((await world.restarted().poll(queued.externalId)).state, 'queued');
    await until(world.restarted(), externalId, 'running');
    await world.restarted().cancel(externalId);
    assert.equal((await ended(world.restarted(), externalId)).state, 'canceled');
  });

  it('is found among the builds when the queue item is gone', async () => {
    const { externalId } = await start(hello);
    await ended(world.target, externalId);
    for (let n = 0; n < 120; n += 1) await world.target.launch(launchOf('recycle'));
    world.forgetLeftItems();
    assert.equal((await world.restarted().poll(externalId)).state, 'succeeded');
    assert.equal(
      (await world.faults.requests())['GET /job/recycle/api/json'],
      121 + 2,
      'two pages were read',
    );
  });

  it('is unknown when the queue was lost, and is not that of whoever has its place now', async () => {
    world = await jenkinsWorld([job('recycle', hello)]);
    world.disturb({ noExecutors: true });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    world.restart({ queue: false });
    const lost = await world.target.poll(externalId);
    assert.equal(lost.state, 'unknown');
    assert.match(lost.detail, /neither queue item 1 nor a build of recycle with our EXECUTION_ID/);
    world.disturb({ noExecutors: false });
    const other = await world.target.launch(launchOf('recycle'));
    assert.equal(executionOf('jenkins', other.externalId).queueId, 1, 'the id is given out again');
    await ended(world.target, other.externalId);
    for (const target of [world.target, world.restarted()])
      assert.equal((await target.poll(externalId)).state, 'unknown');
  });

  it('survives a restart of Jenkins that saved its queue', async () => {
    world = await jenkinsWorld([job('recycle', hello)]);
    world.disturb({ noExecutors: true });
    const { externalId } = await world.target.launch(launchOf('recycle'));
    world.disturb({ starting: true });
    const error = await refused(world.target.poll(externalId), 'target-unreachable');
    assert.equal(error.retryable, true);
    world.restart({ queue: true });
    world.disturb({ starting: false, noExecutors: false });
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });

  it('tells when the job lost the parameter between the look at it and the launch', async () => {
    const { externalId } = await start(hello);
    await ended(world.target, externalId);
    const body = JSON.stringify({ id: 1, task: { fullName: 'recycle' }, actions: [{ parameters: [] }] });
    await world.faults.arm({ path: '/queue/item/', status: 200, body });
    await world.faults.arm({ path: '/job/recycle/api/json', status: 200, body: '{"allBuilds":[]}' });
    const told = await world.restarted().poll(externalId);
    assert.equal(told.state, 'unknown');
    assert.match(told.detail, /queue item 1 of recycle without our EXECUTION_ID: somebody changed the job/);
  });

  it('is unknown when its build was deleted', async () => {
    const { externalId } = await start(hello);
    await ended(world.target, externalId);
    await world.faults.arm({ path: '/job/recycle/1/', status: 404, headers: { 'x-jenkins': '2.516.3' } });
    const told = await world.target.poll(externalId);
    assert.equal(told.state, 'unknown');
    assert.match(told.detail, /does not know build 1 of recycle \(any more\)/);
  });

  it('is not taken from the answer about another build', async () => {
    const { externalId, executionId } = await start(hello);
    await ended(world.target, externalId);
    await world.faults.arm(build('3d0b8a57-7d43-4d8c-9d33-000000000000', {}));
    await refused(world.target.poll(externalId), 'target-refused');
    await world.faults.arm(build(executionId, { number: 2 }));
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is looked at again after a 502, a 429 and a lost answer, and not for ever', async () => {
    const { externalId } = await start(hello);
    await ended(world.target, externalId);
    const path = '/job/recycle/1/';
    await world.faults.arm({ path, status: 502 });
    await world.faults.arm({ path, dropAnswer: true });
    assert.equal((await world.target.poll(externalId)).state, 'succeeded');
    await world.faults.arm({ path, status: 429, times: 3 });
    assert.equal((await refused(world.target.poll(externalId), 'target-refused')).retryable, true);
  });

  it('is not read from a login page, and a missing page is no missing build', async () => {
    const { externalId } = await start(hello);
    await ended(world.target, externalId);
    const login = {
      path: '/job/recycle/1/',
      headers: { 'content-type': 'text/html' },
      body: '<h1>Sign in</h1>',
    };
    await world.faults.arm({ ...login, status: 200, times: 3 });
    const error = await refused(world.target.poll(externalId), 'target-unreachable');
    assert.match(error.message, /text\/html/);
    assert.doesNotMatch(error.message, /Sign in/);
    await world.faults.arm({ ...login, status: 404 });
    await refused(world.target.poll(externalId), 'target-refused');
  });

  it('is not asked for with an id that would change the path', async () => {
    const { externalId, executionId } = await start(hello);
    const before = await world.faults.requests();
    for (const id of [
      '',
      '1',
      'queue/1',
      `queue/x/${executionId}/recycle`,
      `queue/1/${executionId}/../x`,
      'queue/1/2/recycle',
      `${externalId}/..`,
      `${externalId}?x`,
    ])
      await refused(world.target.poll(id), 'target-refused');
    assert.deepEqual(await world.faults.requests(), before);
  });
});

describe('A build on Jenkins that does not start', () => {
  afterEach(() => world.close());
  const stuck = async (startWithinMs: number) => {
    world = await jenkinsWorld([job('recycle', hello)], { startWithinMs });
    world.disturb({ noExecutors: true });
    return (await world.target.launch(launchOf('recycle'))).externalId;
  };
  const queued = async () => (await world.call('GET', '/queue/api/json')).json['items'];

  it('is queued as long as it has time, and says why', async () => {
    const externalId = await stuck(600_000);
    const told = await world.target.poll(externalId);
    assert.deepEqual([told.state, told.detail], ['queued', 'Waiting for next available executor']);
  });

  it('is cancelled when its time is over, and says so', async () => {
    const externalId = await stuck(-10_000);
    const told = await world.target.poll(externalId);
    assert.match(told.detail, /did not start within .* so it is being cancelled/);
    const end = await ended(world.target, externalId);
    assert.equal(end.state, 'canceled');
    assert.match(end.detail, /did not start within .* so it was cancelled/);
    assert.deepEqual(await queued(), []);
    assert.match(
      (await world.restarted().poll(externalId)).detail,
      /cancelled in the queue, before it began/,
    );
    assert.deepEqual(await world.target.log(externalId), { text: '', truncated: false });
  });

  it('has as much time as the clock of Jenkins says, whatever the clock here says', async () => {
    const externalId = await stuck(600_000);
    const { executionId } = executionOf('jenkins', externalId);
    const since = Date.now() - 86_400_000;
    const shown = (seen: number) => ({
      path: '/queue/item/',
      status: 200,
      headers: { date: new Date(seen).toUTCString() },
      body: JSON.stringify({
        id: 1,
        inQueueSince: since,
        actions: [{ parameters: [{ name: 'EXECUTION_ID', value: executionId }] }],
      }),
    });
    await world.faults.arm(shown(since + 500_000));
    await world.target.poll(externalId);
    assert.notDeepEqual(await queued(), []);
    await world.faults.arm(shown(since + 700_000));
    assert.match((await world.target.poll(externalId)).detail, /did not start within 10 min/);
    assert.deepEqual(await queued(), []);
  });

  it('that began at the last moment goes on', async () => {
    const externalId = await stuck(-10_000);
    await world.faults.arm({
      method: 'POST',
      path: '/queue/cancelItem',
      status: 500,
      headers: { 'x-jenkins': '2.516.3' },
    });
    assert.equal((await world.target.poll(externalId)).state, 'queued');
    world.disturb({ noExecutors: false });
    assert.equal((await ended(world.target, externalId)).state, 'succeeded');
  });
});
