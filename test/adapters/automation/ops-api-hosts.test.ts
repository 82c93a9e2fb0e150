import assert from 'node:assert/strict';
import type { Job } from '../../../src/sandbox/ops-api/job-runner.ts';
import { ended, launchOf } from '../../contract/target.ts';
import { opsWorld } from './ops-api-world.ts';

/** One host is done, one fails. */
const half: Job = async (_parameters, _log, _signal, tell) => {
  tell('web01', 'succeeded');
  tell('web02', 'failed', 'no answer from Bearer ops-token-7f3a9c');
  throw new Error('failed on web02');
};

describe('The hosts of a run over the ops-runbook API', () => {
  let world: Awaited<ReturnType<typeof opsWorld>>;
  beforeEach(async () => {
    world = await opsWorld({ half, plain: async () => undefined });
  });
  afterEach(() => world.close());

  it('are told with its end, each as it ended, without the token', async () => {
    const { externalId } = await world.target.launch(launchOf('half'));
    const { state, detail, hosts } = await ended(world.target, externalId);
    assert.deepEqual([state, detail], ['failed', 'failed on web02']);
    assert.deepEqual(hosts?.[0], { host: 'web01', result: 'succeeded' });
    assert.match(hosts?.[1]?.detail ?? '', /^no answer from /);
    assert.doesNotMatch(JSON.stringify(hosts), /7f3a9c/);
  });

  it('are not told where the API does not tell', async () => {
    const { externalId } = await world.target.launch(launchOf('plain'));
    assert.ok(!('hosts' in (await ended(world.target, externalId))));
  });

  it('are unknown where their result is called something nobody documented', async () => {
    const { externalId } = await world.target.launch(launchOf('plain'));
    const hosts = [
      { host: 'web01', result: 'succeeded', detail: null },
      { host: 'web02', result: 'skipped', detail: 'was busy' },
    ];
    const body = JSON.stringify({ id: externalId, status: 'succeeded', hosts });
    await world.faults.arm({ method: 'GET', status: 200, body });
    assert.deepEqual((await world.target.poll(externalId)).hosts, [
      { host: 'web01', result: 'succeeded' },
      { host: 'web02', result: 'unknown', detail: 'its result is called "skipped", which is not documented' },
    ]);
  });

  it('are not told while it goes on', async () => {
    const { externalId } = await world.target.launch(launchOf('plain'));
    const body = JSON.stringify({
      id: externalId,
      status: 'running',
      hosts: [{ host: 'web01', result: 'failed' }],
    });
    await world.faults.arm({ method: 'GET', status: 200, body });
    assert.ok(!('hosts' in (await world.target.poll(externalId))));
  });
});
