import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Looked, lanes, type Waiting } from '../../src/flow/intake-lanes.ts';

const event = (n: number, sysId = 'a', source?: 'poll'): Waiting => ({
  id: `${source ?? 'event'} ${sysId}${n}`,
  sysId,
  modCount: n,
  source,
});
/** A look that ends when it is told to. */
const gate = () => Promise.withResolvers<Looked>();

describe('the lanes of the intake', () => {
  let now: number;
  let looked: string[];
  let folded: string[];
  let answers: Map<string, Promise<Looked>>;
  const open = (atOnce = 32) =>
    lanes({ now: () => new Date(now) }, atOnce, {
      look: (one) => {
        looked.push(one.id);
        return answers.get(one.id) ?? Promise.resolve('done');
      },
      fold: async (older, newer) => void folded.push(`${older.id} into ${newer.id}`),
    });
  beforeEach(() => {
    now = 1_000;
    looked = [];
    folded = [];
    answers = new Map();
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('looks once at what arrives together, at the newest of it', async () => {
    const { enter } = open();
    await Promise.all([2, 5, 1, 4].map((n) => enter(event(n))));
    assert.deepEqual(looked, ['event a5']);
    assert.deepEqual(folded.sort(), [
      'event a1 into event a5',
      'event a2 into event a5',
      'event a4 into event a5',
    ]);
  });

  it('makes one further look of all that arrives during a look', async () => {
    const { enter } = open();
    const first = gate();
    answers.set('event a1', first.promise);
    const entered = [enter(event(1))];
    await settle();
    entered.push(...[3, 2, 4].map((n) => enter(event(n))));
    await settle();
    assert.deepEqual(looked, ['event a1']);
    first.resolve('done');
    await Promise.all(entered);
    assert.deepEqual(looked, ['event a1', 'event a4']);
    assert.deepEqual(folded.sort(), ['event a2 into event a3', 'event a3 into event a4']);
  });

  it('looks at incidents side by side, so many at a time, and one incident never twice at once', async () => {
    let at = 0;
    let most = 0;
    const busy = new Set<string>();
    const { enter } = lanes({ now: () => new Date(now) }, 4, {
      async look({ sysId }) {
        assert.ok(!busy.has(sysId));
        busy.add(sysId);
        most = Math.max(most, ++at);
        await settle();
        at -= 1;
        busy.delete(sysId);
        return 'done';
      },
      fold: async () => undefined,
    });
    await Promise.all(Array.from({ length: 60 }, (_, n) => enter(event(n, `incident ${n % 12}`))));
    assert.equal(most, 4);
  });

  it('keeps what has to wait, folds what comes meanwhile, and goes on when the time has come', async () => {
    const { enter, wake } = open();
    answers.set('event a1', Promise.resolve({ notBefore: 5_000 }));
    await enter(event(1));
    await enter(event(2));
    await enter(event(1, 'b'));
    now = 4_999;
    await wake();
    assert.deepEqual(looked, ['event a1', 'event b1']);
    assert.deepEqual(folded, ['event a1 into event a2']);
    now = 5_000;
    await wake();
    assert.deepEqual(looked, ['event a1', 'event b1', 'event a2']);
    await wake();
    assert.equal(looked.length, 3);
  });

  it('folds what has to wait into what came during its look', async () => {
    const { enter, wake } = open();
    const first = gate();
    answers.set('event a1', first.promise);
    const entered = enter(event(1));
    await settle();
    const second = enter(event(2));
    first.resolve({ notBefore: 5_000 });
    await Promise.all([entered, second]);
    assert.deepEqual(folded, ['event a1 into event a2']);
    now = 5_000;
    await wake();
    assert.deepEqual(looked, ['event a1', 'event a2']);
  });

  it('takes the same event once, however often it is brought', async () => {
    const { enter } = open();
    await Promise.all([enter(event(1)), enter(event(1)), enter(event(1))]);
    assert.deepEqual([looked, folded], [['event a1'], []]);
  });

  it('prefers what was told to what was found of the same version', async () => {
    for (const order of [
      [event(1, 'a', 'poll'), event(1)],
      [event(1), event(1, 'a', 'poll')],
    ]) {
      looked = [];
      const { enter } = open();
      await Promise.all(order.map(enter));
      assert.deepEqual(looked, ['event a1']);
    }
  });

  it('goes on with the others when an event cannot be folded', async () => {
    const { enter } = lanes({ now: () => new Date(now) }, 1, {
      look: async (one) => {
        looked.push(one.id);
        return 'done';
      },
      fold: () => Promise.reject(new Error('the store is down')),
    });
    const entered = await Promise.allSettled([enter(event(1)), enter(event(2)), enter(event(1, 'b'))]);
    assert.deepEqual(
      entered.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(looked, ['event a2', 'event b1']);
  });

  it('looks at the newest version last, whatever the order and however many', async () => {
    const arrivals = fc.array(fc.tuple(fc.nat(9), fc.boolean()), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(arrivals, async (events) => {
        looked = [];
        folded = [];
        const { enter } = open();
        const entered: Promise<void>[] = [];
        const newest = Math.max(...events.map(([n]) => n));
        for (const [n, pause] of events) {
          entered.push(enter(event(n)));
          if (pause) await settle();
        }
        await Promise.all(entered);
        assert.ok(looked.includes(`event a${newest}`));
        assert.ok(looked.length + folded.length <= events.length);
      }),
      { numRuns: 60 },
    );
  });
});
