import assert from 'node:assert/strict';
import type { ProbeMoment, ProbeResult } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const minutes = (n: number) => n * 60_000;
const metric = { query: 'up{job="shop"}', equals: 1, for: '5m' };
const catalogue = {
  runbooks: new Map([
    [
      'recycle',
      f.runbook({
        rollback: f.rollbackSteps,
        steps: {
          remediation: [{ id: 'recycle-pool', title: 'Recycle', target: 'ops', job: 'recycle' }],
          verification: [{ id: 'up', title: 'Up', prometheus: metric, timeout: '10m' }],
        },
      }),
    ],
  ]),
  policy: f.policy(),
};

describe('a probe that measures for longer than a drive may take', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let looks: { at: Date; moment: ProbeMoment }[];
  /** A metric that holds for as long as it is asked for, or never comes to a verdict. */
  let answer: (forMs: number, moment: ProbeMoment) => ProbeResult;
  const check = async (_probe: unknown, moment: ProbeMoment): Promise<ProbeResult> => {
    looks.push({ at: world.now, moment });
    return answer(world.now.getTime() - moment.since.getTime(), moment);
  };
  const holding = (forMs: number, { since }: ProbeMoment): ProbeResult =>
    forMs >= minutes(5)
      ? { healthy: true, summary: 'it held', checks: [] }
      : { healthy: false, summary: 'too early', checks: [], again: new Date(since.getTime() + minutes(5)) };
  const start = async () => {
    process = await startProcess(world, temp.file, { catalogue, probe: { check } });
  };
  /** Drives until the probe was looked at, without moving the clock past the first look. */
  const looked = async () => {
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    for (let turn = 0; turn < 20 && looks.length === 0; turn++)
      await process.settle(f.RUN, 1).catch(() => undefined);
  };
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    looks = [];
    answer = holding;
    await start();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const verdicts = async () =>
    (await process.run()).entries.flatMap((e) =>
      e.type === 'step-finished' && e.data.step === 'up' ? [e.data] : [],
    );

  it('does not hold a drive: the run is woken when there may be a verdict', async () => {
    await looked();
    assert.deepEqual(await verdicts(), []);
    const [first] = looks;
    assert.equal(
      world.now.getTime(),
      (first?.moment.since.getTime() ?? 0) + minutes(5),
      'the drive asked to be woken then',
    );
    await process.settle();
    assert.deepEqual(
      (await verdicts()).map(({ result, detail }) => [result, detail]),
      [['succeeded', 'it held']],
    );
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
  });

  it('is asked the same each time, from the end of the change to the deadline', async () => {
    await looked();
    await process.settle();
    const { startedAt, deadline } =
      (await process.run()).steps.find(({ id }) => id === 'up') ?? assert.fail();
    for (const { moment } of looks) {
      assert.deepEqual(moment, looks[0]?.moment);
      assert.deepEqual([moment.since, moment.until], [new Date(startedAt), new Date(deadline)]);
      assert.ok(moment.before !== undefined && moment.before <= moment.since);
    }
    assert.ok(looks.length >= 2);
  });

  it('is looked at again by a process that was started in between, and comes to one verdict', async () => {
    await looked();
    await process.store.close();
    await start();
    await process.settle();
    assert.deepEqual(
      (await verdicts()).map(({ result }) => result),
      ['succeeded'],
    );
  });

  it('has failed when there is no verdict by the deadline, whatever the probe would like', async () => {
    answer = () => ({
      healthy: false,
      summary: 'no data',
      checks: [],
      again: new Date(world.now.getTime() + minutes(60)),
    });
    await looked();
    await process.settle();
    assert.deepEqual(
      (await verdicts()).map(({ result, detail }) => [result, detail]),
      [['failed', 'no data']],
    );
    const { steps, closed } = await process.run();
    const { deadline } = steps.find(({ id }) => id === 'up') ?? assert.fail();
    assert.equal(looks.at(-1)?.at.toISOString(), deadline);
    assert.equal(closed?.outcome, 'rolled back');
  });

  it('is not looked at more often because ServiceNow is slow to take a note', async () => {
    const { promise: answered, resolve: answerNote } = Promise.withResolvers<void>();
    world.slow = (point) => (point === 'note' ? answered : Promise.resolve());
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    const driven = process.settle(f.RUN, 1).catch(() => undefined);
    for (let n = 0; n < 500 && looks.length === 0; n++) await new Promise((later) => setTimeout(later, 10));
    await new Promise((later) => setTimeout(later, 1_000));
    assert.equal(looks.length, 1);
    answerNote();
    await driven;
  });

  it('ends when somebody cancels, and says that it was not certain', async () => {
    await looked();
    await process.command(f.command('cancel', f.olivia, { reason: 'it is night' }));
    const at = world.now;
    answer = (...question) => ({ ...holding(0, question[1]) });
    await process.settle();
    assert.equal(world.now, at, 'nobody waited');
    assert.deepEqual(
      (await verdicts()).map(({ result }) => result),
      ['cancelled'],
    );
    const { closed } = await process.run();
    assert.equal(closed?.outcome, 'cancelled');
    assert.match(closed?.reason ?? '', /the remediation had finished; it was not verified/);
  });
});
