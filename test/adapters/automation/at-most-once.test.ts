import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../../src/domain/errors.ts';
import type { Target } from '../../../src/ports.ts';
import { launchOf } from '../../contract/target.ts';
import { azureWorld } from './azure-automation-world.ts';
import { option, rundeckWorld } from './rundeck-world.ts';

/** What can go wrong with one request; a lost answer is the worst, so it comes more often. */
const fault = fc.constantFrom(
  { dropAnswer: true },
  { dropAnswer: true },
  { dropAnswer: true },
  { dropAnswer: true },
  { status: 429 },
  { status: 429, headers: { 'retry-after': '60' } },
  { status: 500 },
  { status: 502 },
  { status: 503, body: '<h1>Maintenance</h1>' },
  { status: 401 },
  { status: 404 },
  { status: 409 },
  { status: 200, body: '<h1>Sign in</h1>' },
  { status: 302 },
);
const faults = fc.array(fc.record({ method: fc.constantFrom('GET', 'POST', 'PUT', 'POST', 'PUT'), fault }), {
  maxLength: 6,
});

const failed = (call: Promise<unknown>): Promise<AppError | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof AppError, String(error));
      return error;
    },
  );

type World = {
  readonly target: Target;
  readonly faults: { arm(one: object): Promise<void>; clear(): Promise<void> };
  readonly started: () => number;
};

/** Launches while requests go wrong; what the error says has to be true, and a search afterwards has to find the job. */
async function launchedAmidst(
  world: World,
  job: string,
  armed: readonly { method: string; fault: object }[],
) {
  const before = world.started();
  const launch = launchOf(job);
  for (const one of armed) await world.faults.arm({ method: one.method, path: '/', ...one.fault });
  const error = await failed(world.target.launch(launch));
  await world.faults.clear();
  const found = await world.target.find(launch.executionId);
  const started = world.started() - before;
  assert.equal(started, found === undefined ? 0 : 1);
  if (error === undefined) assert.equal(started, 1);
  if (error?.maybeApplied === false) assert.equal(started, 0);
  return { launch, before };
}

describe('Whatever goes wrong with the requests of a launch', () => {
  it('Rundeck starts at most one execution, and it is found', async () => {
    let started = 0;
    const count = async () => {
      started += 1;
    };
    const world = await rundeckWorld([
      { name: 'Recycle', multipleExecutions: true, script: count, options: [{ name: option }] },
    ]);
    const seen = { ...world, started: () => started };
    await fc.assert(
      fc.asyncProperty(faults, async (armed) => void (await launchedAmidst(seen, 'ops/Recycle', armed))),
      { numRuns: 60 },
    );
    await world.close();
  });

  it('Azure Automation starts at most one job, and one in all when it is asked again', async () => {
    let started = 0;
    const count = async () => {
      started += 1;
    };
    const world = await azureWorld([{ name: 'Recycle', script: count }]);
    const seen = { ...world, started: () => started };
    await fc.assert(
      fc.asyncProperty(faults, async (armed) => {
        const { launch, before } = await launchedAmidst(seen, 'Recycle', armed);
        await world.target.launch(launch);
        // the job starts after its creation was answered
        await world.target.find(launch.executionId);
        assert.equal(started - before, 1);
      }),
      { numRuns: 60 },
    );
    await world.close();
  });
});
