import assert from 'node:assert/strict';
import { type OpenStore, openSqlite } from '../../src/adapters/store/open.ts';
import { keepConsidered, readConsidered } from '../../src/flow/intake-considered.ts';
import * as record from '../../src/flow/intake-record.ts';
import { tempFile } from '../fakes/flow.ts';

const entry = { bodyHash: 'h', sysId: 'a'.repeat(32), modCount: 1, outcome: '' };

describe('what is kept of events', () => {
  let temp: ReturnType<typeof tempFile>;
  let store: OpenStore;
  let now: Date;
  const kept = () => ({ state: store.state, clock: { now: () => now } });
  beforeEach(async () => {
    temp = tempFile();
    now = new Date('2026-11-22T09:00:00Z');
    store = await openSqlite(temp.file, { now: () => now });
    await store.log.ready();
  });
  afterEach(async () => {
    await store.close();
    temp.remove();
  });
  const later = (seconds: number): void => {
    now = new Date(now.getTime() + seconds * 1_000);
  };
  const outcomes = async (failed = false, limit = 500) =>
    (await record.newestEvents(kept(), limit, failed)).map(({ outcome }) => outcome);

  it('is what came of an event first: whoever processed it too changes nothing', async () => {
    await record.keep(kept(), 'e1', entry);
    const [one, other] = [await record.readOpen(kept(), 'e1'), await record.readOpen(kept(), 'e1')];
    assert.ok(one && other);
    await record.finish(kept(), one, 'proposed: run X');
    await record.finish(kept(), other, 'known: run X');
    assert.deepEqual(await outcomes(), ['proposed: run X']);
    assert.equal(await record.readOpen(kept(), 'e1'), undefined);
  });

  it('is what was made of the newest version, also when an older one is finished later', async () => {
    const sysId = 'a'.repeat(32);
    const one = { modCount: 3, shape: 's', offered: true };
    await keepConsidered(kept(), sysId, one);
    await keepConsidered(kept(), sysId, { ...one, modCount: 5 });
    await keepConsidered(kept(), sysId, { ...one, modCount: 4 });
    assert.equal((await readConsidered(kept(), sysId))?.modCount, 5);
    await Promise.all([6, 9, 7, 8].map((modCount) => keepConsidered(kept(), sysId, { ...one, modCount })));
    assert.equal((await readConsidered(kept(), sysId))?.modCount, 9);
  });

  it('shows what failed behind any number of events that did not', async () => {
    await record.keepRefusal(kept(), 'refused_1', 'refused: its signature does not fit');
    await record.keep(kept(), 'waits', entry);
    for (let n = 0; n < 250; n++) {
      later(1);
      await record.keep(kept(), `e${n}`, entry);
      const open = await record.readOpen(kept(), `e${n}`);
      assert.ok(open);
      await record.finish(kept(), open, n === 3 ? 'failed: no right to read' : 'known: run X');
    }
    assert.deepEqual((await outcomes(true)).sort(), [
      'failed: no right to read',
      'refused: its signature does not fit',
      'waits',
    ]);
    assert.equal((await outcomes()).length, 252);
    assert.equal((await outcomes(false, 10)).length, 10);
  });

  it('is gone a week after it was finished, and a refusal after a day', async () => {
    await record.keep(kept(), 'e1', entry);
    await record.keepRefusal(kept(), 'refused_1', 'refused: no');
    later(86_401);
    assert.deepEqual(await outcomes(), ['waits']);
    later(60 * 86_400);
    const open = await record.readOpen(kept(), 'e1');
    assert.ok(open, 'what is not finished is kept');
    await record.finish(kept(), open, 'known: run X');
    later(7 * 86_400 - 1);
    assert.deepEqual(await outcomes(), ['known: run X']);
    later(2);
    assert.deepEqual(await outcomes(), []);
  });

  it('says why an event waits, and forgets it once it is finished', async () => {
    await record.keep(kept(), 'e1', entry);
    const open = await record.readOpen(kept(), 'e1');
    assert.ok(open);
    await record.postpone(kept(), open, {
      again: 'no right to read',
      waitsFor: 'refused',
      mostMs: 3_600_000,
    });
    assert.deepEqual(await outcomes(true), ['waits: no right to read']);
    const again = await record.readOpen(kept(), 'e1');
    assert.ok(again);
    await record.finish(kept(), again, 'known: run X');
    assert.deepEqual(await outcomes(), ['known: run X']);
  });

  it('takes up an hour after it was given up what was tried for long', async () => {
    await record.keep(kept(), 'e1', entry);
    const open = await record.readOpen(kept(), 'e1');
    assert.ok(open);
    later(5_400);
    await record.finish(kept(), open, 'failed: no right to read');
    later(3_599);
    await record.takeUpFailed(kept());
    assert.equal(await record.readOpen(kept(), 'e1'), undefined);
    later(1);
    await record.takeUpFailed(kept());
    const again = await record.readOpen(kept(), 'e1');
    assert.equal(again?.entry.since, '2026-11-22T09:00:00.000Z');
  });

  it('takes up hourly what failed, behind any number of events, for seven days', async () => {
    for (let n = 0; n < 120; n++) {
      await record.keep(kept(), `e${n}`, entry);
      const open = await record.readOpen(kept(), `e${n}`);
      assert.ok(open);
      await record.finish(kept(), open, n % 2 === 0 ? 'failed: no right to read' : 'known: run X');
    }
    later(3_599);
    await record.takeUpFailed(kept());
    assert.equal((await outcomes(true)).filter((one) => one === 'waits').length, 0);
    let takenUp = 0;
    for (let hour = 0; hour < 24 * 9; hour++) {
      later(3_600);
      await record.takeUpFailed(kept());
      const open = await record.readOpen(kept(), 'e118');
      if (open === undefined) continue;
      takenUp += 1;
      if (takenUp === 1) assert.equal((await outcomes()).filter((one) => one === 'waits').length, 60);
      await record.finish(kept(), open, 'failed: no right to read');
    }
    assert.ok(takenUp > 24 * 6 && takenUp <= 24 * 7, `${takenUp} times`);
  });
});
