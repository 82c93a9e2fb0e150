import assert from 'node:assert/strict';
import { MappingFile, mappingsIn } from '../../../src/adapters/servicenow/mapping-file.ts';
import { ids, password } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

/** A customer who renumbered and renamed what can be. */
const mappings = mappingsIn(
  MappingFile.parse({
    incident: {
      states: { 'in-progress': [10], resolved: [60] },
      approvals: { requested: 'pending' },
      columns: { ci: 'u_item', approval: 'u_approval' },
    },
    change: { states: { implement: ['doing'] }, approved: ['ok'], columns: { ci: 'u_item' } },
    item: {
      environments: { test: ['Spielwiese'] },
      operationalStatus: { retired: ['out'] },
      installStatus: { absent: ['lost'] },
      criticality: { Gold: 1 },
      columns: {
        environment: ['u_env'],
        operationalStatus: 'u_operation',
        installStatus: 'u_install',
        criticality: 'u_criticality',
      },
    },
  }),
);
const item = {
  sys_id: ids.ci,
  name: 'web01',
  u_env: 'Spielwiese',
  environment: 'Production',
  u_operation: 'out',
  u_install: '100',
  u_criticality: ' GOLD',
  busines_criticality: '4 - not critical',
};
const change = {
  sys_id: sysId('c'),
  number: 'CHG1',
  u_item: ids.ci,
  state: 'doing',
  approval: 'ok',
  on_hold: 'false',
  start_date: '2026-11-22 10:00:00',
  end_date: '2026-11-22 12:00:00',
};
const incident = {
  sys_id: ids.incident,
  number: 'INC0000001',
  state: '10',
  u_item: ids.ci,
  cmdb_ci: sysId('e'),
  u_approval: '',
  active: 'true',
  major_incident_state: 'accepted',
};

describe('A ServiceNow with values and columns of its own', () => {
  afterEach(closeServers);
  const start = () =>
    simulation(
      { incident: [incident], cmdb_ci_app_server: [item], change_request: [change] },
      { mappings },
      { users: [{ user: 'handrail', password }] },
    );

  it('has its incidents, changes and major incidents read by them', async () => {
    const { itsm } = await start();
    const read = await itsm.incident({ sysId: ids.incident });
    assert.deepEqual([read?.state, read?.ciSysId], ['in-progress', ids.ci]);
    const [covering] = await itsm.changes(ids.ci, new Date('2026-11-22T11:00:00Z'));
    assert.deepEqual([covering?.state, covering?.approved], ['implement', true]);
    assert.deepEqual(
      (await itsm.majorIncidents([ids.ci])).map(({ number, ci }) => [number, ci]),
      [['INC0000001', ids.ci]],
    );
  });

  it('has the status and criticality of its items told in the words decisions know', async () => {
    const ci = await (await start()).itsm.ci(ids.ci);
    assert.deepEqual([ci?.environment, ci?.environmentKnown], ['test', true]);
    assert.equal(ci?.fields['operational_status'], '6');
    assert.equal(ci?.fields['busines_criticality'], '1 - most critical');
    assert.equal(ci?.fields['install_status'], 'other 100', 'here it does not mean absent');
  });

  it('gets its own values written', async () => {
    const sn = await start();
    const update = { sysId: ids.incident, marker: '[m]', workNote: 'Asked.' };
    await sn.itsm.update({ ...update, approval: 'requested', state: 'in-progress' });
    const read = await sn.itsm.incident({ sysId: ids.incident });
    assert.equal(read?.fields['u_approval'], 'pending');
  });
});
