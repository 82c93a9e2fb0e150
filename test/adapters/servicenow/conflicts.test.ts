import assert from 'node:assert/strict';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import { ids, password } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const change = (letter: string, start: string, end: string) => ({
  sys_id: sysId(letter),
  number: `CHG-${letter}`,
  cmdb_ci: ids.ci,
  state: '-1',
  approval: 'approved',
  on_hold: 'false',
  start_date: `2026-11-22 ${start}:00`,
  end_date: `2026-11-22 ${end}:00`,
});
const seed = {
  cmdb_ci: [{ sys_id: ids.ci, name: 'web01' }],
  change_request: [change('a', '10:00', '12:00'), change('b', '11:30', '13:00')],
};
const at = new Date('2026-11-22T10:30:00Z');

describe('Conflicts of a change', () => {
  afterEach(closeServers);
  const started = async (records: typeof seed, mappings = { changeConflicts: true }) => {
    const sn = await simulation(records, { mappings });
    const check = (id: string) =>
      fetch(`${sn.url}/api/sn_chg_rest/change/${id}/conflict`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`handrail:${password}`).toString('base64')}` },
      });
    const conflicts = async () =>
      (await sn.itsm.changes(ids.ci, at)).map((one) => ('conflicts' in one ? one.conflicts : undefined));
    return { ...sn, check, conflicts };
  };

  it('are those that are listed, whatever the status says: it reads Conflict when there is none', async () => {
    const [alone = change('a', '10:00', '12:00')] = seed.change_request;
    const sn = await started({ ...seed, change_request: [alone] });
    const checked = (await (await sn.check(sysId('a'))).json()) as { result: { status: { value: string } } };
    assert.equal(checked.result.status.value, 'Conflict');
    assert.deepEqual(await sn.conflicts(), [[]]);
  });

  it('are read for a change that covers now', async () => {
    const sn = await started(seed);
    await sn.check(sysId('a'));
    assert.deepEqual(await sn.conflicts(), [['ci_already_scheduled']]);
  });

  it('are not asked for unless servicenow.yaml says so', async () => {
    const sn = await started(seed, { changeConflicts: defaultMappings.changeConflicts });
    assert.deepEqual(await sn.conflicts(), [undefined]);
    assert.ok(!Object.keys(await sn.requests()).some((route) => route.endsWith('/conflict')));
  });

  it('fail the fact when they cannot be read, instead of counting as none', async () => {
    const sn = await started(seed);
    await sn.breakNext({ path: '/api/sn_chg_rest/', status: 403 });
    await assert.rejects(sn.itsm.changes(ids.ci, at), { code: 'itsm-refused' });
    await sn.breakNext({ path: '/api/sn_chg_rest/', status: 404 });
    await assert.rejects(sn.itsm.changes(ids.ci, at), { fix: /sn_change_reader/ });
  });
});
