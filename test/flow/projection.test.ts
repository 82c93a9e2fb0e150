import assert from 'node:assert/strict';
import { decodeTime, ulid } from 'ulid';
import { stateOf } from '../../src/domain/run.ts';
import { startOf } from '../../src/domain/run-id.ts';
import { markOpen, openRuns } from '../../src/flow/projection.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('the list of open runs', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('reads the time of a run id as the ulid library does', () => {
    const id = ulid(f.T0.getTime());
    assert.equal(startOf(id).getTime(), decodeTime(id));
  });

  it('keeps an id that is not a run yet for a day, then forgets it', async () => {
    const id = ulid(f.T0.getTime());
    await markOpen(process.deps, id, 'INC0010023', 'recycle');
    await process.settle(id);
    assert.deepEqual(await openRuns(process.deps), [id]);
    world.now = f.minutes(24 * 60 + 1);
    await process.settle(id);
    assert.deepEqual(await openRuns(process.deps), []);
  });

  it('gives the item free again when the plan changed at dispatch and is asked for again', async () => {
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    world.ci = f.ci({ environment: 'test', fields: { u_app_pool: 'shop' }, name: 'renamed' });
    await process.settle();
    assert.equal(stateOf(await process.run()), 'awaiting-approval');
    assert.equal(await process.deps.state.get(`lease:${'c'.repeat(32)}`, 'lease'), undefined);
  });
});
