import assert from 'node:assert/strict';
import type { Playbook } from '../../../src/sandbox/awx/templates.ts';
import { ended, launchOf } from '../../contract/target.ts';
import { type AwxWorld, awxWorld, hello, template } from './awx-world.ts';

const hosts = ['web01', 'web02', 'web03', 'web04'];
const limit = (names: string) => launchOf('Recycle', { 'launch.limit': names });

describe('The hosts of a job on AWX', () => {
  let world: AwxWorld;
  const told = async (playbook: Playbook, names: string) => {
    world = await awxWorld([template('Recycle', playbook, { hosts, asks: ['variables', 'limit'] })]);
    const { externalId } = await world.target.launch(limit(names));
    return ended(world.target, externalId);
  };
  const byName = (all: Awaited<ReturnType<typeof told>>['hosts'] = []) =>
    all.map(({ host, result, detail }) => [host, result, detail]).sort();
  afterEach(() => world.close());

  it('are those of its limit, as a batch of a pool names them', async () => {
    const { state, hosts: all } = await told(hello, 'web02,web03');
    assert.equal(state, 'succeeded');
    assert.deepEqual(byName(all), [
      ['web02', 'succeeded', undefined],
      ['web03', 'succeeded', undefined],
    ]);
  });

  it('are told one by one when some of them failed', async () => {
    const mixed: Playbook = async (_variables, _log, _signal, leave) => {
      leave.host('web01', { ok: 3, changed: 1 });
      leave.host('web02', { ok: 1, failures: 2 });
      leave.host('web03', { dark: 1 });
      leave.host('web04', { failures: 1 });
    };
    const { state, hosts: all } = await told(mixed, 'all');
    assert.equal(state, 'failed');
    assert.deepEqual(byName(all), [
      ['web01', 'succeeded', undefined],
      ['web02', 'failed', '2 tasks failed'],
      ['web03', 'failed', 'unreachable'],
      ['web04', 'failed', '1 task failed'],
    ]);
  });

  it('are not told when they cannot be read, and the job has failed all the same', async () => {
    world = await awxWorld([
      template('Recycle', () => Promise.reject(new Error('no')), { hosts, asks: ['variables', 'limit'] }),
    ]);
    const { externalId } = await world.target.launch(limit('web01'));
    const path = '/api/v2/jobs/1001/job_host_summaries/';
    await world.faults.arm({ path, status: 403, times: 100 });
    const end = await ended(world.target, externalId);
    assert.equal(end.state, 'failed');
    assert.ok(!('hosts' in end));
  });
});
