import assert from 'node:assert/strict';
import type { JobDefinition } from '../../../src/sandbox/jenkins/definitions.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { type JenkinsWorld, jenkinsWorld, job, untilStopped } from './jenkins-world.ts';

let world: JenkinsWorld;
let at = 0;
const start = async (changes: Partial<JobDefinition> = {}, now = () => at) => {
  world = await jenkinsWorld([job('recycle', untilStopped, changes)], { now });
  const { externalId } = await world.target.launch(launchOf('recycle'));
  for (let n = 0; n < 500 && (await world.target.poll(externalId)).state !== 'running'; n += 1);
  return externalId;
};
const told = async () =>
  Object.fromEntries(
    Object.entries(await world.faults.requests()).flatMap(([key, n]) => {
      const level = /^POST \/job\/recycle\/:number\/(\w+)$/.exec(key)?.[1];
      return level === undefined ? [] : [[level, n]];
    }),
  );

describe('A build on Jenkins that is told to stop', () => {
  beforeEach(() => {
    at = 1_000_000;
  });
  afterEach(() => world.close());

  it('is stopped once more by each repetition, and no more firmly before its time', async () => {
    const externalId = await start({ ignores: 'term' });
    for (const ms of [0, 5_000, 9_999]) {
      at = 1_000_000 + ms;
      await world.target.cancel(externalId);
    }
    assert.deepEqual(await told(), { stop: 3 });
    assert.equal((await world.target.poll(externalId)).state, 'running');
  });

  it('is terminated when it goes on after its time, and killed after as much again', async () => {
    const externalId = await start({ ignores: 'term' });
    await world.target.cancel(externalId);
    at += 15_000;
    await world.target.cancel(externalId);
    assert.deepEqual(await told(), { stop: 1, term: 1 });
    assert.equal((await world.target.poll(externalId)).state, 'running');
    at += 15_000;
    await world.target.cancel(externalId);
    assert.deepEqual(await told(), { stop: 1, term: 1, kill: 1 });
    assert.equal((await world.target.poll(externalId)).state, 'canceled');
    await world.target.cancel(externalId);
    assert.deepEqual(await told(), { stop: 1, term: 1, kill: 1 }, 'it is over');
  });

  it('is stopped again where nothing firmer is known', async () => {
    const externalId = await start({ kind: 'freestyle', ignores: 'stop' });
    await world.target.cancel(externalId);
    at += 60_000;
    await world.target.cancel(externalId);
    assert.deepEqual(await told(), { stop: 2 });
  });

  it('is asked again after a lost answer and a 503', async () => {
    const externalId = await start();
    await world.faults.arm({ method: 'POST', path: '/job/recycle/1/stop', status: 503 });
    await world.faults.arm({ method: 'POST', path: '/job/recycle/1/stop', dropAnswer: true });
    await world.target.cancel(externalId);
    assert.equal((await ended(world.target, externalId)).state, 'canceled');
  });

  it('is not taken for stopped when our user may not stop it, or something else answers', async () => {
    const externalId = await start();
    const path = '/job/recycle/1/stop';
    const headers = { 'x-jenkins': '2.516.3', 'x-required-permission': 'hudson.model.Item.Cancel' };
    await world.faults.arm({ method: 'POST', path, status: 403, headers });
    const error = await refused(world.target.cancel(externalId), 'target-refused');
    assert.match(error.message, /lacks the permission hudson\.model\.Item\.Cancel for build 1 of recycle/);
    await world.faults.arm({
      method: 'POST',
      path,
      status: 302,
      headers: { location: 'http://127.0.0.1:9/login' },
    });
    await refused(world.target.cancel(externalId), 'target-refused');
  });

  it('is an error when Jenkins knows nothing of it', async () => {
    const externalId = await start();
    const error = await refused(
      world.target.cancel(
        externalId.replace('/1/', '/2/').replace(/\w{12}\/recycle/, '000000000000/recycle'),
      ),
      'target-refused',
    );
    assert.match(error.message, /nothing was cancelled: jenkins knows neither queue item 2/);
  });
});

describe('A queued build on Jenkins that is told to stop', () => {
  afterEach(() => world.close());
  const queue = async () => {
    world = await jenkinsWorld([job('recycle', untilStopped)]);
    world.disturb({ noExecutors: true });
    return (await world.target.launch(launchOf('recycle'))).externalId;
  };

  it('leaves the queue and never begins', async () => {
    const externalId = await queue();
    await world.restarted().cancel(externalId);
    const end = await world.target.poll(externalId);
    assert.deepEqual([end.state, end.detail], ['canceled', 'it was cancelled in the queue, before it began']);
    await world.target.cancel(externalId);
    world.disturb({ noExecutors: false });
    assert.equal((await world.call('GET', '/job/recycle/api/json')).json['lastBuild'], null);
  });

  for (const status of [404, 500])
    it(`is stopped as a build when it began at that moment (${status})`, async () => {
      const externalId = await queue();
      const body = JSON.stringify({
        id: 1,
        actions: [{ parameters: [{ name: 'EXECUTION_ID', value: externalId.split('/')[2] }] }],
      });
      await world.faults.arm({ path: '/queue/item/1/', status: 200, body });
      await world.faults.arm({
        method: 'POST',
        path: '/queue/cancelItem',
        status,
        headers: { 'x-jenkins': '2.516.3' },
      });
      world.disturb({ noExecutors: false });
      await world.target.cancel(externalId);
      assert.equal((await ended(world.target, externalId)).state, 'canceled');
      assert.equal((await world.faults.requests())['POST /job/recycle/:number/stop'], 1);
    });
});
