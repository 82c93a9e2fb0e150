import assert from 'node:assert/strict';
import { closeInstances, type Instance, ids, instance } from './instance.ts';

const [freeze, patching] = ['1'.repeat(32), '2'.repeat(32)];
const span = (schedule: string, start: string, end: string) => ({
  schedule,
  start_date_time: start,
  end_date_time: end,
});
const seed = {
  cmdb_ci_app_server: [{ sys_id: ids.web01, name: 'web01', environment: 'Production' }],
  cmdb_ci: [{ sys_id: ids.db01, name: 'db01' }],
  cmn_schedule_maintenance: [
    {
      sys_id: patching,
      name: 'Patching',
      applies_to: 'cmdb_ci_app_server',
      condition: 'environment=Production',
    },
  ],
  cmn_schedule_blackout: [
    { sys_id: freeze, name: 'Freeze', type: 'blackout', applies_to: 'cmdb_ci_app_server' },
  ],
  cmn_schedule_span: [
    span(patching, '20261122T100000Z', '20261122T140000Z'),
    span(freeze, '20261122T113000Z', '20261122T120000Z'),
  ],
};

/** The answer of a worker. */
type Worker = {
  readonly worker: { readonly sysId: string; readonly link: string };
  readonly state: { readonly value: number; readonly display_value: string };
  readonly messages: { readonly infoMessages: readonly string[] };
  readonly payload?: { readonly spans: readonly { readonly start: { readonly value: string } }[] };
};

describe('The simulated change schedule', () => {
  let sn: Instance;
  beforeEach(async () => {
    sn = await instance({ seed, now: () => new Date('2026-11-22T09:00:00Z') });
  });
  afterEach(closeInstances);

  const ask = async (path: string) => {
    const answer = await sn.call('GET', path);
    return { status: answer.status, worker: answer.result as unknown as Worker };
  };
  const starts = async (ci: string, query: string) => {
    const begun = await ask(`/api/sn_chg_rest/change/ci/${ci}/schedule?${query}`);
    const link = begun.worker.worker.link.slice(sn.url.length);
    const states = [begun.worker.state, (await ask(link)).worker.state];
    const { worker } = await ask(link);
    return {
      status: begun.status,
      states: [...states, worker.state].map((state) => state.display_value),
      messages: worker.messages.infoMessages,
      starts: worker.payload?.spans.map(({ start }) => start.value.slice(11)),
    };
  };

  it('offers slots back to back, within maintenance and outside blackouts, once its worker is done', async () => {
    const found = await starts(ids.web01, 'duration_in_seconds=3000');
    assert.equal(found.status, 202);
    assert.deepEqual(found.states, ['Waiting', 'In-Progress', 'Complete']);
    assert.deepEqual(found.starts, ['10:00:00', '12:00:00', '12:50:00']);
  });

  it('begins with the planned start, around planned changes', async () => {
    const change = { cmdb_ci: ids.web01, start_date: '2026-11-22 13:00:00', end_date: '2026-11-22 13:30:00' };
    await sn.call('POST', '/api/now/table/change_request', change);
    const query = `duration_in_seconds=1800&planned_start_time=${encodeURIComponent('2026-11-22 11:00:00')}`;
    assert.deepEqual((await starts(ids.web01, query)).starts, [
      '11:00:00',
      '12:00:00',
      '12:30:00',
      '13:30:00',
    ]);
  });

  it('offers 30 slots around the clock for an item without schedules', async () => {
    const found = await starts(ids.db01, 'duration_in_seconds=60');
    assert.equal(found.starts?.length, 30);
    assert.equal(found.starts[0], '09:00:00');
  });

  it('says so when no slot is long enough', async () => {
    const found = await starts(ids.web01, 'duration_in_seconds=86400');
    assert.equal(found.starts, undefined);
    assert.equal(found.messages.length, 1);
  });

  it('refuses an item it does not have, and a question without a length', async () => {
    for (const path of [
      `ci/${'9'.repeat(32)}/schedule?duration_in_seconds=60`,
      `ci/${ids.db01}/schedule`,
      `ci/${ids.db01}/schedule?duration_in_seconds=60&planned_start_time=soon`,
    ])
      assert.equal((await ask(`/api/sn_chg_rest/change/${path}`)).status, 400);
    assert.equal((await ask(`/api/sn_chg_rest/change/worker/${'9'.repeat(32)}`)).status, 404);
  });
});
