import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { incidentChangeOf } from '../../src/domain/incident-change.ts';
import { type Intake, intake } from '../../src/flow/intake.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const tag = { column: 'x_handrail_tag', offer: 'offer' };
const MINUTE_MS = 60_000;

describe('an incident that is looked at again', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let events: Intake;
  let missingItem: string;
  let sent: number;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    world.incident = f.incident({ fields: { x_handrail_tag: 'offer' } });
    missingItem = '';
    sent = 0;
    process = await startProcess(world, temp.file);
    Object.assign(process.deps, {
      itsm: {
        ...process.deps.itsm,
        ci: async (sysId: string) => (sysId === missingItem ? undefined : { ...world.ci, sysId }),
      },
    });
    events = intake(process.deps, { tag });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  const save = (change: Partial<Incident> = {}): void => {
    world.incident = { ...world.incident, ...change, modCount: world.incident.modCount + 1 };
    pass(MINUTE_MS);
  };
  const pass = (ms: number): void => {
    world.now = new Date(world.now.getTime() + ms);
  };
  const receive = async (version = world.incident.modCount, more: object = {}): Promise<string> => {
    const id = `e${++sent}`;
    const body = { sys_id: world.incident.sysId, sys_mod_count: version, ...more };
    await events.receive(id, JSON.stringify(body));
    return id;
  };
  const tell = async (version?: number): Promise<string> => {
    const id = await receive(version);
    await events.process(id);
    return outcomeOf(id);
  };
  const outcomeOf = async (id: string): Promise<string> => {
    const line = (await newestEvents(process.deps, 50, false)).find((one) => one.id === id);
    return (line?.outcome ?? 'none').replaceAll(/[0-9A-Z]{26}/g, 'X');
  };
  const runs = async () => Promise.all((await openRuns(process.deps)).map((id) => loadRun(process.deps, id)));
  const ends = async () => (await runs()).map(({ closed }) => closed?.outcome ?? 'open');

  it('knows its own notes, one after the other, and looks at what came between them', async () => {
    await tell();
    for (const note of ['one', 'two']) {
      save({ updatedBy: 'handrail', description: `with note ${note}` });
      assert.equal(await tell(), 'dropped: our own update');
    }
    save({ updatedBy: 'somebody' });
    save({ updatedBy: 'handrail' });
    assert.equal(await tell(), 'known: run X');
    assert.deepEqual(await ends(), ['open']);
  });

  it('takes its proposal back when somebody closes it and a note of ours comes with that', async () => {
    await tell();
    save({ state: 'closed', updatedBy: 'somebody' });
    const closed = await receive();
    save({ updatedBy: 'handrail' });
    const noted = await receive();
    await Promise.all([closed, noted].map((id) => events.process(id)));
    assert.equal(await outcomeOf(noted), 'withdrawn: run X; INC0010023 is closed');
    assert.deepEqual(await ends(), ['withdrawn']);
  });

  it('is not judged by a version older than the one that was told, and is when ServiceNow has caught up', async () => {
    await tell();
    const { incident } = world;
    save({ state: 'resolved' });
    const resolved = world.incident;
    world.incident = incident;
    const id = await receive(resolved.modCount);
    await events.process(id);
    assert.equal(await outcomeOf(id), 'waits: ServiceNow shows version 1 of INC0010023, and 2 was told');
    assert.deepEqual(await ends(), ['open']);
    world.incident = resolved;
    pass(10_000);
    await events.sweep();
    assert.equal(await outcomeOf(id), 'withdrawn: run X; INC0010023 is resolved');
  });

  it('may be behind for as long as any other though ServiceNow was away before', async () => {
    const { incident } = process.deps.itsm;
    const down = new AppError({ code: 'itsm-unreachable', message: 'away', fix: 'Wait.', retryable: true });
    Object.assign(process.deps.itsm, { incident: () => Promise.reject(down) });
    const id = await receive(2);
    for (let n = 0; n < 8; n++) {
      await events.sweep();
      pass(80_000);
    }
    Object.assign(process.deps.itsm, { incident });
    await events.sweep();
    assert.equal(await outcomeOf(id), 'waits: ServiceNow shows version 1 of INC0010023, and 2 was told');
    save();
    await events.sweep();
    assert.equal(await outcomeOf(id), 'proposed: run X');
  });

  it('is found though ServiceNow did not show it right after it was made', async () => {
    const { incident } = process.deps.itsm;
    Object.assign(process.deps.itsm, { incident: async () => undefined });
    const id = await receive();
    await events.process(id);
    assert.equal(await outcomeOf(id), 'waits: ServiceNow does not show it yet');
    Object.assign(process.deps.itsm, { incident });
    pass(10_000);
    await events.sweep();
    assert.equal(await outcomeOf(id), 'proposed: run X');
  });

  it('is dropped when ServiceNow never shows it', async () => {
    Object.assign(process.deps.itsm, { incident: async () => undefined });
    const id = await receive();
    for (let n = 0; n < 7; n++) {
      await events.sweep();
      pass(80_000);
    }
    assert.equal(await outcomeOf(id), 'dropped: the incident does not exist');
  });

  it('is given up, with a name, when the version that was told never shows', async () => {
    const id = await receive(7);
    for (let n = 0; n < 12; n++) {
      await events.sweep();
      pass(80_000);
    }
    assert.equal(await outcomeOf(id), 'failed: ServiceNow shows version 1 of INC0010023, and 7 was told');
    assert.deepEqual(await ends(), []);
  });

  for (const months of [1, 12])
    it(`stays taken out when its tag is removed after ${months} months of silence`, async () => {
      world.incident = f.incident({
        fields: { x_handrail_tag: 'offer' },
        shortDescription: 'the printer jams',
      });
      assert.equal(await tell(), 'no runbook matches INC0010023');
      pass(months * 31 * 86_400_000);
      save({ fields: {}, shortDescription: 'Burst of 5xx' });
      assert.equal(await tell(), 'dropped: INC0010023 is not offered to Handrail any more');
    });

  it('keeps what a machine suggested when later versions say nothing of it', async () => {
    const suggestion = { runbook: 'recycle', confidence: 0.9, reason: 'r', quotes: [], model: 'triage' };
    world.incident = { ...world.incident, modCount: 4 };
    const ids = [await receive(2, { suggestion }), await receive(3), await receive(4)];
    await Promise.all(ids.map((id) => events.process(id)));
    assert.deepEqual(
      (await runs()).map(({ proposal }) => proposal?.suggestion?.model),
      ['triage'],
    );
  });

  for (const [name, change, why] of [
    ['over', { state: 'resolved' }, 'INC0010023 is resolved'],
    ['about another item', { ciSysId: 'd'.repeat(32) }, 'INC0010023 names another configuration item now'],
  ] as const)
    it(`tells a run that starts in the moment in which it is ${name}`, async () => {
      await tell();
      const [runId = ''] = await openRuns(process.deps);
      await process.command(f.anyOf.approve, runId);
      const { submit } = process.deps.engine;
      Object.assign(process.deps.engine, {
        submit: async (id: string, command: Command) => {
          if (command.name === 'withdraw') {
            // what it starts on was read a moment ago
            const { incident } = world;
            world.incident = earlier;
            await process.command(f.anyOf.dispatch, id);
            world.incident = incident;
          }
          return submit(id, command);
        },
      });
      const earlier = world.incident;
      save(change);
      assert.match(await tell(), /already-running: run X/);
      assert.equal(incidentChangeOf(await loadRun(process.deps, runId)), why);
    });

  for (const [name, change, outcome, mend] of [
    [
      'whose new item the CMDB did not have yet',
      { ciSysId: 'd'.repeat(32) },
      `failed: the CMDB has no item ${'d'.repeat(32)}, or Handrail may not read it. Correct the configuration item of INC0010023, or let the integration user read it.`,
      () => {
        missingItem = '';
      },
    ],
    [
      'that no runbook matched for a while',
      { shortDescription: 'the printer jams' },
      'no runbook matches INC0010023; withdrawn: run X',
      () =>
        Object.assign(process.deps.catalogue, {
          runbooks: new Map([['recycle', f.runbook({ match: { symptoms: ['printer'] } })]]),
        }),
    ],
  ] as const)
    for (const how of ['told of once more', 'saved once more'])
      it(`is proposed for again, ${name}, when it is ${how}`, async () => {
        missingItem = 'd'.repeat(32);
        assert.equal(await tell(), 'proposed: run X');
        save(change);
        assert.equal(await tell(), outcome);
        mend();
        if (how === 'saved once more') save();
        assert.equal(await tell(), 'proposed: run X');
        assert.deepEqual(await ends(), ['withdrawn', 'open']);
      });
});
