import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import type { Launch, Target } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

type Preflight = NonNullable<Target['preflight']>;
const yes = { ok: true } as const;
const no = {
  ok: false,
  reason: 'the template would ignore pool',
  fix: 'Tick "Prompt on launch" for it.',
} as const;
/** Diagnostics that may fail, then the change. */
const mayFail = {
  diagnostics: [{ id: 'snapshot', title: 'Snapshot', target: 'ops', job: 'snapshot', optional: true }],
  remediation: [{ id: 'recycle-pool', title: 'Recycle', target: 'ops', job: 'recycle' }],
  verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/' } }],
};

describe('the preflight of a run', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  const asked: Launch[] = [];
  const begin = async (preflight: Preflight, steps?: Record<string, unknown>) => {
    const runbook = f.runbook({ rollback: f.rollbackSteps, ...steps });
    const catalogue = { runbooks: new Map([['recycle', runbook]]), policy: f.policy() };
    process = await startProcess(world, temp.file, { catalogue });
    const ops = process.deps.targets.get('ops') ?? assert.fail('no target');
    const checked: Target = {
      ...ops,
      preflight: async (launch) => {
        asked.push(launch);
        return preflight(launch);
      },
    };
    const targets = new Map([['ops', checked]]);
    Object.assign(process.deps, { targets });
  };
  const run = async () => {
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    return process.run();
  };
  const launches = () => world.transcript.filter((line) => line.startsWith('launch '));
  beforeEach(() => {
    temp = tempFile();
    world = outside();
    asked.length = 0;
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('asks once for all the plan may launch, with its values, before anything is launched', async () => {
    const before: number[] = [];
    await begin(async () => {
      before.push(world.jobs.size);
      return yes;
    });
    assert.equal((await run()).closed?.outcome, 'succeeded');
    assert.deepEqual(asked.map(({ job }) => job).sort(), ['recycle', 'restore', 'snapshot']);
    assert.deepEqual(before, [0, 0, 0]);
    const { parameters, runId } = asked.find(({ job }) => job === 'recycle') ?? assert.fail();
    assert.deepEqual([parameters, runId], [{ pool: 'shop' }, f.RUN]);
  });

  it('asks for all side by side', async () => {
    const all = Promise.withResolvers<typeof yes>();
    await begin(() => {
      if (asked.length === 3) all.resolve(yes);
      return all.promise;
    });
    assert.equal((await run()).closed?.outcome, 'succeeded');
  });

  for (const job of ['snapshot', 'recycle', 'restore'])
    it(`launches nothing when ${job} would not be taken as it is, and says why and what to do`, async () => {
      await begin(async (launch) => (launch.job === job ? no : yes));
      const { closed, steps } = await run();
      assert.deepEqual(launches(), []);
      assert.deepEqual(
        steps.map(({ id, result }) => [id, result]),
        [['snapshot', 'not-started']],
      );
      assert.equal(closed?.outcome, 'automation failed');
      assert.match(closed.reason, /would ignore pool. Tick "Prompt on launch" for it.; nothing was changed/);
      assert.ok(
        world.transcript.some((line) => line.startsWith('note: Automation failed') && line.endsWith('[L3]')),
      );
    });

  it('names the step that could not be launched when it is another one', async () => {
    await begin(async (launch) => (launch.job === 'recycle' ? no : yes));
    assert.match(
      (await run()).closed?.reason ?? '',
      /^Snapshot: Recycle could not be launched: the template/,
    );
  });

  it('launches nothing when the target of a later step does not answer', async () => {
    const fix = 'Look at ops.';
    const down = new AppError({
      code: 'target-unreachable',
      message: 'ops did not answer',
      fix,
      retryable: true,
    });
    await begin(async (launch) => {
      if (launch.job === 'recycle') throw down;
      return yes;
    });
    const { closed } = await run();
    assert.deepEqual([launches(), closed?.outcome], [[], 'automation failed']);
    assert.match(closed?.reason ?? '', /ops did not answer. Look at ops.; nothing was changed/);
  });

  it('launches nothing when the target of a later step is not configured', async () => {
    const restore = { id: 'restore', title: 'Restore', target: 'gone', job: 'restore' };
    await begin(async () => yes, { rollback: { steps: [restore] } });
    const { closed } = await run();
    assert.deepEqual([launches(), closed?.outcome], [[], 'automation failed']);
    assert.match(closed?.reason ?? '', /target gone is not configured/);
  });

  it('lets diagnostics that may fail speak for themselves alone, and asks anew before the change', async () => {
    await begin(async (launch) => (launch.job === 'snapshot' ? no : yes), { steps: mayFail });
    const { closed, steps: done } = await run();
    assert.equal(closed?.outcome, 'succeeded');
    assert.deepEqual(launches(), ['launch recycle']);
    assert.equal(done[0]?.result, 'not-started');
    assert.equal(asked.filter(({ job }) => job === 'recycle').length, 2);
  });

  it('does not begin a change that would not be taken after optional diagnostics were not', async () => {
    await begin(async () => no, { steps: mayFail });
    const { closed } = await run();
    assert.deepEqual([launches(), closed?.outcome], [[], 'automation failed']);
  });
});
