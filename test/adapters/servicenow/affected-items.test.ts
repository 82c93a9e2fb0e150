import assert from 'node:assert/strict';
import type { Seed } from '../../../src/sandbox/servicenow/state.ts';
import { ids } from './instance.ts';
import { closeServers, type Simulation, simulation, sysId } from './simulation.ts';

const at = new Date('2026-11-22T11:00:00Z');
const other = sysId('e');
const change = (n: number, more: Readonly<Record<string, string>> = {}) => ({
  sys_id: sysId('c', n),
  number: `CHG${n}`,
  cmdb_ci: other,
  state: '-1',
  approval: 'approved',
  on_hold: 'false',
  active: 'true',
  start_date: '2026-11-22 10:00:00',
  end_date: '2026-11-22 12:00:00',
  ...more,
});
const link = (n: number, task: string, item: string = ids.ci) => ({
  sys_id: sysId('d', n),
  task,
  ci_item: item,
});
const items = [
  { sys_id: ids.ci, name: 'web01' },
  { sys_id: other, name: 'web02' },
];

const numbers = async (sn: Simulation) =>
  (await sn.itsm.changes(ids.ci, at)).map(({ number }) => number).toSorted();

describe('Changes that list an item among their affected ones', () => {
  afterEach(closeServers);
  const started = (seed: Seed, ...more: [mappings?: object, rights?: object]) => {
    const [mappings = {}, rights = {}] = more;
    const users = [{ user: 'handrail', password: 'correct horse battery staple', ...rights }];
    return simulation({ cmdb_ci: items, ...seed }, { mappings }, { users });
  };

  it('are found beside those that name it first, each once', async () => {
    const sn = await started({
      change_request: [change(1, { cmdb_ci: ids.ci }), change(2), change(3)],
      task_ci: [link(1, sysId('c', 1)), link(2, sysId('c', 2)), link(3, sysId('c', 3), other)],
    });
    assert.deepEqual(await numbers(sn), ['CHG1', 'CHG2']);
  });

  it('count by their own planned time, and not once they are closed', async () => {
    const sn = await started({
      change_request: [
        change(1, { end_date: '2026-11-22 10:30:00' }),
        change(2, { active: 'false', state: '3' }),
        change(3),
      ],
      task_ci: [1, 2, 3].map((n) => link(n, sysId('c', n))),
    });
    assert.deepEqual(await numbers(sn), ['CHG3']);
  });

  it('are told from incidents that list it too', async () => {
    const sn = await started({
      incident: [{ sys_id: ids.incident, number: 'INC0010001', active: 'true' }],
      task_ci: [link(1, ids.incident)],
    });
    assert.deepEqual(await numbers(sn), []);
    const asked = await sn.requests();
    assert.equal(asked['GET /api/now/table/change_request'], 1, 'an incident is not looked up as a change');
  });

  it('are found on every page, however many rows of the first ones are hidden', async () => {
    const many = Array.from({ length: 450 }, (_, n) => n);
    const hidden = many.slice(0, 230).map((n) => sysId('d', n));
    const sn = await started(
      { change_request: many.map((n) => change(n)), task_ci: many.map((n) => link(n, sysId('c', n))) },
      {},
      { deniedRecords: hidden },
    );
    assert.equal((await numbers(sn)).length, 220);
  });

  it('are refused as a fact when one of them may not be read: it is there, and nobody can tell what it says', async () => {
    const sn = await started(
      { change_request: [change(1), change(2)], task_ci: [link(1, sysId('c', 1)), link(2, sysId('c', 2))] },
      {},
      { deniedRecords: [sysId('c', 2)] },
    );
    await assert.rejects(sn.itsm.changes(ids.ci, at), {
      code: 'itsm-refused',
      message: /a change that affects the configuration item cannot be read/,
      fix: /change\.affected/,
    });
  });

  it('are refused as a fact when a part of the query was ignored, and rows of other items came', async () => {
    const seed = { change_request: [change(1)], task_ci: [link(1, sysId('c', 1), other)] };
    for (const column of ['task_ci.ci_item', 'task_ci.task']) {
      const sn = await started(
        { ...seed, task_ci: [link(1, sysId('c', 1))] },
        {},
        { deniedColumns: [column] },
      );
      await assert.rejects(sn.itsm.changes(ids.ci, at), { message: /other records than those asked for/ });
    }
  });

  it('are refused as a fact when the list of affected items may not be read', async () => {
    const sn = await started({}, {}, { deniedTables: ['task_ci'] });
    await assert.rejects(sn.itsm.changes(ids.ci, at), { code: 'itsm-refused', fix: /GET task_ci/ });
  });

  it('are not looked for where servicenow.yaml says so', async () => {
    const seed = { change_request: [change(1)], task_ci: [link(1, sysId('c', 1))] };
    const sn = await started(seed, { changeAffected: false }, { deniedTables: ['task_ci'] });
    assert.deepEqual(await numbers(sn), []);
  });

  it('have their conflicts read as well', async () => {
    const sn = await started(
      {
        change_request: [change(1), change(2, { cmdb_ci: ids.ci })],
        task_ci: [link(1, sysId('c', 1))],
      },
      { changeConflicts: true },
    );
    const headers = {
      authorization: `Basic ${Buffer.from('handrail:correct horse battery staple').toString('base64')}`,
    };
    await fetch(`${sn.url}/api/sn_chg_rest/change/${sysId('c', 1)}/conflict`, { method: 'POST', headers });
    const found = (await sn.itsm.changes(ids.ci, at)).find(({ number }) => number === 'CHG1');
    assert.deepEqual(found?.conflicts, ['ci_already_scheduled']);
  });
});
