import assert from 'node:assert/strict';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, type JenkinsWorld, jenkinsWorld, job } from './jenkins-world.ts';

describe('The name of a job on Jenkins', () => {
  let world: JenkinsWorld;
  const branch = 'team/app/feature%2Flogin';
  before(async () => {
    world = await jenkinsWorld([job('recycle', hello), job(branch, hello), job('team/Größe 2/x+y', hello)]);
  });
  after(() => world.close());

  for (const name of ['recycle', branch, 'team/Größe 2/x+y'])
    it(`${name} is launched, and found again after a restart`, async () => {
      const launch = launchOf(name);
      assert.deepEqual(await world.target.preflight?.(launch), { ok: true });
      const { externalId } = await world.target.launch(launch);
      assert.equal((await ended(world.target, externalId)).state, 'succeeded');
      assert.equal((await world.restarted().find(launch.executionId))?.externalId, externalId);
    });

  for (const name of [
    '',
    '../recycle',
    'a/../recycle',
    '.',
    'a//b',
    'recycle/',
    '/recycle',
    'a?b',
    'a#b',
    'a;b',
    'a\\b',
    'a\nb',
    `${'a/'.repeat(20)}b`,
  ])
    it(`${JSON.stringify(name)} is refused before anything is sent`, async () => {
      const before = await world.faults.requests();
      const error = await refused(world.target.launch(launchOf(name)), 'target-refused');
      assert.match(error.message, /names no job/);
      assert.deepEqual(await world.faults.requests(), before);
    });

  it('is not believed when Jenkins answers for another job', async () => {
    const body = JSON.stringify({ buildable: true, fullName: 'Recycle', property: [] });
    await world.faults.arm({ path: '/job/recycle/', status: 200, body });
    const error = await refused(world.target.launch(launchOf('recycle')), 'target-refused');
    assert.match(error.message, /Jenkins calls it Recycle/);
  });
});
