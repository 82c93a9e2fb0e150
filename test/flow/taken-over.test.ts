import assert from 'node:assert/strict';
import { password } from '../adapters/servicenow/instance.ts';
import { closeServers, type Simulation, simulation, sysId } from '../adapters/servicenow/simulation.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const incident = sysId('a');
const [anna, bert] = [sysId('5'), sysId('6')];

describe('A run whose incident somebody takes while it is under way', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let sn: Simulation;
  const asPerson = async (path: string, change?: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${sn.url}/api/now/table/${path}`, {
      method: change === undefined ? 'GET' : 'PATCH',
      headers: {
        authorization: `Basic ${Buffer.from(`person:${password}`).toString('base64')}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(change === undefined ? {} : { body: JSON.stringify(change) }),
    });
    return ((await answer.json()) as { result: Record<string, string> & Record<string, string>[] }).result;
  };
  const ticket = () => asPerson(`incident/${incident}?sysparm_exclude_reference_link=true`);

  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    const seed = {
      incident: [{ sys_id: incident, number: 'INC0010023', state: '1', cmdb_ci: sysId('c'), active: 'true' }],
      sys_user_group: [{ sys_id: sysId('7'), name: 'L3', active: 'true' }],
    };
    const users = [
      { user: 'handrail', password },
      { user: 'person', password },
    ];
    sn = await simulation(seed, {}, { users });
    process = await startProcess(world, temp.file);
    const { incident: read, update, attach } = sn.itsm;
    Object.assign(process.deps, { itsm: { ...process.deps.itsm, incident: read, update, attach } });
  });
  afterEach(async () => {
    await process.store.close();
    await closeServers();
    temp.remove();
  });

  /** Lets a run be approved; what people do to the incident is done before its first job is launched. */
  const runs = async (change: Readonly<Record<string, string>>): Promise<void> => {
    await process.command(propose);
    await process.settle();
    await asPerson(`incident/${incident}`, { assigned_to: anna });
    let launched = false;
    world.slow = async (point) => {
      if (point !== 'launch' || launched) return;
      launched = true;
      for (let n = 0; n < 500 && (await ticket())['state'] !== '2'; n++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await asPerson(`incident/${incident}`, change);
    };
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    assert.ok(launched);
  };
  const lastNote = async (): Promise<string> => {
    const notes = await asPerson('sys_journal_field?sysparm_query=element=work_notes');
    return notes.at(-1)?.['value'] ?? '';
  };

  it('leaves it to them at its end: ticket, thread and record say so', async () => {
    await runs({ assigned_to: bert });
    const after = await ticket();
    assert.deepEqual([after['state'], after['assigned_to'], after['close_code'] ?? ''], ['2', bert, '']);
    const left = 'INC0010023 was assigned to somebody else: it was not resolved by Handrail';
    assert.match(await lastNote(), new RegExp(`: succeeded\\.[^]*Left as it is: ${left}\\.`));
    assert.ok(world.transcript.some((line) => line.startsWith('thread: ') && line.includes(left)));
    assert.equal((await process.run()).closed?.outcome, 'succeeded');
  });

  it('resolves it where nobody did, whoever had it when the run was let go ahead', async () => {
    await runs({ work_notes: 'I am watching.' });
    const after = await ticket();
    assert.deepEqual([after['state'], after['assigned_to']], ['6', anna]);
    assert.ok(!world.transcript.some((line) => line.includes('not resolved')));
  });

  it('does not take a failure from whoever has it', async () => {
    world.results['recycle'] = 'failed';
    await runs({ assigned_to: bert });
    const after = await ticket();
    assert.deepEqual([after['assigned_to'], after['assignment_group']], [bert, '']);
    assert.match(await lastNote(), /was assigned to somebody else: it was not handed to L3\./);
  });
});
