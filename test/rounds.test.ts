import assert from 'node:assert/strict';
import { keepLooking } from '../src/rounds.ts';

describe('the rounds of the process', () => {
  const pauses = { sweep: 1, reconcile: 1, first: 1 };
  let lines: string[];
  let stop: () => void;
  const report = (level: string, message: string, details: object = {}): void => {
    lines.push(`${level} ${message} ${JSON.stringify(details)}`);
  };
  beforeEach(() => {
    lines = [];
  });
  afterEach(() => stop());
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  it('sweep at once, and both go on after a failure, which is said', async () => {
    const done = { sweeps: 0, rounds: 0 };
    const fails = (count: number) => {
      if (count === 1) throw new Error('away');
    };
    stop = keepLooking(
      { sweep: async () => fails(++done.sweeps) },
      async () => {
        fails(++done.rounds);
        return { looked: 7, news: done.rounds === 2 ? 3 : 0 };
      },
      report,
      pauses,
    );
    assert.equal(done.sweeps, 1);
    await until(() => done.sweeps >= 3 && done.rounds >= 4);
    assert.deepEqual(lines.map((line) => line.split(' {')[0]).toSorted(), [
      'info there was news of incidents that no event had told',
      'warn incidents could not be reconciled',
      'warn the inbox could not be swept',
    ]);
    assert.ok(lines.some((line) => line.endsWith('{"looked":7,"news":3}')));
  });

  it('never look twice at the same time', async () => {
    let now = 0;
    let rounds = 0;
    stop = keepLooking(
      { sweep: async () => undefined },
      async () => {
        assert.equal(++now, 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now -= 1;
        rounds += 1;
        return { looked: 0, news: 0 };
      },
      report,
      pauses,
    );
    await until(() => rounds >= 3);
    assert.deepEqual(lines, []);
  });

  it('never sweep twice at the same time, and go on after a long one', async () => {
    let [sweeps, rounds] = [0, 0];
    const long = Promise.withResolvers<void>();
    stop = keepLooking(
      { sweep: () => (++sweeps === 1 ? long.promise : Promise.resolve()) },
      async () => {
        rounds += 1;
        return { looked: 0, news: 0 };
      },
      report,
      pauses,
    );
    await until(() => rounds >= 5);
    assert.equal(sweeps, 1);
    long.resolve();
    await until(() => sweeps >= 3);
    assert.deepEqual(lines, []);
  });

  it('end when they are told to, also in the middle of a round', async () => {
    const round = Promise.withResolvers<{ looked: number; news: number }>();
    let [sweeps, rounds] = [0, 0];
    stop = keepLooking(
      {
        async sweep() {
          sweeps += 1;
        },
      },
      () => {
        rounds += 1;
        return round.promise;
      },
      report,
      pauses,
    );
    await until(() => rounds === 1);
    stop();
    const before = sweeps;
    round.resolve({ looked: 0, news: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([sweeps, rounds], [before, 1]);
  });
});
