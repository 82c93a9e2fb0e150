import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '../../bench/drive.ts';
import { type Subject, startBare, startHandrail, startWorld, type World } from '../../bench/processes.ts';

describe('the bench', function () {
  this.timeout(120_000);
  let folder: string;
  let world: World;
  const subjects: Subject[] = [];
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handrail-bench-test-'));
    world = await startWorld(0);
    subjects.push(await startBare(world, join(folder, 'bare'), secret));
    subjects.push(await startHandrail(world, join(folder, 'local'), { engine: 'local', secret }));
  });
  after(async () => {
    await Promise.all([...subjects, world].map((process) => process?.stop()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('brings incidents to their end on both sides, with the same kinds of outbound calls', async () => {
    const drive = driver(world, secret);
    const kinds: string[][] = [];
    let before: Readonly<Record<string, number>> = {};
    for (const subject of subjects) {
      const { taken, failed } = await drive.drive(subject, 2, 3);
      assert.deepEqual(failed, []);
      assert.equal(taken.length, 3);
      for (const { toCard, toRemediation, toEnd } of taken)
        assert.ok(toCard > 0 && toRemediation > 0 && toEnd > toCard + toRemediation);
      const { calls } = await world.figures();
      // memberships are asked for once in half a minute, and by Handrail only
      const made = Object.keys(calls).filter((kind) => calls[kind] !== before[kind] && kind !== 'Graph');
      kinds.push(made.toSorted());
      before = calls;
    }
    drive.close();
    assert.equal(kinds[0]?.length, 19);
    assert.deepEqual(kinds[1], kinds[0]);
  });

  it('meters CPU and memory of what it measures', async () => {
    for (const subject of subjects) {
      const { cpuMs, rssMb, peakRssMb } = await subject.meter();
      assert.ok(cpuMs > 0 && rssMb > 10 && peakRssMb >= rssMb);
      assert.deepEqual(await subject.children(), { cpuMs: 0, rssMb: 0 });
    }
  });
});
