import assert from 'node:assert/strict';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import type { Row, Seed } from '../../../src/sandbox/servicenow/state.ts';
import { client, fault, ids, reply, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const at = new Date('2026-11-22T11:00:00Z');
const clock = { now: () => at };
const [olivia, ravi, mia, gone] = ['1', '2', '3', '4'].map((letter) => sysId(letter)) as [
  string,
  string,
  string,
  string,
];
const [rota, roster] = [sysId('5'), sysId('6')] as [string, string];
const other = sysId('b');
const route = '/api/now/on_call_rota/whoisoncall';

const user = (sys_id: string, name: string, more: Row = {}): Row => ({
  sys_id,
  user_name: name,
  email: `${name}@contoso.example`,
  active: 'true',
  ...more,
});
const member = (who: string, order: string, more: Row = {}): Row => ({ roster, member: who, order, ...more });
const world = (members: readonly Row[], more: Seed = {}): Seed => ({
  sys_user: [
    user(olivia, 'olivia'),
    user(ravi, 'ravi'),
    user(mia, 'mia'),
    user(gone, 'gone', { active: 'false' }),
  ],
  sys_user_group: [
    { sys_id: ids.group, name: 'Web Operations', active: 'true', manager: mia },
    { sys_id: other, name: 'Databases', active: 'true', manager: gone },
  ],
  cmn_rota: [{ sys_id: rota, name: 'web', group: ids.group }],
  cmn_rota_roster: [{ sys_id: roster, name: 'first', rota }],
  cmn_rota_member: members,
  ...more,
});

describe('Who is on call in ServiceNow', () => {
  afterEach(closeServers);

  it('is told by name and by sys_id of the group, first responder first', async () => {
    const { itsm } = await simulation(world([member(ravi, '200'), member(olivia, '100')]), {}, { clock });
    for (const group of ['Web Operations', ids.group])
      assert.deepEqual(await itsm.onCall(group, at), ['olivia@contoso.example', 'ravi@contoso.example']);
  });

  it('is named by the Entra object id where a column holds it, and by the email address otherwise', async () => {
    const id = 'b7b4a2a0-0000-4000-8000-00000000000a';
    const sys_user = [
      user(olivia, 'olivia', { u_entra: id.toUpperCase() }),
      user(ravi, 'ravi', { u_entra: 'x' }),
    ];
    const seed = world([member(ravi, '200'), member(olivia, '100')], { sys_user });
    const mappings = { columns: { ...defaultMappings.columns, entraId: 'u_entra' } };
    const { itsm } = await simulation(seed, { mappings }, { clock });
    assert.deepEqual(await itsm.onCall(ids.group, at), [id, 'ravi@contoso.example']);
  });

  it('may differ at another time', async () => {
    const seed = world([
      member(olivia, '100', { to: '2026-11-22' }),
      member(ravi, '100', { from: '2026-11-23' }),
    ]);
    const { itsm } = await simulation(seed, {}, { clock, now: clock.now });
    assert.deepEqual(await itsm.onCall(ids.group, at), ['olivia@contoso.example']);
    assert.deepEqual(await itsm.onCall(ids.group, new Date('2026-11-23T11:00:00Z')), [
      'ravi@contoso.example',
    ]);
  });

  it('is the manager when nobody is, or nobody who is can be reached', async () => {
    const { itsm } = await simulation(world([member(gone, '100')]), {}, { clock });
    assert.deepEqual(await itsm.onCall(ids.group, at), ['mia@contoso.example']);
    const empty = await simulation(world([]), {}, { clock });
    assert.deepEqual(await empty.itsm.onCall(ids.group, at), ['mia@contoso.example']);
  });

  for (const [what, answer] of [
    ['the route does not exist', { status: 404, body: JSON.stringify(fault('Not found')) }],
    [
      'the plugin is not there',
      { status: 400, body: JSON.stringify(fault('Requested URI does not represent any resource')) },
    ],
  ] as const)
    it(`is the manager when ${what}`, async () => {
      const { itsm, breakNext } = await simulation(world([member(olivia, '100')]), {}, { clock });
      await breakNext({ path: route, ...answer });
      assert.deepEqual(await itsm.onCall(ids.group, at), ['mia@contoso.example']);
    });

  it('is nobody when the manager has left, and never anybody else', async () => {
    const { itsm } = await simulation(world([member(olivia, '100')]), {}, { clock });
    assert.deepEqual(await itsm.onCall(other, at), []);
  });

  it('is unknown when ServiceNow may not be asked or does not answer', async () => {
    const { itsm, breakNext } = await simulation(world([member(olivia, '100')]), {}, { clock });
    await breakNext({ path: route, status: 403 });
    await assert.rejects(itsm.onCall(ids.group, at), { code: 'itsm-refused' });
    await breakNext({ path: route, status: 503, times: 3 });
    await assert.rejects(itsm.onCall(ids.group, at), { code: 'itsm-unreachable' });
    await assert.rejects(itsm.onCall('No such group', at), { code: 'itsm-refused', fix: /Correct the name/ });
  });

  it('does not take those of other groups when ServiceNow ignored which one was asked for', async () => {
    const everybody = [
      { userId: olivia, group: ids.group, order: 1 },
      { userId: ravi, group: other, order: 2 },
    ];
    const users = [user(olivia, 'olivia'), user(ravi, 'ravi')];
    const { url } = await scripted((got, response) =>
      reply(response, 200, { result: got.path === route ? everybody : users }, { 'x-total-count': '2' }),
    );
    await assert.rejects(client(url).onCall(ids.group, at), {
      code: 'itsm-refused',
      message: /other records/,
    });
  });

  it('does not take addresses of people it did not ask about', async () => {
    const { url } = await scripted((got, response) =>
      got.path === route
        ? reply(response, 200, { result: [{ userId: olivia, group: ids.group, order: 1 }] })
        : reply(response, 200, { result: [user(ravi, 'ravi')] }),
    );
    await assert.rejects(client(url).onCall(ids.group, at), {
      code: 'itsm-refused',
      message: /other records/,
    });
  });

  it('leaves out devices and whatever is no sys_id', async () => {
    const { url, got } = await scripted((one, response) => {
      if (one.path === route)
        return reply(response, 200, {
          result: [
            { userId: '', isDevice: true, group: ids.group, order: 1 },
            { userId: 'x^ORemailISNOTEMPTY', group: ids.group, order: 2 },
            { userId: olivia, group: { value: ids.group }, order: '3' },
          ],
        });
      return reply(response, 200, { result: [user(olivia, 'olivia')] }, { 'x-total-count': '1' });
    });
    assert.deepEqual(await client(url).onCall(ids.group, at), ['olivia@contoso.example']);
    assert.equal(got.at(-1)?.query.get('sysparm_query'), `sys_idIN${olivia}`);
    assert.equal(got[0]?.query.get('date_time'), '2026-11-22 11:00:00');
  });

  it('is asked without a time when the question is about now', async () => {
    const { url, got } = await scripted((_got, response) => reply(response, 403, fault('no')));
    await assert.rejects(client(url, {}, clock).onCall(ids.group, new Date(at.getTime() + 20_000)));
    assert.equal(got[0]?.query.has('date_time'), false);
  });
});
