import assert from 'node:assert/strict';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

const change = (letter: string, start: string, end: string) => ({
  sys_id: letter.repeat(32),
  number: `CHG-${letter}`,
  cmdb_ci: ids.web01,
  start_date: start && `2026-11-22 ${start}:00`,
  end_date: end && `2026-11-22 ${end}:00`,
});
const freeze = 'f'.repeat(32);
const patching = 'e'.repeat(32);
const seed = {
  cmdb_ci_app_server: [{ sys_id: ids.web01, name: 'web01', maintenance_schedule: patching }],
  cmn_schedule: [{ sys_id: patching, name: 'Patching' }],
  cmn_schedule_blackout: [{ sys_id: freeze, name: 'Freeze', applies_to: 'cmdb_ci_app_server' }],
  cmn_schedule_span: [
    { schedule: patching, start_date_time: '20261122T080000Z', end_date_time: '20261122T180000Z' },
    { schedule: freeze, start_date_time: '20261122T140000Z', end_date_time: '20261122T150000Z' },
  ],
  change_request: [
    change('a', '10:00', '11:00'),
    change('b', '10:30', '12:00'),
    change('c', '14:30', '19:00'),
    change('d', '12:00', '13:00'),
    change('9', '', ''),
  ],
};

describe('The simulated conflict check of a change', () => {
  let sn: Instance;
  beforeEach(async () => {
    sn = await instance({ seed, now: () => new Date('2026-11-22T09:00:00Z') });
  });
  afterEach(closeInstances);
  const at = (letter: string) => `/api/sn_chg_rest/change/${letter.repeat(32)}/conflict`;
  const typesOf = async (letter: string): Promise<string[]> => {
    await sn.call('POST', at(letter));
    const { result } = await sn.call('GET', at(letter));
    const { conflicts } = result as unknown as { conflicts: { type: { value: string } }[] };
    return conflicts.map(({ type }) => type.value);
  };

  it('finds other changes, blackouts, and times outside of maintenance', async () => {
    assert.deepEqual(await typesOf('a'), ['ci_already_scheduled']);
    assert.deepEqual(await typesOf('c'), ['not_in_maintenance_window', 'blackout']);
    assert.deepEqual(await typesOf('9'), []);
  });

  it('looks at each affected item of a change, and at changes that only list the item', async () => {
    const { result } = await sn.call('POST', '/api/now/table/change_request', {
      start_date: '2026-11-22 12:30:00',
      end_date: '2026-11-22 14:30:00',
    });
    const sysId = (result as { sys_id: string }).sys_id;
    await sn.call('POST', '/api/now/table/task_ci', { task: sysId, ci_item: ids.web01 });
    assert.deepEqual(await typesOf('d'), ['ci_already_scheduled']);
    await sn.call('POST', `/api/sn_chg_rest/change/${sysId}/conflict`);
    const own = (await sn.call('GET', `/api/sn_chg_rest/change/${sysId}/conflict`)).result as unknown as {
      conflicts: { type: { value: string } }[];
    };
    assert.deepEqual(
      own.conflicts.map(({ type }) => type.value),
      ['blackout', 'ci_already_scheduled'],
    );
  });

  it('has found nothing before it ran and after it was taken away, and says Conflict all the same', async () => {
    const look = async () => (await sn.call('GET', at('a'))).result as unknown as Record<string, unknown>;
    const before = await look();
    assert.deepEqual(
      [before['status'], before['conflicts']],
      [{ value: 'Conflict', display_value: 'Conflict' }, []],
    );
    assert.equal((await typesOf('a')).length, 1);
    assert.equal(((await look())['last_run'] as { value: string }).value, '2026-11-22 09:00:00');
    assert.equal((await sn.call('DELETE', at('a'))).status, 200);
    assert.deepEqual((await look())['conflicts'], []);
    assert.deepEqual(await typesOf('d'), [], 'nothing in the way');
  });

  it('is there for changes only', async () => {
    assert.equal((await sn.call('GET', at('0'))).status, 404);
    assert.equal((await sn.call('PATCH', at('a'), {})).status, 405);
  });
});
