import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../../src/domain/errors.ts';
import type { JobStatus, Launch, Target } from '../../src/ports.ts';

/** What a target's test gives to the contract: the adapter, a world behind it, and the means to disturb that world. */
export type TargetWorld = {
  readonly target: Target;
  /** The same adapter with nothing listening at its address. */
  readonly downTarget: Target;
  readonly jobs: {
    readonly succeeds: string;
    /** Its reason has to be in the status detail or in the log: `failureText`. */
    readonly fails: string;
    /** Runs until it is cancelled. */
    readonly waits: string;
    /** The target has no such job. */
    readonly missing: string;
  };
  readonly failureText: string;
  /** A line the `succeeds` job logs. */
  readonly logText: string;
  /** How many jobs were really started with this execution id. */
  started(executionId: string): Promise<number>;
  /** From now on launches are carried out, but their answers are lost; until `recover`. */
  loseAnswers(): Promise<void>;
  /** From now on every job's status reads as something the target's documentation does not know; until `recover`. */
  undocumentedStatus(externalId: string): Promise<void>;
  recover(): Promise<void>;
  close(): Promise<void>;
};

/** Polls until the job is over; fails the test after ten seconds. */
export async function ended(target: Target, externalId: string): Promise<JobStatus> {
  for (let n = 0; n < 500; n += 1) {
    const status = await target.poll(externalId);
    if (status.state !== 'queued' && status.state !== 'running') return status;
    await delay(20);
  }
  throw new assert.AssertionError({ message: `the job ${externalId} did not end` });
}

export const launchOf = (job: string, parameters: Launch['parameters'] = {}): Launch => ({
  job,
  parameters,
  executionId: randomUUID(),
  runId: '01JD0000000000000000000000',
});

/** The AppError a call throws; fails the test when it does not throw one, or one with another code. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, `expected an AppError, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.ok(error.fix.length > 20, 'an error says what to do');
  return error;
}

/** What every automation target has to do, whatever system is behind it. */
export function targetContract(name: string, setup: () => Promise<TargetWorld>): void {
  describe(`${name} as a target`, () => {
    let world: TargetWorld;
    beforeEach(async () => {
      world = await setup();
    });
    afterEach(() => world.close());

    it('launches a job and reports that it succeeded', async () => {
      const { target, jobs } = world;
      const launch = launchOf(jobs.succeeds);
      const { externalId } = await target.launch(launch);
      const end = await ended(target, externalId);
      assert.equal(end.state, 'succeeded');
      assert.equal(end.externalId, externalId);
      assert.equal(await world.started(launch.executionId), 1);
    });

    it('reports that a job failed and why', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.fails));
      const end = await ended(target, externalId);
      assert.equal(end.state, 'failed');
      const { text } = await target.log(externalId);
      assert.match(`${end.detail} ${text}`, new RegExp(world.failureText));
    });

    it('cancels a running job', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.waits));
      await target.cancel(externalId);
      assert.equal((await ended(target, externalId)).state, 'canceled');
    });

    it('takes the cancellation of a job that is over for no error', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.succeeds));
      await ended(target, externalId);
      await target.cancel(externalId);
      assert.equal((await target.poll(externalId)).state, 'succeeded');
    });

    it('finds a job by its execution id after the answer to the launch was lost', async () => {
      const { target, jobs } = world;
      const launch = launchOf(jobs.waits);
      await world.loseAnswers();
      const error = await refused(target.launch(launch), 'target-unreachable');
      assert.equal(error.maybeApplied, true, 'the job may exist');
      await world.recover();
      const found = await target.find(launch.executionId);
      assert.ok(found, 'the job is found');
      assert.ok(['queued', 'running'].includes(found.state));
      assert.equal(await world.started(launch.executionId), 1);
      await target.cancel(found.externalId);
    });

    it('finds nothing for an execution id that was never launched', async () => {
      await world.target.launch(launchOf(world.jobs.succeeds));
      assert.equal(await world.target.find(randomUUID()), undefined);
    });

    it('starts one job for two launches with one execution id, if it calls itself idempotent', async function () {
      const { target, jobs } = world;
      if (!target.idempotent) this.skip();
      const launch = launchOf(jobs.succeeds);
      const [first, second] = await Promise.all([target.launch(launch), target.launch(launch)]);
      const third = await target.launch(launch);
      assert.deepEqual([second.externalId, third.externalId], [first.externalId, first.externalId]);
      assert.equal(await world.started(launch.executionId), 1);
    });

    it('starts two jobs for two execution ids with equal parameters', async () => {
      const { target, jobs } = world;
      const first = await target.launch(launchOf(jobs.succeeds));
      const second = await target.launch(launchOf(jobs.succeeds));
      assert.notEqual(first.externalId, second.externalId);
    });

    it('says that a job the target does not have was certainly not started', async () => {
      const error = await refused(world.target.launch(launchOf(world.jobs.missing)), 'target-refused');
      assert.equal(error.maybeApplied, false);
      assert.equal(error.retryable, false);
      assert.match(error.message, new RegExp(world.jobs.missing));
    });

    it('says that nothing was started when nothing listens at the target', async () => {
      const error = await refused(
        world.downTarget.launch(launchOf(world.jobs.succeeds)),
        'target-unreachable',
      );
      assert.equal(error.maybeApplied, false);
      assert.equal(error.retryable, true);
      assert.match(error.message, new RegExp(world.downTarget.name));
    });

    it('reports a status that is not documented as unknown', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.waits));
      await world.undocumentedStatus(externalId);
      assert.equal((await target.poll(externalId)).state, 'unknown');
      await world.recover();
      await target.cancel(externalId);
    });

    it('reports a job that the target has forgotten as unknown', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.succeeds));
      const other = externalId.replace(/[0-9]/g, (digit) => String(9 - Number(digit)));
      assert.equal((await target.poll(other)).state, 'unknown');
    });

    it('gives the log of a job from its start', async () => {
      const { target, jobs } = world;
      const { externalId } = await target.launch(launchOf(jobs.succeeds));
      await ended(target, externalId);
      const log = await target.log(externalId);
      assert.match(log.text, new RegExp(world.logText));
      assert.equal(log.truncated, false);
    });
  });
}
