import assert from 'node:assert/strict';
import { steadyDrive } from '../../../src/adapters/engine/steady-drive.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { manualTime } from '../../fakes/engine-clock.ts';

const never = new Promise<undefined>(() => undefined);

describe('a steady drive', () => {
  let time: ReturnType<typeof manualTime>;
  let errors: unknown[];
  const steady = (drive: (runId: string) => Promise<Date | undefined>) =>
    steadyDrive({
      drive,
      clock: time,
      timers: time,
      withinMs: 120_000,
      onError: (error) => errors.push(error),
    });
  const secondsUntil = (at: Date | undefined): number => ((at?.getTime() ?? 0) - time.now().getTime()) / 1000;

  beforeEach(() => {
    time = manualTime();
    errors = [];
  });

  it('answers a failure with the time of the next try: 1 s, 2 s, 4 s and at most 60 s', async () => {
    const drive = steady(() => Promise.reject(new Error('down')));
    const waits: number[] = [];
    for (let failure = 1; failure <= 9; failure += 1) {
      waits.push(secondsUntil(await drive('r')));
      await time.advance(60_000);
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert.equal(errors.length, 9);
  });

  it('begins at 1 s again after a success', async () => {
    let fails = true;
    const drive = steady(async () => {
      if (fails) throw new Error('down');
      return undefined;
    });
    await drive('r');
    await time.advance(1000);
    await drive('r');
    await time.advance(5000);
    fails = false;
    assert.equal(await drive('r'), undefined);
    fails = true;
    assert.equal(secondsUntil(await drive('r')), 1);
  });

  it('waits as long as an error asks for, at most 60 s', async () => {
    const asking = (retryAfterMs: number) =>
      steady(() =>
        Promise.reject(new AppError({ code: 'itsm-unreachable', message: 'm', fix: 'f', retryAfterMs })),
      );
    assert.equal(secondsUntil(await asking(7000)('r')), 7);
    assert.equal(secondsUntil(await asking(700_000)('r')), 60);
  });

  it('puts off a wake right after a failure, so that a run that wakes itself and fails does not spin', async () => {
    let calls = 0;
    const drive = steady(async () => {
      calls += 1;
      throw new Error('down');
    });
    await drive('r');
    assert.equal(secondsUntil(await drive('r')), 1);
    assert.equal(calls, 1);
    await time.advance(1000);
    await drive('r');
    assert.equal(calls, 2);
  });

  it('does not hold a wake back for more than 5 s, however often the run has failed', async () => {
    let calls = 0;
    const drive = steady(async () => {
      calls += 1;
      throw new Error('down');
    });
    for (let failure = 1; failure <= 6; failure += 1) {
      await drive('r');
      await time.advance(60_000);
    }
    await drive('r');
    await time.advance(5000);
    await drive('r');
    assert.equal(calls, 8);
  });

  it('reports a drive that hangs and answers when to try again', async () => {
    const next = steady(() => never)('r');
    await time.advance(120_000);
    assert.equal(secondsUntil(await next), 1);
    assert.match(String(errors[0]), /did not end within 120000 ms/);
    assert.equal(time.pending(), 0);
  });

  it('slows down a run that asks to be called at once for ever', async () => {
    const drive = steady(async () => new Date(0));
    const waits: number[] = [];
    for (let call = 1; call <= 53; call += 1) waits.push(secondsUntil(await drive('r')));
    assert.deepEqual(waits.slice(48), [0, 0, 1, 2, 4]);
    assert.equal(errors.length, 3);
  });

  it('takes an invalid time for "at once", so that it is slowed down too', async () => {
    const drive = steady(async () => new Date(Number.NaN));
    for (let call = 1; call <= 50; call += 1) assert.equal(secondsUntil(await drive('r')), 0);
    assert.equal(secondsUntil(await drive('r')), 1);
  });

  it('joins a second call for the same run', async () => {
    const release = Promise.withResolvers<undefined>();
    let calls = 0;
    const drive = steady(() => {
      calls += 1;
      return release.promise;
    });
    const both = [drive('r'), drive('r')];
    release.resolve(undefined);
    await Promise.all(both);
    assert.equal(calls, 1);
  });
});
