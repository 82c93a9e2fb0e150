import assert from 'node:assert/strict';
import type { Incident } from '../../src/domain/incident.ts';
import { type Intake, intake } from '../../src/flow/intake.ts';
import { freeLooks } from '../../src/flow/intake-considered.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const tag = { column: 'x_handrail_tag', offer: 'offer' };

/** Something that is come to, waits there and is let go. */
const gate = () => ({ come: Promise.withResolvers<void>(), go: Promise.withResolvers<void>() });

describe('two processes on one store', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let one: Process;
  let other: Process;
  let events: { one: Intake; other: Intake };
  let reads: number;
  /** Where the next read of an incident, or of an item, of the first process stops; what it has read it has. */
  let stops: { incident?: ReturnType<typeof gate> | undefined; ci?: ReturnType<typeof gate> | undefined };
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    world.incident = f.incident({ fields: { x_handrail_tag: 'offer' } });
    stops = {};
    reads = 0;
    one = await startProcess(world, temp.file);
    other = await startProcess(world, temp.file);
    const stop = async (at: 'incident' | 'ci'): Promise<void> => {
      const here = stops[at];
      stops[at] = undefined;
      here?.come.resolve();
      await here?.go.promise;
    };
    const read = async <T>(at: 'incident' | 'ci', slow: boolean, value: T): Promise<T> => {
      if (at === 'incident') reads += 1;
      if (slow) await stop(at);
      return value;
    };
    for (const process of [one, other])
      Object.assign(process.deps, {
        itsm: {
          ...process.deps.itsm,
          incident: () => read('incident', process === one, world.incident),
          ci: (sysId: string) => read('ci', process === one, { ...world.ci, sysId }),
        },
      });
    events = { one: intake(one.deps, { tag }), other: intake(other.deps, { tag }) };
  });
  afterEach(async () => {
    await one.store.close();
    await other.store.close();
    temp.remove();
  });

  const save = (change: Partial<Incident> = {}): void => {
    world.incident = { ...world.incident, ...change, modCount: world.incident.modCount + 1 };
  };
  const pass = (ms: number): void => {
    world.now = new Date(world.now.getTime() + ms);
  };
  const receive = async (id: string): Promise<void> => {
    const body = { sys_id: world.incident.sysId, sys_mod_count: world.incident.modCount };
    await events.one.receive(id, JSON.stringify(body));
  };
  const outcomes = async () =>
    Object.fromEntries(
      (await newestEvents(one.deps, 50, false)).map(({ id, outcome }) => [
        id,
        outcome.replaceAll(/[0-9A-Z]{26}/g, 'X'),
      ]),
    );
  const ends = async () =>
    (await Promise.all((await openRuns(one.deps)).map((id) => loadRun(one.deps, id)))).map(
      ({ closed }) => closed?.outcome ?? 'open',
    );

  it('look at an incident one after the other, though both find its event', async () => {
    const stopped = gate();
    stops.incident = stopped;
    await receive('e1');
    const slow = events.one.process('e1');
    await stopped.come.promise;
    await events.other.sweep();
    assert.equal(reads, 1);
    assert.deepEqual(await outcomes(), { e1: 'waits' });
    stopped.go.resolve();
    await slow;
    pass(10_000);
    await events.other.sweep();
    assert.deepEqual(await outcomes(), { e1: 'proposed: run X' });
    assert.deepEqual(await ends(), ['open']);
  });

  it('go on with what a process was at that died', async () => {
    const stopped = gate();
    stops.incident = stopped;
    await receive('e1');
    const dead = events.one.process('e1');
    await stopped.come.promise;
    pass(61_000);
    await events.other.sweep();
    assert.deepEqual(await outcomes(), { e1: 'proposed: run X' });
    stopped.go.resolve();
    await dead;
    assert.deepEqual(await ends(), ['open']);
  });

  it('wait for no dead one where there is only one at a time', async () => {
    const stopped = gate();
    stops.incident = stopped;
    await receive('e1');
    const dead = events.one.process('e1');
    await stopped.come.promise;
    await events.other.sweep();
    assert.deepEqual(await ends(), []);
    await freeLooks(other.deps);
    pass(10_000);
    await events.other.sweep();
    assert.deepEqual(await outcomes(), { e1: 'proposed: run X' });
    stopped.go.resolve();
    await dead;
    assert.deepEqual(await ends(), ['open']);
  });

  it('take nothing back on a read that took longer than the claim, when a newer version was considered', async () => {
    await receive('e1');
    await events.one.process('e1');
    save({ state: 'resolved' });
    await receive('e2');
    const stopped = gate();
    stops.incident = stopped;
    const slow = events.one.process('e2');
    await stopped.come.promise;
    pass(61_000);
    save({ state: 'in-progress' });
    await receive('e3');
    await events.other.process('e3');
    stopped.go.resolve();
    await slow;
    assert.deepEqual(await ends(), ['open']);
    assert.equal((await outcomes())['e2'], 'dropped: older than version 3, which was considered');
  });

  it('look once more when something was done on an older version all the same', async () => {
    await receive('e1');
    const stopped = gate();
    stops.ci = stopped;
    const slow = events.one.process('e1');
    await stopped.come.promise;
    pass(61_000);
    save({ fields: { x_handrail_tag: 'never' } });
    await receive('e2');
    await events.other.process('e2');
    assert.deepEqual(await ends(), []);
    stopped.go.resolve();
    await slow;
    pass(61_000);
    await events.other.sweep();
    await events.one.sweep();
    assert.equal(
      (await outcomes())['e1'],
      'withdrawn: run X; INC0010023 is not offered to Handrail any more',
    );
    assert.deepEqual(await ends(), ['withdrawn']);
  });
});
