import assert from 'node:assert/strict';
import { withPacing } from '../../src/adapters/automation/pacing.ts';
import { currentStep } from '../../src/domain/run.ts';
import { handlers } from '../../src/flow/command.ts';
import type { JobStatus, Target } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

type Asked = { readonly at: number; readonly urgent: boolean };

describe('the polls of a step', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  /** Moments at which the target was asked how a job is, in seconds after the start of the step. */
  let polls: number[];
  let turns: Asked[];
  let answer: (state: JobStatus) => JobStatus;
  let startedAt = 0;

  const begin = async (wrap: (target: Target) => Target = (target) => target) => {
    process = await startProcess(world, temp.file);
    const ops = process.deps.targets.get('ops') ?? assert.fail('no target');
    const counted: Target = {
      ...ops,
      poll: async (id) => {
        polls.push((world.now.getTime() - startedAt) / 1_000);
        return answer(await ops.poll(id));
      },
    };
    Object.assign(process.deps, { targets: new Map([['ops', wrap(counted)]]) });
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    startedAt = world.now.getTime();
  };
  const drive = () => handlers(process.deps).drive(f.RUN);
  /** Drives until a time, as an engine that is never late. */
  const driveUntil = async (seconds: number): Promise<Date> => {
    for (;;) {
      const next = (await drive()) ?? assert.fail('the run ended');
      if (next.getTime() > startedAt + seconds * 1_000) return next;
      world.now = new Date(Math.max(world.now.getTime(), next.getTime()));
    }
  };

  beforeEach(() => {
    temp = tempFile();
    world = outside();
    polls = [];
    turns = [];
    world.results['snapshot'] = 'running';
    answer = (status) => status;
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('are made once a turn, however often the run is driven', async () => {
    await begin((target) => withPacing(target, process.deps.clock));
    await driveUntil(3);
    const made = polls.length;
    for (let n = 0; n < 5; n += 1) await drive();
    assert.equal(polls.length, made);
    assert.equal(new Set(polls).size, polls.length, `one at a time: ${polls}`);
  });

  it('are made when the target gives the job its turn', async () => {
    const next = new Date(f.T0.getTime() + 20_000);
    await begin((target) => ({
      ...target,
      turn: (_id, { at, urgent }) => {
        turns.push({ at: (at.getTime() - startedAt) / 1_000, urgent });
        return at < next ? next : undefined;
      },
    }));
    assert.deepEqual(await driveUntil(0), next);
    assert.deepEqual([polls, turns[0]], [[], { at: 0, urgent: false }]);
    world.now = next;
    await drive();
    assert.ok(polls.length > 0);
  });

  it('become rare with the age of the job', async () => {
    await begin((target) => withPacing(target, process.deps.clock));
    const { deadline } = await currentOf();
    const limit = (Date.parse(deadline) - startedAt) / 1_000;
    await driveUntil(limit - 1);
    const gaps = polls.slice(1).map((at, n) => at - (polls[n] ?? 0));
    assert.ok(gaps[0] !== undefined && gaps[0] < 1, `quick at first: ${gaps}`);
    assert.ok(Math.max(...gaps) <= 30.2 && Math.max(...gaps) >= 5, `patient later: ${gaps}`);
    assert.ok(polls.length < 20 + limit / 5, `${polls.length} polls in ${limit} s`);
  });

  it('come at the deadline, whatever the target would like', async () => {
    await begin((target) => withPacing(target, process.deps.clock));
    answer = (status) => ({ ...status, pollAfterMs: 3_600_000 });
    const { deadline } = await currentOf();
    const next = await driveUntil((Date.parse(deadline) - startedAt) / 1_000 - 1);
    assert.ok(Math.abs(next.getTime() - Date.parse(deadline)) <= 200);
  });

  it('are urgent once the job has to stop, which it is told at once', async () => {
    await begin((target) =>
      withPacing(
        {
          ...target,
          cancel: async (id) => {
            world.transcript.push(`stop after ${(world.now.getTime() - startedAt) / 1_000} s`);
            await target.cancel(id);
          },
        },
        process.deps.clock,
      ),
    );
    answer = (status) => ({ ...status, pollAfterMs: 60_000 });
    await driveUntil(5);
    world.now = new Date(startedAt + 5_000);
    await process.command(f.command('cancel', f.olivia, { reason: 'wrong server' }));
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'cancelled');
    assert.ok(world.transcript.includes('stop after 5 s'));
  });

  it('wait for nobody when the job should have stopped long ago', async () => {
    await begin((target) => ({ ...target, turn: () => new Date(world.now.getTime() + 3_600_000) }));
    await drive();
    const { deadline } = await currentOf();
    world.now = new Date(Date.parse(deadline) + 60_001);
    await process.settle();
    const { closed, steps } = await process.run();
    assert.equal(steps[0]?.detail, 'ops did not stop it in time');
    assert.equal(closed?.outcome, 'automation failed');
    assert.ok(polls.length > 0);
  });

  it('go on after a restart, and one that failed is made again', async () => {
    await begin((target) => withPacing(target, process.deps.clock));
    await driveUntil(3);
    await process.store.close();
    const before = polls.length;
    process = await startProcess(world, temp.file);
    let fails = true;
    const ops = process.deps.targets.get('ops') ?? assert.fail('no target');
    const shaky: Target = {
      ...ops,
      poll: async (id) => {
        polls.push(0);
        if (!fails) return ops.poll(id);
        fails = false;
        throw new Error('connection reset');
      },
    };
    const targets = new Map([['ops', withPacing(shaky, process.deps.clock)]]);
    Object.assign(process.deps, { targets });
    await drive();
    world.results['snapshot'] = 'succeeded';
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
    assert.ok(polls.length > before + 1);
  });

  async function currentOf() {
    await drive();
    return currentStep(await process.run()) ?? assert.fail('no step is running');
  }
});
