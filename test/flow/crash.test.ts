import assert from 'node:assert/strict';
import { outcomes } from '../../src/domain/events.ts';
import { currentStep, type Run, stateOf } from '../../src/domain/run.ts';
import { intake } from '../../src/flow/intake.ts';
import * as f from '../fakes/domain.ts';
import { Crash, type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const event = JSON.stringify({ sys_id: 'a'.repeat(32), sys_mod_count: 1 });
const approve = f.command('approve', f.arne, {});

/** One process life: the event is taken in, the run is driven, somebody approves, and it is driven to its end. */
async function live(process: Process): Promise<Run> {
  const events = intake(process.deps);
  await events.receive('evt-1', event);
  await events.sweep();
  await process.recover();
  const claim = await process.deps.state.get(`claim:${'a'.repeat(32)}`, 'recycle');
  const runId = String(claim?.item.body);
  // somebody whose click was not answered clicks again: that must never hurt
  if (stateOf(await process.run(runId)) === 'awaiting-approval') await process.command(approve, runId);
  await process.settle(runId);
  return process.run(runId);
}

/** Lives until the fault point, dies there for good, and is started again until it gets through. */
async function liveWithCrash(
  world: Outside,
  file: string,
  at: number,
): Promise<{ run: Run; points: number; where: string }> {
  let points = 0;
  let where = '';
  let died = world.now;
  world.fault = (point) => {
    points += 1;
    if (points >= at) {
      if (where === '') died = world.now;
      where ||= point;
      throw new Crash(point);
    }
  };
  const doomed = await startProcess(world, file);
  try {
    const run = await live(doomed);
    if (where === '') return { run, points, where };
  } catch (error) {
    // what a dead process says does not matter
    if (where === '') throw error;
  } finally {
    await doomed.store.close();
  }
  world.fault = () => undefined;
  // what the dead still seems to do takes no time; the incident it was looking at is free again after half a minute
  world.now = new Date(died.getTime() + 30_000);
  const again = await startProcess(world, file);
  try {
    const run = await live(again);
    assert.equal((await again.store.verify(run.runId)).ok, true, 'the chain verifies');
    assert.deepEqual(await again.deps.state.list({ where: { kind: 'run', status: 'open' }, limit: 9 }), {
      items: [],
    });
    return { run, points, where };
  } finally {
    await again.store.close();
  }
}

const launchesOf = (world: Outside, job: string) =>
  [...world.jobs.values()].filter((launch) => launch.job === job).length;

const cases: { name: string; prepare(world: Outside): void; outcome: string }[] = [
  { name: 'the good case', prepare: () => undefined, outcome: 'succeeded' },
  {
    name: 'a remediation that fails and is rolled back',
    prepare: (world) => {
      world.results['recycle'] = 'failed';
    },
    outcome: 'rolled back',
  },
];

describe('a process that dies at any point', function () {
  this.timeout(120_000);
  for (const { name, prepare, outcome } of cases)
    it(`${name}: one remediation, one named end, whatever the point`, async () => {
      const places = new Set<string>();
      for (let at = 1; ; at++) {
        const temp = tempFile();
        const world = outside();
        prepare(world);
        try {
          const { run, where } = await liveWithCrash(world, temp.file, at);
          if (where === '') break;
          places.add(where);
          const said = `died at ${where}, the ${at}th point`;
          assert.ok(outcomes.includes(run.closed?.outcome ?? ('' as never)), `${said}: a named end`);
          assert.equal(run.closed?.outcome, outcome, said);
          assert.equal(launchesOf(world, 'recycle'), 1, `${said}: one remediation`);
          assert.equal(currentStep(run), undefined, said);
          const markers = [...world.notes.keys()].filter((key) => key.endsWith('ticket:closed]'));
          assert.equal(markers.length, 1, `${said}: the ticket learns the end once`);
          assert.ok(world.transcript.filter((line) => line.startsWith('post card')).length <= 2, said);
        } finally {
          temp.remove();
        }
      }
      for (const place of ['append', 'put', 'launch', 'poll', 'note', 'post', 'attach'])
        assert.ok(
          places.has(`before:${place}`) && places.has(`after:${place}`),
          `died before and after ${place}`,
        );
    });
});
