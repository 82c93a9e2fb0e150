import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { type Intake, intake } from '../../src/flow/intake.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { proposeRun } from '../../src/flow/propose.ts';
import { type Round, reconciliation } from '../../src/flow/reconcile-incidents.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const tag = { column: 'x_handrail_tag', offer: 'offer' };
const offered = { x_handrail_tag: 'offer' };
const down = new AppError({ code: 'itsm-unreachable', message: 'away', fix: 'Wait.', retryable: true });
const sysId = (n: number): string => n.toString(16).padStart(32, '0');

describe('the reconciliation of incidents', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let events: Intake;
  let round: () => Promise<Round>;
  let incidents: Map<string, Incident>;
  let pageSize: number;
  let reads: string[];
  let lines: string[];
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    incidents = new Map();
    pageSize = 200;
    reads = [];
    lines = [];
    process = await startProcess(world, temp.file, {
      report: (level, message) => lines.push(`${level} ${message}`),
    });
    const open = () =>
      [...incidents.values()]
        .filter((one) => one.fields['x_handrail_tag'] === 'offer' && one.state !== 'closed')
        .sort((a, b) => a.sysId.localeCompare(b.sysId));
    Object.assign(process.deps, {
      itsm: {
        ...process.deps.itsm,
        incident: async ({ sysId: id = '' }) => {
          reads.push(id);
          return incidents.get(id);
        },
        ci: async (id: string) => ({ ...world.ci, sysId: id }),
        tagged: async (after = '') => {
          const rest = open().filter((one) => one.sysId > after);
          const page = rest.slice(0, pageSize);
          const last = page.at(-1);
          return { incidents: page, ...(rest.length > page.length && last ? { after: last.sysId } : {}) };
        },
      },
    });
    begin();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  /** A new process knows nothing but the store. */
  const begin = (): void => {
    events = intake(process.deps, { tag });
    round = reconciliation(process.deps, events);
  };
  const put = (n: number, change: Partial<Incident> = {}): void => {
    const one = f.incident({
      sysId: sysId(n),
      number: `INC000${n}`,
      ciSysId: sysId(1000 + n),
      fields: offered,
    });
    incidents.set(one.sysId, { ...one, ...change });
  };
  const tell = async (n: number, id = `event-${n}`): Promise<void> => {
    const body = JSON.stringify({ sys_id: sysId(n), sys_mod_count: incidents.get(sysId(n))?.modCount ?? 0 });
    await events.receive(id, body);
    await events.process(id);
  };
  const runs = async () => Promise.all((await openRuns(process.deps)).map((id) => loadRun(process.deps, id)));
  const outcomes = async (): Promise<string[]> =>
    (await newestEvents(process.deps, 50, false)).map(({ outcome }) =>
      outcome.replaceAll(/[0-9A-Z]{26}/g, 'X'),
    );

  it('proposes once for tagged incidents that no event told of', async () => {
    put(1);
    put(2);
    put(3, { fields: {} });
    assert.deepEqual(await round(), { looked: 2, news: 2 });
    assert.deepEqual((await runs()).map((run) => run.proposal?.incident.number).sort(), [
      'INC0001',
      'INC0002',
    ]);
    assert.deepEqual(await round(), { looked: 2, news: 0 });
    assert.equal((await runs()).length, 2);
  });

  it('leaves alone what an event has told, and reads nothing of it', async () => {
    put(1);
    await tell(1);
    reads = [];
    assert.deepEqual(await round(), { looked: 1, news: 0 });
    assert.deepEqual(reads, []);
  });

  for (const order of ['the event first', 'the round first', 'both at once'])
    it(`makes one proposal of an event and a round, ${order}`, async () => {
      put(1);
      if (order === 'both at once') await Promise.all([tell(1), round()]);
      else if (order === 'the event first') await tell(1).then(round);
      else await round().then(() => tell(1));
      await events.sweep();
      assert.equal((await runs()).length, 1);
      assert.equal((await outcomes()).filter((one) => one.startsWith('proposed')).length, 1);
      assert.deepEqual(await newestEvents(process.deps, 9, true), []);
    });

  it('finds a change of somebody else behind a note of ours, which hides who saved before', async () => {
    put(1);
    await tell(1);
    put(1, { modCount: 3, updatedBy: 'handrail', ciSysId: sysId(2000) });
    assert.deepEqual(await round(), { looked: 1, news: 1 });
    assert.equal((await outcomes())[0], 'proposed: run X; withdrawn: run X');
  });

  for (const [name, change, why] of [
    ['was closed', { state: 'closed' }, 'INC0001 is closed'],
    ['was taken out', { fields: { x_handrail_tag: 'never' } }, 'INC0001 is not offered to Handrail any more'],
  ] as const)
    it(`takes a proposal back whose incident ${name} while nobody told`, async () => {
      put(1);
      await tell(1);
      put(1, { ...change, modCount: 2 });
      assert.deepEqual(await round(), { looked: 1, news: 1 });
      assert.deepEqual(
        (await runs()).map(({ closed }) => closed?.reason),
        [`ServiceNow: ${why}`],
      );
      assert.deepEqual(await round(), { looked: 0, news: 0 });
    });

  it('believes in the end a lower version than it had read: ServiceNow was restored', async () => {
    put(1, { modCount: 9 });
    await tell(1);
    put(1, { modCount: 3, ciSysId: sysId(2000) });
    assert.deepEqual(await round(), { looked: 1, news: 1 });
    assert.equal((await outcomes())[0], 'waits: ServiceNow shows version 3 of INC0001, and 9 was told');
    for (let n = 0; n < 6; n++) {
      world.now = new Date(world.now.getTime() + 80_000);
      await events.sweep();
    }
    assert.equal((await outcomes())[0], 'proposed: run X; withdrawn: run X');
    assert.deepEqual(await round(), { looked: 1, news: 0 });
    put(1, { modCount: 4, state: 'closed' });
    await tell(1, 'closed');
    assert.ok((await outcomes()).includes('withdrawn: run X; INC0001 is closed'));
  });

  it('proposes nothing of its own for an incident that only a person asked about', async () => {
    put(1, { fields: {} });
    Object.assign(process.deps.catalogue, {
      policy: f.policy({ targets: { ops: { runbooks: ['recycle', 'other'] } } }),
      runbooks: new Map([
        ['recycle', f.runbook()],
        ['other', f.runbook({ id: 'other', match: { symptoms: ['never said'] } })],
      ]),
    });
    await proposeRun(process.deps, {
      incident: { sysId: sysId(1), number: 'INC0001' },
      runbook: 'other',
      by: f.olivia,
      origin: { conversation: '', activity: '' },
      reason: 'asked',
      again: true,
    });
    assert.deepEqual(await round(), { looked: 1, news: 1 });
    assert.deepEqual(
      (await runs()).map((run) => run.proposal?.runbook.id),
      ['other'],
    );
    assert.deepEqual(await outcomes(), ['dropped: INC0001 is not offered to Handrail']);
    put(1, { fields: {}, state: 'closed', modCount: 2 });
    await round();
    assert.deepEqual(
      (await runs()).map(({ closed }) => closed?.outcome),
      ['withdrawn'],
    );
  });

  it('looks at ten pages a round, and goes on there in the next one', async () => {
    pageSize = 2;
    for (let n = 1; n <= 25; n++) put(n, { shortDescription: 'nothing that fits' });
    const rounds = [await round(), await round(), await round()];
    assert.deepEqual(
      rounds.map(({ looked, news }) => [looked, news]),
      [
        [20, 20],
        [5, 5],
        [20, 0],
      ],
    );
  });

  it('tries again what could not be read, and hides no other incident behind it', async () => {
    put(1);
    put(2);
    const { incident } = process.deps.itsm;
    Object.assign(process.deps.itsm, {
      incident: async (ref: { sysId: string }) =>
        ref.sysId === sysId(1) ? Promise.reject(down) : incident(ref),
    });
    await round();
    assert.equal((await runs()).length, 1);
    Object.assign(process.deps.itsm, { incident });
    begin();
    world.now = new Date(world.now.getTime() + 10_000);
    await events.sweep();
    assert.equal((await runs()).length, 2);
  });

  it('tries again an hour later what was given up, because somebody may have granted the right', async () => {
    put(1);
    const { incident } = process.deps.itsm;
    const forbidden = new AppError({ code: 'itsm-refused', message: 'no right to read', fix: 'Grant it.' });
    Object.assign(process.deps.itsm, { incident: () => Promise.reject(forbidden) });
    await tell(1);
    assert.deepEqual(await round(), { looked: 1, news: 1 });
    assert.deepEqual(await round(), { looked: 1, news: 0 }, 'what failed is no news again');
    assert.deepEqual(await outcomes(), [
      'failed: no right to read. Grant it.',
      'failed: no right to read. Grant it.',
    ]);
    Object.assign(process.deps.itsm, { incident });
    world.now = new Date(world.now.getTime() + 3_599_999);
    await round();
    await events.sweep();
    assert.deepEqual(await runs(), []);
    world.now = new Date(world.now.getTime() + 1);
    await events.sweep();
    assert.equal((await runs()).length, 1);
    assert.ok((await outcomes()).includes('proposed: run X'));
  });

  for (const how of ['nobody told', 'an event told'])
    it(`takes proposals back whose incident was deleted, when ${how}`, async () => {
      put(1);
      await tell(1);
      incidents.delete(sysId(1));
      if (how === 'nobody told') assert.deepEqual(await round(), { looked: 1, news: 0 });
      else {
        await events.receive('gone', JSON.stringify({ sys_id: sysId(1), sys_mod_count: 2 }));
        await events.process('gone');
        assert.ok((await outcomes()).includes('withdrawn: run X; the incident does not exist'));
      }
      assert.deepEqual(
        (await runs()).map(({ closed }) => closed?.reason),
        ['ServiceNow: the incident does not exist'],
      );
      assert.deepEqual(await round(), { looked: 0, news: 0 });
    });

  it('says which waiting run’s incident could not be read, and goes on with the others', async () => {
    put(1, { fields: {} });
    put(2, { fields: {} });
    await tell(1);
    await tell(2);
    for (const n of [1, 2]) put(n, { fields: {}, state: 'closed', modCount: 2 });
    const { incident } = process.deps.itsm;
    Object.assign(process.deps.itsm, {
      incident: async (ref: { sysId: string }) =>
        ref.sysId === sysId(1) ? Promise.reject(down) : incident(ref),
    });
    await round();
    assert.deepEqual((await runs()).map(({ closed }) => closed?.outcome).sort(), ['withdrawn', undefined]);
    assert.ok(lines.includes('warn the incident of a waiting run could not be read'));
  });

  it('looks after the incidents of waiting runs though the tagged ones cannot be listed, and says so', async () => {
    put(1);
    await tell(1);
    put(1, { state: 'closed', modCount: 2 });
    Object.assign(process.deps.itsm, { tagged: () => Promise.reject(down) });
    await assert.rejects(round(), /away/);
    assert.deepEqual(
      (await runs()).map(({ closed }) => closed?.outcome),
      ['withdrawn'],
    );
  });

  it('fails aloud when ServiceNow cannot be asked', async () => {
    Object.assign(process.deps.itsm, { tagged: () => Promise.reject(down) });
    await assert.rejects(round(), /away/);
  });
});
