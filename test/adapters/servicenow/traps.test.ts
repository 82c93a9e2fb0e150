import assert from 'node:assert/strict';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import type { ServiceNowOptions } from '../../../src/sandbox/servicenow/server.ts';
import { client, ids, password, reply, row, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const at = new Date('2026-11-22T11:00:00Z');
const change = (n: number, ci: string) => ({
  sys_id: sysId('c', n),
  number: `CHG${n}`,
  cmdb_ci: ci,
  state: '-1',
  approval: 'approved',
  on_hold: 'false',
  start_date: '2026-11-22 10:00:00',
  end_date: '2026-11-22 12:00:00',
});
const handrail = { user: 'handrail', password };
const asUser = (more: Partial<ServiceNowOptions['users'][number]>) => ({ users: [{ ...handrail, ...more }] });

/** The traps of ServiceNow's API that would run a wrong action, or a second one. Conflicts have a test of their own. */
describe('What ServiceNow does without a word', () => {
  afterEach(closeServers);

  it('ignores a column it does not know in a query, and the rows of everything else are refused', async () => {
    const seed = { change_request: [change(1, ids.ci), change(2, sysId('e'))] };
    const mappings = { columns: { ...defaultMappings.columns, changeCi: 'u_typo' } };
    const { itsm } = await simulation(seed, { mappings });
    await assert.rejects(itsm.changes(ids.ci, at), {
      code: 'itsm-refused',
      message: /other records than those asked for/,
      fix: /glide\.invalid_query\.returns_no_rows/,
    });
  });

  it('hides a column the integration user may not read, and no row passes without it', async () => {
    const seed = { change_request: [change(1, ids.ci)] };
    const { itsm } = await simulation(seed, {}, asUser({ deniedColumns: ['change_request.cmdb_ci'] }));
    await assert.rejects(itsm.changes(ids.ci, at), { message: /other records than those asked for/ });
  });

  it('evaluates javascript in a query, so no text of a person or a ticket becomes one', async () => {
    const sn = await simulation({ incident: [{ sys_id: ids.incident, number: 'INC0000001', state: '1' }] });
    for (const text of ['javascript:gs.getUserID()', 'INC0000001^NQactive=true', 'INC0000001,INC0000002'])
      assert.equal(await sn.itsm.incident({ number: text }), undefined);
    await assert.rejects(sn.itsm.onCall('javascript:gs.getUserName()', at), { code: 'itsm-refused' });
    await assert.rejects(sn.itsm.onCall('Web^ORactive=true', at), { code: 'itsm-refused' });
    assert.deepEqual(await sn.requests(), {});
  });

  it('filters by a parameter named like a column, so none but its own parameters are sent', async () => {
    const { url, got } = await scripted((one, response) =>
      reply(response, 200, { result: one.path.endsWith(ids.incident) ? row() : [] }),
    );
    const itsm = client(url);
    await itsm.incident({ sysId: ids.incident });
    await itsm.incident({ number: 'INC0010001' });
    await itsm.changes(ids.ci, at);
    const names = new Set(got.flatMap(({ query }) => [...query.keys()]));
    assert.deepEqual(
      [...names].filter((name) => !name.startsWith('sysparm_')),
      [],
    );
  });

  it('applies the limit before access rules: the rows behind an empty page are found', async () => {
    const hidden = Array.from({ length: 250 }, (_, n) => change(n, ids.ci));
    const seen = change(999, ids.ci);
    const { itsm } = await simulation(
      { change_request: [...hidden, seen] },
      {},
      asUser({ deniedRecords: hidden.map((one) => one.sys_id) }),
    );
    assert.deepEqual(
      (await itsm.changes(ids.ci, at)).map(({ number }) => number),
      ['CHG999'],
    );
  });

  it('may leave the Link out and tell the number alone: pages go on by the limit, not by the rows that came', async () => {
    const last = { ...change(999, ids.ci) };
    const { url, got } = await scripted((one, response) => {
      if (one.path.endsWith('/task_ci')) return reply(response, 200, { result: [] });
      const result = one.query.get('sysparm_offset') === '400' ? [last] : [];
      reply(response, 200, { result }, { 'x-total-count': '401' });
    });
    assert.equal((await client(url).changes(ids.ci, at)).length, 1);
    assert.deepEqual(
      got.flatMap(({ path, query }) => (path.endsWith('/change_request') ? query.get('sysparm_offset') : [])),
      ['0', '200', '400'],
    );
  });

  it('may lose its paging headers on the way, and then nobody can tell whether that was all', async () => {
    const { url } = await scripted((_one, response) =>
      reply(response, 200, { result: [] }, { 'x-total-count': '' }),
    );
    await assert.rejects(client(url).changes(ids.ci, at), {
      code: 'itsm-refused',
      fix: /Link and X-Total-Count/,
    });
  });

  it('answers no rows with a 404 in its first version, which means none and not an error', async () => {
    const { url } = await scripted((_one, response) =>
      reply(response, 404, { error: { message: 'No Record found', detail: '' }, status: 'failure' }),
    );
    assert.deepEqual(await client(url).changes(ids.ci, at), []);
  });

  it('raises an event for what we write: it is known as our own by its author, in any case', async () => {
    const { itsm } = await simulation({
      incident: [{ sys_id: ids.incident, number: 'INC0000001', state: '1' }],
    });
    const before = await itsm.incident({ sysId: ids.incident });
    assert.ok(before && !itsm.isOwnUpdate(before));
    await itsm.update({ sysId: ids.incident, marker: '[m]', workNote: 'Started.', state: 'in-progress' });
    const after = await itsm.incident({ sysId: ids.incident });
    assert.ok(after && itsm.isOwnUpdate(after));
    assert.ok(itsm.isOwnUpdate({ ...after, updatedBy: 'Handrail' }));
  });

  it('leaves out what the integration user may not write, and that is noticed', async () => {
    const { itsm } = await simulation(
      { incident: [{ sys_id: ids.incident, number: 'INC0000001', state: '1' }] },
      {},
      asUser({ deniedColumns: ['incident.approval'] }),
    );
    const update = { sysId: ids.incident, marker: '[m]', workNote: 'Asked.', approval: 'requested' } as const;
    await assert.rejects(itsm.update(update), { fix: /right to write approval of incident/ });
  });
});
