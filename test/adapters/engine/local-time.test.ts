import assert from 'node:assert/strict';
import { localEngine } from '../../../src/adapters/engine/local.ts';
import type { Engine } from '../../../src/ports.ts';
import { manualTime } from '../../fakes/engine-clock.ts';
import { type RecordedHandlers, recordedHandlers } from '../../fakes/engine-handlers.ts';

const day = 86_400_000;

describe('the local engine over time', () => {
  let time: ReturnType<typeof manualTime>;
  let errors: unknown[];
  let engine: Engine;
  const inMs = (ms: number): Date => new Date(time.now().getTime() + ms);

  async function started(drive?: RecordedHandlers['drive'], openRuns?: RecordedHandlers['openRuns']) {
    const handlers = recordedHandlers({ ...(drive && { drive }), ...(openRuns && { openRuns }) });
    await engine.start(handlers);
    return handlers;
  }

  beforeEach(() => {
    time = manualTime();
    errors = [];
    engine = localEngine({
      clock: time,
      timers: time,
      reconcileEveryMs: 400 * day,
      onError: (error) => errors.push(error),
      stopWithinMs: 10_000,
    });
  });

  it('wakes a run after more days than one process timer can wait', async () => {
    const handlers = await started();
    await engine.wake('r', inMs(60 * day));
    await time.advance(60 * day - 1);
    assert.equal(handlers.of('r').length, 0);
    await time.advance(1);
    assert.equal(handlers.of('r').length, 1);
    assert.ok(time.asked.slice(1).every((ms) => ms < 2 ** 31));
  });

  it('keeps one timer a run, for the earliest time', async () => {
    const handlers = await started();
    const idle = time.pending();
    for (const ms of [5000, 3000, 4000, 9000]) await engine.wake('r', inMs(ms));
    assert.equal(time.pending(), idle + 1);
    await time.advance(3000);
    assert.equal(handlers.of('r').length, 1);
    await time.advance(day);
    assert.equal(handlers.of('r').length, 1);
  });

  it('looks for open runs every so often', async () => {
    const handlers = await started(undefined, async () => ['r']);
    await time.advance(0);
    await time.advance(400 * day);
    assert.equal(handlers.of('r').length, 2);
  });

  it('leaves no timer behind when it stops', async () => {
    await started(async () => inMs(1000));
    await engine.wake('r');
    await engine.wake('s', inMs(5000));
    await time.advance(0);
    await engine.stop();
    assert.equal(time.pending(), 0);
  });

  it('stops in bounded time although a drive hangs, and says so', async () => {
    await started(() => new Promise(() => undefined));
    await engine.wake('r');
    const stopped = engine.stop();
    await time.advance(10_000);
    await stopped;
    assert.match(String(errors[0]), /still in progress 10000 ms after the stop/);
  });

  it('arms nothing for a drive that ends after the stop', async () => {
    const release = Promise.withResolvers<void>();
    await started(async () => {
      await release.promise;
      return inMs(1000);
    });
    await engine.wake('r');
    const stopped = engine.stop();
    release.resolve();
    await stopped;
    assert.deepEqual([time.pending(), errors], [0, []]);
  });
});
