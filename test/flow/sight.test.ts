import assert from 'node:assert/strict';
import type { RunView } from '../../src/domain/view.ts';
import { handlers } from '../../src/flow/command.ts';
import { peopleDesk } from '../../src/flow/people-desk.ts';
import type { Target } from '../../src/ports.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

describe('the card of a run in progress', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let drive: (runId: string) => Promise<Date | undefined>;
  /** The cards drawn, with the second of the step each was drawn at. */
  let drawn: { at: number; view: RunView }[];
  let looks: number;
  let lines: () => string;

  const begin = async (change: Partial<Target> = {}) => {
    process = await startProcess(world, temp.file);
    const { deps } = process;
    const ops = deps.targets.get('ops') ?? assert.fail('no target');
    const seen: Target = {
      ...ops,
      tail: async () => {
        looks += 1;
        return lines();
      },
      link: () => 'https://ops.example/jobs/1',
      ...change,
    };
    const teams = deps.chat;
    const chat: typeof teams = {
      ...teams,
      update: async (ref, view) => {
        drawn.push({ at: (world.now.getTime() - f.T0.getTime()) / 1_000, view });
        await teams.update(ref, view);
      },
    };
    Object.assign(deps, { targets: new Map([['ops', seen]]), chat });
    ({ drive } = handlers(deps));
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await driveUntil(1);
    drawn.length = 0;
  };
  const driveUntil = async (seconds: number) => {
    for (;;) {
      const next = await drive(f.RUN);
      if (next === undefined || next.getTime() > f.T0.getTime() + seconds * 1_000) return;
      world.now = new Date(Math.max(world.now.getTime(), next.getTime()));
    }
  };

  beforeEach(() => {
    temp = tempFile();
    world = outside();
    world.results['snapshot'] = 'running';
    drawn = [];
    looks = 0;
    lines = () => `line ${looks}`;
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  it('shows what the job wrote last and where it is, no more often than every 15 s', async () => {
    await begin();
    const events = (await process.run()).entries.length;
    await driveUntil(100);
    assert.ok(drawn.length >= 4 && drawn.length <= 7, `${drawn.length} cards in 100 s`);
    const gaps = drawn.slice(1).map(({ at }, n) => at - (drawn[n]?.at ?? 0));
    assert.ok(Math.min(...gaps) >= 15, String(gaps));
    const { progress } = drawn.at(-1)?.view ?? {};
    assert.deepEqual([progress?.lines, progress?.link?.url], [`line ${looks}`, 'https://ops.example/jobs/1']);
    assert.equal((await process.run()).entries.length, events, 'nothing of it is in the record');
  });

  it('is not drawn again for a job that says nothing new, but once a minute', async () => {
    lines = () => 'still at it';
    await begin();
    await driveUntil(150);
    assert.ok(looks >= 7);
    assert.ok(drawn.length >= 2 && drawn.length <= 3, `${drawn.length} cards in 150 s`);
  });

  it('is the same for whoever asks for it', async () => {
    await begin();
    await driveUntil(30);
    const shown = await peopleDesk(process.deps).view(f.RUN);
    assert.equal(shown?.progress?.lines, `line ${looks}`);
  });

  it('shows nothing of it any more when the step has ended, and is not drawn after the run has', async () => {
    await begin();
    await driveUntil(30);
    world.results['snapshot'] = 'succeeded';
    await process.settle();
    const closed = drawn.findIndex(({ view }) => view.face === 'outcome');
    assert.equal(closed, drawn.length - 1, 'the outcome is drawn last');
    assert.equal(drawn[closed]?.view.progress, undefined);
    await drive(f.RUN);
    assert.equal(drawn.length - 1, closed);
    assert.equal(process.deps.sights.size, 0, 'nothing is kept of it');
  });

  for (const [what, change] of [
    ['the target gives no lines', { tail: async () => Promise.reject(new Error('no route')) }],
    ['the target had better not be asked', { tail: async () => undefined }],
  ] as const)
    it(`goes on without lines when ${what}`, async () => {
      await begin(change);
      await driveUntil(30);
      assert.deepEqual([drawn.at(-1)?.view.progress?.lines, drawn.length], ['', 1]);
      world.results['snapshot'] = 'succeeded';
      await process.settle();
      assert.equal((await process.run()).closed?.outcome, 'succeeded');
    });

  it('does no harm when it cannot be drawn', async () => {
    await begin();
    world.fault = (point) => {
      if (point === 'before:update' && world.results['snapshot'] === 'running') throw new Error('429');
    };
    await driveUntil(60);
    world.results['snapshot'] = 'succeeded';
    await process.settle();
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
  });

  it('is not delayed by a look at a job of a few seconds', async () => {
    await begin();
    await driveUntil(4);
    world.results['snapshot'] = 'succeeded';
    await process.settle();
    assert.equal(looks, 0);
  });
});
