import assert from 'node:assert/strict';
import { CONTROL, noControl } from '../../src/domain/control.ts';
import { factsFor } from '../../src/flow/facts.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('the facts of a command', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let reads = 0;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    await process.command(propose);
    const { incident } = world;
    Object.defineProperty(world, 'incident', {
      get() {
        reads += 1;
        return incident;
      },
    });
    reads = 0;
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  /** Both read the same run, so one of them loses the race and is decided again. */
  const bothApprove = () =>
    Promise.all([f.arne, f.mia].map((person) => process.command(f.command('approve', person, {}))));

  it('are fetched once when a race was lost a moment ago', async () => {
    const replies = await bothApprove();
    assert.deepEqual(replies.map((reply) => reply.ok).sort(), [false, true]);
    assert.equal(reads, 2);
  });

  it('are fetched again when the race took longer than two seconds', async () => {
    world.fault = (point) => {
      if (point === 'after:append') world.now = new Date(world.now.getTime() + 2_000);
    };
    await bothApprove();
    assert.equal(reads, 3);
  });

  it('always tell of a stop: that one is never a moment old', async () => {
    const ada = f.person('ada');
    Object.assign(process.deps.catalogue, {
      policy: f.policy({ admins: 'web-approvers' }),
    });
    Object.assign(process.deps.directory, {
      memberOf: async () => Object.values(f.policy().policy.groups).map(({ entra }) => entra),
    });
    const facts = factsFor(process.deps, f.command('approve', f.arne, {}));
    const run = await process.run();
    assert.deepEqual((await facts(run)).control, { ok: true, value: noControl });
    assert.ok((await process.command(f.command('stop', ada, { reason: 'bad release' }), CONTROL)).ok);
    const again = await facts(run);
    assert.equal(reads, 1);
    assert.equal(again.control.ok && again.control.value.stopped?.reason, 'bad release');
  });
});
