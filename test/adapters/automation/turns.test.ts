import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Lane, type Turn, turns } from '../../../src/adapters/automation/turns.ts';

const start = 1_000_000;

function line(changes: { width?: number; room?: number } = {}) {
  const { width = 100, room = 1 } = changes;
  const world = { now: start, halted: false, until: 0, missed: (_turn: Turn) => false };
  const all = turns({
    now: () => world.now,
    windows: () => ({ width, room }),
    isHalted: () => world.halted,
    until: () => world.until,
    isMissed: (turn) => world.missed(turn),
  });
  return { all, world };
}

describe('the turns of jobs', () => {
  it('come one after the other, in the order of asking', () => {
    const { all } = line();
    const given = ['a', 'b', 'c'].map((job) => all.of(job, start, 'usual'));
    assert.deepEqual(given, [undefined, start + 100, start + 200]);
  });

  it('are granted when their time has come, and only once', () => {
    const { all, world } = line();
    all.of('a', start, 'usual');
    all.of('b', start, 'usual');
    assert.equal(all.of('b', start, 'usual'), start + 100);
    world.now = start + 100;
    assert.equal(all.of('b', start + 100, 'usual'), undefined);
    assert.ok(all.use('b'));
    assert.equal(all.use('b'), undefined);
    assert.equal(all.of('b', start + 100, 'usual'), start + 200);
  });

  it('are shared by as many jobs as there is room for', () => {
    const { all } = line({ width: 1_000, room: 2 });
    const given = ['a', 'b', 'c'].map((job) => all.of(job, start + 1_500, 'usual'));
    assert.deepEqual(given, [start + 1_500, start + 1_500, start + 2_000]);
  });

  it('are joined by nobody once their sharers were told', () => {
    const { all } = line({ width: 1_000, room: 10 });
    for (const job of ['a', 'b']) all.of(job, start, 'usual');
    assert.deepEqual(all.sharers(all.use('a') ?? assert.fail('no turn')), ['a', 'b']);
    assert.equal(all.of('c', start, 'usual'), start + 1_000);
  });

  it('are earlier for a job that has to stop, behind those that have to as well', () => {
    const { all, world } = line();
    for (const job of ['a', 'b', 'c', 'd']) all.of(job, start, 'usual');
    assert.equal(all.of('d', start, 'urgent'), undefined);
    assert.equal(all.of('c', start, 'urgent'), start + 100);
    world.now = start + 100;
    assert.equal(all.of('e', world.now, 'usual'), start + 200, 'what they gave back is taken again');
  });

  it('are put off while nothing can be asked', () => {
    const { all, world } = line();
    world.halted = true;
    assert.equal(all.of('a', start, 'usual'), start + 100);
    world.until = start + 5_000;
    assert.equal(all.of('b', start, 'usual'), start + 5_000);
    world.now = start + 100;
    assert.equal(all.of('a', start, 'usual'), start + 5_100);
  });

  it('are given anew to whoever missed one', () => {
    const { all, world } = line();
    all.of('a', start + 100, 'usual');
    world.now = start + 10_000;
    world.missed = ({ window }) => window === start + 100;
    assert.equal(all.of('a', world.now, 'usual'), undefined);
    assert.equal(all.use('a')?.window, start + 10_000);
  });

  it('are forgotten when nobody came for them', () => {
    const { all, world } = line();
    for (const job of ['a', 'b']) all.of(job, start, 'usual');
    world.now = start + 200_000;
    all.of('c', world.now, 'usual');
    assert.equal(all.use('a'), undefined);
    assert.equal(all.of('b', world.now, 'usual'), world.now + 100, 'as if it had never asked');
  });

  it('never are more than there is room for, and nobody has a second one while another waits for the first', () => {
    const job = fc.record({ job: fc.nat(9), pause: fc.nat(300), step: fc.nat(150) });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (asked, room) => {
        const { all, world } = line({ room });
        const perWindow = new Map<string, number>();
        for (const { job: n, pause, step } of asked) {
          world.now += step;
          const lane: Lane = n === 0 ? 'urgent' : 'usual';
          const at = all.of(`job-${n}`, world.now + pause, lane);
          const turn = at === undefined ? all.use(`job-${n}`) : undefined;
          assert.ok(at === undefined || at > world.now);
          if (turn === undefined) continue;
          const key = `${lane} ${turn.window}`;
          perWindow.set(key, (perWindow.get(key) ?? 0) + 1);
        }
        for (const count of perWindow.values()) assert.ok(count <= room);
      }),
    );
  });
});
