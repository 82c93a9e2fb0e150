import assert from 'node:assert/strict';
import type { Row, Seed } from '../../../src/sandbox/servicenow/state.ts';
import { client, ids, reply, type Script, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const from = new Date('2026-11-22T10:00:00Z');
const to = new Date('2026-11-22T15:00:00Z');
const [freeze, weekly] = [sysId('1'), sysId('2')] as [string, string];
const entry = (schedule: string, start: string, end: string): Row => ({
  schedule,
  start_date_time: `20261122T${start}00Z`,
  end_date_time: `20261122T${end}00Z`,
});
const item: Row = { sys_id: ids.ci, name: 'web01' };
const blackout: Seed = {
  cmdb_ci_server: [item],
  cmn_schedule_blackout: [
    {
      sys_id: freeze,
      name: 'Quarter end',
      type: 'blackout',
      applies_to: 'cmdb_ci',
      condition: 'nameSTARTSWITHweb',
    },
  ],
  cmn_schedule_span: [entry(freeze, '1200', '1330')],
};
const withWindow: Seed = {
  cmdb_ci_server: [{ ...item, maintenance_schedule: weekly }],
  cmn_schedule: [{ sys_id: weekly, name: 'Weekly patching' }],
  cmn_schedule_span: [entry(weekly, '1100', '1200')],
};
const at = (time: string) => `2026-11-22T${time}:00.000Z`;
const closed = (start: string, end: string) => ({
  kind: 'blackout',
  name: 'no change may be planned',
  start: at(start),
  end: at(end),
});

describe('The change schedule of an item in ServiceNow', () => {
  afterEach(closeServers);

  it('says nothing about an item without schedules', async () => {
    const { itsm } = await simulation({ cmdb_ci_server: [item] });
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), []);
    assert.deepEqual(await itsm.schedule('x^y', from, to), []);
  });

  it('tells a blackout, and takes none of the rest for a window', async () => {
    const { itsm } = await simulation(blackout);
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), [closed('12:00', '13:30')]);
  });

  it("tells the item's own maintenance window by name, and that nothing may be planned outside", async () => {
    const { itsm } = await simulation(withWindow);
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), [
      closed('10:00', '11:00'),
      { kind: 'maintenance', name: 'Weekly patching', start: at('11:00'), end: at('12:00') },
      closed('12:00', '15:00'),
    ]);
  });

  it('tells that all is closed when nothing is offered', async () => {
    const { itsm } = await simulation({ ...withWindow, cmn_schedule_span: [] });
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), [closed('10:00', '15:00')]);
  });

  const change = (more: Row): Row => ({
    number: 'CHG1',
    cmdb_ci: ids.ci,
    active: 'true',
    state: '-1',
    approval: 'approved',
    on_hold: 'false',
    start_date: '2026-11-22 10:00:00',
    end_date: '2026-11-22 11:00:00',
    ...more,
  });

  it('does not take the time of an approved change for a blackout', async () => {
    const { itsm } = await simulation({ cmdb_ci_server: [item], change_request: [change({})] });
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), []);
  });

  for (const [what, more] of [
    ['was not approved', { approval: 'requested' }],
    ['is a draft', { state: '-5' }],
    ['is on hold', { on_hold: 'true' }],
  ] as const)
    it(`does not let a change that ${what} take a blackout away`, async () => {
      const { itsm } = await simulation({
        ...blackout,
        change_request: [
          change({ start_date: '2026-11-22 12:00:00', end_date: '2026-11-22 13:30:00', ...more }),
        ],
      });
      assert.deepEqual(await itsm.schedule(ids.ci, from, to), [closed('12:00', '13:30')]);
    });

  it('asks the worker until it is done, and for slots long enough to reach the end', async () => {
    const { itsm, requests } = await simulation(blackout);
    await itsm.schedule(ids.ci, from, new Date('2026-12-20T10:00:00Z'));
    const counts = await requests();
    assert.equal(counts['GET /api/sn_chg_rest/change/ci/:sys_id/schedule'], 1);
    assert.equal(counts['GET /api/sn_chg_rest/change/worker/:sys_id'], 2);
  });

  it('takes what the instance no longer lists for closed', async () => {
    // Told to expect 90 slots, the client asks for short ones; the instance lists 30 of them.
    const { itsm } = await simulation({ cmdb_ci_server: [item] }, { mappings: { changeSlots: 90 } });
    assert.deepEqual(await itsm.schedule(ids.ci, from, to), [closed('11:40', '15:00')]);
  });

  const worker = sysId('c');
  const answer = (state: number, more: Readonly<Record<string, unknown>> = {}) => ({
    result: {
      worker: { sysId: worker, link: `http://elsewhere.example/${worker}` },
      request: `{"cmdb_ci_sys_id":"${ids.ci}"}`,
      state: { value: state },
      messages: { errorMessages: [] },
      ...more,
    },
  });
  /** An instance whose worker answers so. */
  const working = (first: unknown, later: unknown, seen: string[] = []): Script => {
    return (got, response) => {
      if (!got.path.startsWith('/api/sn_chg_rest/')) {
        const result = got.path.endsWith(ids.ci) ? item : [];
        return reply(response, 200, { result }, { 'x-total-count': '0' });
      }
      seen.push(got.path);
      return reply(response, 200, got.path.includes('/worker/') ? later : first);
    };
  };

  it('follows the id of the worker, never its link', async () => {
    const other = await scripted((_got, response) => reply(response, 200, answer(3)));
    const linked = { worker: { sysId: worker, link: `${other.url}/${worker}` } };
    const seen: string[] = [];
    const { url } = await scripted(working(answer(1, linked), answer(3, linked), seen));
    await client(url).schedule(ids.ci, from, to);
    assert.deepEqual(seen.at(-1), `/api/sn_chg_rest/change/worker/${worker}`);
    assert.equal(other.got.length, 0);
  });

  it('does not wait for a worker for ever', async () => {
    const seen: string[] = [];
    const { url } = await scripted(working(answer(1), answer(2), seen));
    await assert.rejects(client(url).schedule(ids.ci, from, to), {
      code: 'itsm-unreachable',
      retryable: true,
    });
    assert.equal(seen.length, 6);
  });

  for (const [what, first, later, message] of [
    [
      'a worker that failed',
      answer(1),
      answer(4, { messages: { errorMessages: ['no access'] } }),
      /no access/,
    ],
    ['a state nobody knows', answer(1), answer(9), /no explanation/],
    ['another worker', answer(1), answer(3, { worker: { sysId: sysId('d') } }), /other records/],
    [
      'an id that is no sys_id',
      answer(1, { worker: { sysId: '../../now/table/x' } }),
      answer(3),
      /other records/,
    ],
    ['another item', answer(1, { request: sysId('d') }), answer(3), /other records/],
    ['no worker', {}, {}, /does not fit/],
    [
      'a time that is none',
      answer(1),
      answer(3, { payload: { spans: [{ start: { value: 'soon' }, end: { value: 'later' } }] } }),
      /time/,
    ],
  ] as const)
    it(`is unknown, not empty, after ${what}`, async () => {
      const { url } = await scripted(working(first, later));
      await assert.rejects(client(url).schedule(ids.ci, from, to), { code: 'itsm-refused', message });
    });

  it('says what to do on an instance that does not answer such questions', async () => {
    const { itsm, breakNext } = await simulation({ cmdb_ci_server: [item] });
    await breakNext({ path: '/api/sn_chg_rest/', status: 403 });
    await assert.rejects(itsm.schedule(ids.ci, from, to), {
      code: 'itsm-refused',
      fix: /sn_change_writer.*servicenowSchedules/,
    });
    await breakNext({ path: '/api/sn_chg_rest/', status: 503, times: 3 });
    await assert.rejects(itsm.schedule(ids.ci, from, to), { code: 'itsm-unreachable', retryable: true });
  });
});
