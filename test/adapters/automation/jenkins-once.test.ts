import assert from 'node:assert/strict';
import { jenkinsTarget } from '../../../src/adapters/automation/jenkins.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { Target } from '../../../src/ports.ts';
import type { Work } from '../../../src/sandbox/jenkins/definitions.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type JenkinsWorld, jenkinsWorld, job, quick, untilStopped } from './jenkins-world.ts';

/** Whatever happens to the answer of a launch: at most one build, and no doubt about which it is. */
describe('A launch on Jenkins whose answer is disturbed', () => {
  let world: JenkinsWorld;
  let started: string[];
  const counted: Work = async (parameters) => void started.push(String(parameters['EXECUTION_ID']));
  const launch = () => launchOf('team/recycle', { pool: 'shop' });
  const post = '/job/team/job/recycle/buildWithParameters';

  beforeEach(async () => {
    started = [];
    world = await jenkinsWorld([
      job('team/recycle', counted),
      job('team/other', counted),
      job('plain', counted, { parameters: [] }),
    ]);
  });
  afterEach(() => world.close());

  /** What this process and a restarted one find, once it can be there. */
  async function found(executionId: string): Promise<(string | undefined)[]> {
    const states = async (target: Target) => {
      const status = await target.find(executionId);
      return status === undefined ? undefined : (await ended(target, status.externalId)).state;
    };
    return [await states(world.target), await states(world.restarted())];
  }

  for (const [what, fault, once] of [
    ['a connection that breaks after the build was queued', { dropAnswer: true }, true],
    ['a proxy that never passed it on', { status: 502 }, false],
    ['a 500 of Jenkins', { status: 500, headers: { 'x-jenkins': '2.516.3' } }, false],
    ['a 503 while it starts', { status: 503, headers: { 'x-jenkins': '2.516.3' } }, false],
    ['a 504 of a proxy', { status: 504 }, false],
    ['a page of something else', { status: 200, body: '<h1>Hello</h1>' }, false],
  ] as const)
    it(`by ${what} may have been applied, is not sent again, and is ${once ? '' : 'not '}found`, async () => {
      const one = launch();
      await world.faults.arm({ method: 'POST', times: 5, ...fault });
      const error = await world.target.launch(one).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof AppError && error.maybeApplied, String(error));
      await world.faults.clear();
      const state = once ? 'succeeded' : undefined;
      assert.deepEqual(await found(one.executionId), [state, state]);
      assert.deepEqual(started, once ? [one.executionId] : []);
      assert.equal((await world.faults.requests())[`POST ${post}`], 1);
    });

  it('by a slow Jenkins that queues it later is found then', async () => {
    const hasty = jenkinsTarget(quick(world.url, { timeoutMs: 400 }));
    const one = launch();
    await world.faults.arm({ method: 'POST', commitLatencyMs: 900 });
    const error = await refused(hasty.launch(one), 'target-unreachable');
    assert.deepEqual([error.maybeApplied, /no answer in time/.test(error.message)], [true, true]);
    assert.equal(await hasty.find(one.executionId), undefined, 'not yet');
    for (let n = 0; n < 500 && started.length === 0; n += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(await found(one.executionId), ['succeeded', 'succeeded']);
    assert.deepEqual(started, [one.executionId]);
  });

  it('by a restart that loses the queue is not found, and nothing was started', async () => {
    const one = launch();
    world.disturb({ noExecutors: true });
    await world.faults.arm({ method: 'POST', dropAnswer: true });
    await refused(world.target.launch(one), 'target-unreachable');
    assert.equal((await world.restarted().find(one.executionId))?.state, 'queued');
    world.restart({ queue: false });
    world.disturb({ noExecutors: false });
    assert.deepEqual(await found(one.executionId), [undefined, undefined]);
    assert.deepEqual(started, []);
  });

  it('by a restart after the build began is found as that build', async () => {
    const one = launch();
    await world.faults.arm({ method: 'POST', dropAnswer: true });
    await refused(world.target.launch(one), 'target-unreachable');
    assert.deepEqual(await found(one.executionId), ['succeeded', 'succeeded']);
    world.restart({ queue: false });
    assert.deepEqual(await found(one.executionId), ['succeeded', 'succeeded']);
    assert.deepEqual(started, [one.executionId]);
  });

  it('is looked for in the jobs that take an execution id, and nowhere else', async () => {
    assert.equal(await world.restarted().find(launch().executionId), undefined);
    assert.deepEqual(await world.faults.requests(), {
      'GET /queue/api/json': 1,
      'GET /api/json': 1,
      'GET /job/team/job/recycle/api/json': 1,
      'GET /job/team/job/other/api/json': 1,
    });
  });

  it('is not guessed when somebody built it again with the same parameters', async () => {
    const one = launch();
    const { externalId } = await world.target.launch(one);
    await ended(world.target, externalId);
    await world.call('POST', post, { form: { EXECUTION_ID: one.executionId, pool: 'shop' } });
    for (let n = 0; n < 500 && started.length < 2; n += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const error = await refused(world.restarted().find(one.executionId), 'target-refused');
    assert.match(error.message, /2 builds of team\/recycle with one execution id: 2, 1/);
    world.forgetLeftItems();
    assert.equal(
      (await world.restarted().poll(externalId)).state,
      'succeeded',
      'its queue item tells them apart',
    );
    const other = externalId.replace('queue/1/', 'queue/7/');
    await refused(world.restarted().poll(other), 'target-refused');
  });

  it('is not called lost while Jenkins cannot be asked', async () => {
    world.disturb({ starting: true });
    const error = await refused(world.target.find(launch().executionId), 'target-unreachable');
    assert.equal(error.retryable, true);
  });
});

describe('A launch on Jenkins that is queued already', () => {
  let world: JenkinsWorld;
  beforeEach(async () => {
    world = await jenkinsWorld([job('recycle', untilStopped)]);
    world.disturb({ noExecutors: true });
  });
  afterEach(() => world.close());

  it('with the same execution id is ours', async () => {
    const launch = launchOf('recycle');
    const first = await world.target.launch(launch);
    const second = await world.target.launch(launch);
    assert.equal(second.externalId, first.externalId);
    const { items } = (await world.call('GET', '/queue/api/json')).json;
    assert.equal((items as unknown[]).length, 1);
  });

  const joined = {
    method: 'POST',
    status: 303,
    headers: { 'x-jenkins': '2.516.3', location: 'http://127.0.0.1:9/queue/item/1/' },
  };

  it('with another execution id was not started for us', async () => {
    await world.target.launch(launchOf('recycle'));
    await world.faults.arm(joined);
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.equal(error.maybeApplied, false);
    assert.match(error.message, /joined the launch to queue item 1, which is of another execution/);
  });

  it('may have been applied when that cannot be looked up', async () => {
    await world.faults.arm(joined);
    await world.faults.arm({ path: '/queue/item/', status: 502, times: 3 });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-unreachable');
    assert.equal(error.maybeApplied, true);
  });
});
