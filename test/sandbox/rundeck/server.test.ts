import assert from 'node:assert/strict';
import { startRundeck } from '../../../src/sandbox/rundeck/server.ts';
import {
  hello,
  job,
  type RundeckWorld,
  rundeckWorld,
  token,
  untilAborted,
} from '../../adapters/automation/rundeck-world.ts';
import { ended } from '../../contract/target.ts';

describe('The simulated Rundeck', () => {
  let world: RundeckWorld;
  afterEach(() => world.close());
  const run = '/job/recycle/run';

  it('keeps an option that the job does not define, and passes no secret on', async () => {
    world = await rundeckWorld([
      job('Recycle', hello, { uuid: 'recycle', options: [{ name: 'pin', secure: true }] }),
    ]);
    const { status, json } = await world.call('POST', run, { options: { extra: 'a b', pin: '1234' } });
    assert.equal(status, 200);
    assert.deepEqual((json['job'] as Record<string, unknown>)['options'], { extra: 'a b' });
    assert.equal(json['argstring'], '-extra "a b"');
  });

  it('replaces dates in options', async () => {
    world = await rundeckWorld([job('Recycle', hello, { uuid: 'recycle' })]);
    const { json } = await world.call('POST', run, { options: { day: `\${DATE-1:yyyy}` } });
    assert.match(String(json['argstring']), /^-day \d{4}-\d\d-\d\d$/);
  });

  it('runs no job without a node, unless the job calls that a success', async () => {
    const ran: string[] = [];
    const script = async () => void ran.push('ran');
    world = await rundeckWorld([
      job('Recycle', script, { uuid: 'recycle', nodes: [] }),
      job('Empty', script, { uuid: 'empty', nodes: [], successOnEmptyNodeFilter: true }),
    ]);
    await world.call('POST', run, {});
    await world.call('POST', '/job/empty/run', {});
    assert.deepEqual(
      [(await ended(world.target, '1001')).state, (await ended(world.target, '1002')).state, ran],
      ['failed', 'succeeded', []],
    );
  });

  it('answers 200 to an abort that fails because the execution is over', async () => {
    world = await rundeckWorld([job('Recycle', hello, { uuid: 'recycle' })]);
    await world.call('POST', run, {});
    await ended(world.target, '1001');
    const { status, json } = await world.call('POST', '/execution/1001/abort');
    assert.equal(status, 200);
    assert.deepEqual(json['abort'], { status: 'failed', reason: 'Job is not running' });
  });

  it('is still running right after it was asked to abort', async () => {
    world = await rundeckWorld([job('Recycle', untilAborted, { uuid: 'recycle' })]);
    await world.call('POST', run, {});
    const { json } = await world.call('POST', '/execution/1001/abort');
    assert.deepEqual(json['abort'], { status: 'pending' });
    assert.equal((json['execution'] as Record<string, unknown>)['status'], 'running');
  });

  it('runs nothing for a GET', async () => {
    world = await rundeckWorld([job('Recycle', hello, { uuid: 'recycle' })]);
    assert.equal((await world.call('GET', run)).status, 405);
    assert.equal((await world.call('GET', '/execution/1001')).status, 404);
  });

  it('answers 503 in passive mode to who wants it so', async () => {
    world = await rundeckWorld([]);
    world.disturb({ passive: true });
    assert.equal((await world.call('GET', '/system/executions/status')).status, 200);
    assert.equal((await world.call('GET', '/system/executions/status?passiveAs503=true')).status, 503);
  });

  it('keeps the UUIDs of jobs over a restart', async () => {
    world = await rundeckWorld([job('Recycle', hello)]);
    const again = await startRundeck({ token, jobs: [job('Recycle', hello)] });
    const ids = async (url: string) =>
      (await fetch(`${url}/api/59/project/ops/jobs`, { headers: { 'x-rundeck-auth-token': token } })).json();
    assert.deepEqual(await ids(again.url), await ids(world.url));
    await again.close();
  });
});
