import assert from 'node:assert/strict';
import { rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import { ended, launchOf, refused } from '../../contract/target.ts';
import { hello, job, quick, type RundeckWorld, rundeckWorld } from './rundeck-world.ts';

describe('The name of a job on Rundeck', () => {
  let world: RundeckWorld;
  const uuid = '3b6c19f6-41ee-475f-8fd0-8f1a26f27a9a';
  before(async () => {
    world = await rundeckWorld([
      job('Recycle', hello, { group: 'web', uuid }),
      job('Recycle', hello, { group: 'mail' }),
      job('Twice', hello, { group: 'web' }),
      job('Twice', hello, { group: 'web' }),
      job('Alone', hello),
      job('Elsewhere', hello, { project: 'my project', group: 'a/b c' }),
    ]);
  });
  after(() => world.close());

  for (const written of [
    uuid,
    'ops/web/Recycle',
    'ops/mail/Recycle',
    'ops/Alone',
    'my project/a/b c/Elsewhere',
  ])
    it(`${written} is launched`, async () => {
      const { externalId } = await world.target.launch(launchOf(written));
      assert.equal((await ended(world.target, externalId)).state, 'succeeded');
    });

  for (const [written, why] of [
    ['ops/web/Twice', /has 2 job/],
    ['ops/web/Alone', /has no job/],
    ['ops/Recycle', /has no job/],
    ['elsewhere/Recycle', /404.*Project does not exist/],
    ['00000000-0000-0000-0000-000000000000', /404.*Job ID does not exist/],
    ['Recycle', /404/],
    ['', /names no job/],
    ['ops/', /names no job/],
    ['ops//Recycle', /names no job/],
    ['../../x', /names no job/],
  ] as const)
    it(`"${written}" is refused`, async () => {
      const launch = launchOf(written);
      const error = await refused(world.target.launch(launch), 'target-refused');
      assert.match(error.message, why);
      assert.equal(error.maybeApplied, false);
      const before = await world.target.preflight?.(launch);
      assert.ok(before?.ok === false && why.test(before.reason));
    });

  it('is not believed when Rundeck ignored the query and shows other jobs', async () => {
    for (const row of [
      { name: 'Another', group: 'web' },
      { name: 'Recycle', group: 'mail' },
      { name: 'Recycle', group: null },
    ]) {
      const body = JSON.stringify([{ id: uuid, ...row }]);
      await world.faults.arm({ path: '/api/44/project/ops/jobs', status: 200, body });
      const error = await refused(
        rundeckTarget(quick(world.url)).launch(launchOf('ops/web/Recycle')),
        'target-refused',
      );
      assert.match(error.message, /has no job/);
    }
  });

  it('is not believed when the job of another UUID is shown', async () => {
    const body = JSON.stringify([{ uuid: 'another', name: 'Recycle', group: 'web' }]);
    await world.faults.arm({ path: `/api/44/job/${uuid}`, status: 200, body, times: 5 });
    await refused(rundeckTarget(quick(world.url)).launch(launchOf('ops/web/Recycle')), 'target-refused');
    await refused(rundeckTarget(quick(world.url)).launch(launchOf(uuid)), 'target-refused');
    await world.faults.clear();
  });

  it('is looked up again when the job has another one now', async () => {
    const target = rundeckTarget(quick(world.url));
    await target.launch(launchOf('ops/web/Recycle'));
    const before = (await world.faults.requests())['GET /api/:v/project/:project/jobs'] ?? 0;
    const body = JSON.stringify([{ uuid, name: 'Delete everything', group: 'web' }]);
    await world.faults.arm({ path: `/api/44/job/${uuid}`, status: 200, body });
    await target.launch(launchOf('ops/web/Recycle'));
    assert.equal((await world.faults.requests())['GET /api/:v/project/:project/jobs'], before + 1);
  });

  it('is not launched while Rundeck keeps showing another name for it', async () => {
    const body = JSON.stringify([{ uuid, name: 'Delete everything', group: 'web' }]);
    await world.faults.arm({ path: `/api/44/job/${uuid}`, status: 200, body, times: 5 });
    const error = await refused(
      rundeckTarget(quick(world.url)).launch(launchOf('ops/web/Recycle')),
      'target-refused',
    );
    assert.deepEqual([error.maybeApplied, error.retryable], [false, true]);
    await world.faults.clear();
  });
});
