import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import { codeOf, type Run, stateOf } from '../../src/domain/run.ts';
import { peopleDesk } from '../../src/flow/people-desk.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { proposeRun } from '../../src/flow/propose.ts';
import * as f from '../fakes/domain.ts';
import { Crash, type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const origin = { conversation: 'conv', activity: 'act' };
const approve = f.command('approve', f.arne, {});
const settle = f.command('settle', f.mia, { word: 'did-not-run', reason: 'no such job' });

/** A target that does not answer a launch of this job; `gone` says whether it may have run all the same. */
function loses(world: Outside, process: Process, job: string, gone: 'unknown' | 'down') {
  const target = process.deps.targets.get('ops');
  assert.ok(target);
  const { launch } = target;
  const lost = { broken: true };
  Object.assign(target, {
    idempotent: gone === 'down',
    launch: async (one: Parameters<typeof launch>[0]) => {
      if (!lost.broken || one.job !== job) return launch(one);
      const what = {
        code: 'target-unreachable',
        message: 'ops did not answer',
        fix: 'Wait.',
        retryable: true,
      } as const;
      throw new AppError({ ...what, ...(gone === 'unknown' ? { maybeApplied: true } : {}) });
    },
  });
  world.now = f.T0;
  return lost;
}

async function proposed(process: Process, world: Outside): Promise<string> {
  const asked = await proposeRun(process.deps, {
    incident: world.incident,
    runbook: 'recycle',
    by: f.olivia,
    origin,
    reason: 'asked for',
    again: true,
  });
  return asked.runId;
}

/** A run whose remediation got no answer, as it ended. */
async function lost(process: Process, world: Outside, gone: 'unknown' | 'down' = 'unknown') {
  const target = loses(world, process, 'recycle', gone);
  const runId = await proposed(process, world);
  await process.command(approve, runId);
  await process.settle(runId);
  return { runId, target };
}

async function staged<T>(work: (process: Process, world: Outside) => Promise<T>): Promise<T> {
  const temp = tempFile();
  const world = outside();
  const process = await startProcess(world, temp.file);
  try {
    return await work(process, world);
  } finally {
    await process.store.close();
    temp.remove();
  }
}

const nextOf = ({ continued }: Run): string => continued?.runId ?? '';
const launches = (world: Outside): string[] => world.transcript.filter((line) => line.startsWith('launch'));

describe('going on with a run that has ended', () => {
  it('waits in the list for a word, and runs what is left once that is given, approved and checked', () =>
    staged(async (process, world) => {
      const { runId, target } = await lost(process, world);
      assert.equal((await process.run(runId)).closed?.outcome, 'outcome unknown');
      assert.deepEqual(await openRuns(process.deps), [runId]);
      const desk = peopleDesk(process.deps);
      assert.deepEqual(
        (await desk.unsettled(9)).map(({ code }) => code),
        [codeOf(runId)],
      );
      assert.deepEqual(await desk.open(9), []);

      assert.equal((await process.command(settle, runId)).ok, true);
      await process.settle(runId);
      assert.deepEqual(await openRuns(process.deps), [], 'the word was told');
      assert.deepEqual(await desk.unsettled(9), []);

      target.broken = false;
      const continued = await desk.continue(runId, f.olivia, origin);
      assert.ok(continued.ok);
      const next = nextOf(await process.run(runId));
      assert.equal(continued.runId, next);
      await process.settle(runId);
      await process.settle(next);
      assert.equal(stateOf(await process.run(next)), 'awaiting-approval');
      assert.equal((await process.command(approve, next)).ok, true);
      await process.settle(next);
      assert.equal((await process.run(next)).closed?.outcome, 'succeeded');
      assert.deepEqual(launches(world), ['launch snapshot', 'launch recycle']);
      assert.ok(
        world.transcript.some((line) => line.startsWith('note: Recycle') && line.endsWith('[resolved]')),
      );
      assert.deepEqual(await openRuns(process.deps), []);
      const claim = await process.deps.state.get(`claim:${'a'.repeat(32)}`, 'recycle');
      assert.equal(claim?.item.body, next);
    }));

  it('tries a target again that was down, when it is back', () =>
    staged(async (process, world) => {
      const { runId, target } = await lost(process, world, 'down');
      assert.equal((await process.run(runId)).closed?.outcome, 'automation failed');
      target.broken = false;
      const continued = await peopleDesk(process.deps).continue(runId, f.olivia, origin);
      assert.ok(continued.ok);
      await process.command(approve, continued.runId);
      await process.settle(continued.runId);
      assert.equal((await process.run(continued.runId)).closed?.outcome, 'succeeded');
      assert.deepEqual(launches(world), ['launch snapshot', 'launch recycle']);
    }));

  it('is held back by no cooldown, count or rate of its own', () =>
    staged(async (process, world) => {
      const policy = f.policy({ limits: { perHour: 1 }, flapping: { runs: 2, within: '6h' } });
      const runbooks = new Map([['recycle', f.runbook()]]);
      Object.assign(process.deps.catalogue, { policy, runbooks });
      world.results['recycle'] = 'failed';
      const runId = await proposed(process, world);
      await process.command(approve, runId);
      await process.settle(runId);
      assert.equal((await process.run(runId)).closed?.outcome, 'remediation failed');
      world.results['recycle'] = 'succeeded';
      const continued = await peopleDesk(process.deps).continue(runId, f.olivia, origin);
      assert.ok(continued.ok);
      assert.deepEqual(await process.command(approve, continued.runId), { ok: true, changed: true });
      await process.settle(continued.runId);
      assert.equal((await process.run(continued.runId)).closed?.outcome, 'succeeded');
      assert.deepEqual(launches(world), ['launch snapshot', 'launch recycle', 'launch recycle']);
    }));

  it('makes one run, however often and by whomever it is asked for', () =>
    staged(async (process, world) => {
      const { runId } = await lost(process, world, 'down');
      const desk = peopleDesk(process.deps);
      const all = await Promise.all(
        [f.olivia, f.olivia, f.mia].map((by) => desk.continue(runId, by, origin)),
      );
      all.push(await desk.continue(runId, f.mia, origin));
      const runs = new Set(all.map((one) => (one.ok ? one.runId : one.message)));
      assert.deepEqual([...runs], [nextOf(await process.run(runId))]);
      assert.equal(
        (await proposed(process, world)) === nextOf(await process.run(runId)),
        true,
        'it is the claimed one',
      );
    }));

  it('says why it cannot be, and asks for nothing', () =>
    staged(async (process, world) => {
      const { runId } = await lost(process, world);
      const answer = await peopleDesk(process.deps).continue(runId, f.olivia, origin);
      assert.ok(!answer.ok);
      assert.match(answer.nextAction, /settle .* ran/);
      const { continued } = await process.run(runId);
      assert.equal(continued, undefined);
    }));

  it('proposes it later when ServiceNow cannot be read, and says so at once', () =>
    staged(async (process, world) => {
      const { runId } = await lost(process, world, 'down');
      const { incident } = process.deps.itsm;
      let asked = 0;
      const away = async (...about: Parameters<typeof incident>) => {
        asked += 1;
        // the first look is that of the run that ended
        if (asked === 1) return incident(...about);
        throw new AppError({ code: 'itsm-unreachable', message: 'no answer', fix: 'Wait.', retryable: true });
      };
      Object.assign(process.deps.itsm, { incident: away });
      const answer = await peopleDesk(process.deps).continue(runId, f.olivia, origin);
      assert.ok(!answer.ok);
      assert.match(answer.message, /no answer/);
      Object.assign(process.deps.itsm, { incident });
      await process.settle(runId);
      assert.equal(stateOf(await process.run(nextOf(await process.run(runId)))), 'awaiting-approval');
    }));
});

/** Everything from the word on: settled, continued, approved, driven. Each is asked again by whoever got no answer. */
async function goOn(process: Process, runId: string): Promise<Run> {
  await process.recover();
  await process.command(settle, runId);
  await process.settle(runId);
  const continued = await peopleDesk(process.deps).continue(runId, f.olivia, origin);
  assert.ok(continued.ok, 'it may be continued');
  const { runId: next } = continued;
  await process.settle(runId);
  await process.settle(next);
  if (stateOf(await process.run(next)) === 'awaiting-approval') await process.command(approve, next);
  await process.settle(next);
  return process.run(next);
}

/** Dies at the nth point after the first end, and is started again. */
async function goOnWithCrash(
  at: number,
): Promise<{ where: string; outcome: string; world: Outside; runs: number }> {
  const temp = tempFile();
  const world = outside();
  const process = await startProcess(world, temp.file);
  const { runId, target } = await lost(process, world);
  target.broken = false;
  let points = 0;
  let where = '';
  let died = world.now;
  world.fault = (point) => {
    points += 1;
    if (points < at) return;
    if (where === '') died = world.now;
    where ||= point;
    throw new Crash(point);
  };
  let done: Run | undefined;
  try {
    done = await goOn(process, runId);
  } catch (error) {
    if (where === '') throw error;
  } finally {
    await process.store.close();
  }
  world.fault = () => undefined;
  // what the dead still seems to do takes no time
  if (where !== '') world.now = new Date(died.getTime() + 30_000);
  const again = await startProcess(world, temp.file);
  try {
    await again.recover();
    const { continued } = await again.run(runId);
    if (continued) assert.equal((await again.run(continued.runId)).proposal?.resumes?.runId, runId, where);
    if (where !== '') done = await goOn(again, runId);
    const heads = await again.deps.log.find({ where: { type: 'run-proposed' }, limit: 9 });
    assert.deepEqual(await openRuns(again.deps), [], `died at ${where}: everybody has been told`);
    return { where, outcome: done?.closed?.outcome ?? '', world, runs: heads.length };
  } finally {
    await again.store.close();
    temp.remove();
  }
}

describe('a process that dies at any point of going on', function () {
  this.timeout(120_000);

  it('makes one more run, with one remediation and one end, whatever the point', async () => {
    const places = new Set<string>();
    for (let at = 1; ; at++) {
      const { where, outcome, world, runs } = await goOnWithCrash(at);
      if (where === '') break;
      places.add(where);
      const said = `died at ${where}, the ${at}th point`;
      assert.equal(outcome, 'succeeded', said);
      assert.equal(runs, 2, said);
      assert.deepEqual(launches(world), ['launch snapshot', 'launch recycle'], said);
      assert.equal([...world.notes.keys()].filter((key) => key.endsWith('ticket:settled]')).length, 1, said);
    }
    for (const place of [
      'before:append',
      'after:append',
      'before:put',
      'after:put',
      'before:note',
      'after:launch',
    ])
      assert.ok(places.has(place), `died ${place}`);
  });
});
