import assert from 'node:assert/strict';
import { servicenow } from '../../../src/adapters/servicenow/itsm.ts';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import { password, reply, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const entraId = 'b7b4a2a0-0000-4000-8000-000000000001';
const user = (id: string, email: string, more: Readonly<Record<string, string>> = {}) => ({
  sys_id: sysId(id),
  email,
  active: 'true',
  ...more,
});
const seed = {
  sys_user: [
    user('1', 'Dana@contoso.example', { u_entra_id: entraId.toUpperCase() }),
    user('2', 'arne@contoso.example'),
    user('3', 'arne@contoso.example', { u_entra_id: 'b7b4a2a0-0000-4000-8000-000000000003' }),
    user('4', 'kim@contoso.example', { active: 'false' }),
    user('5', 'kim@contoso.example'),
    user('6', ''),
    user('7', 'a@b.example^ORactive=true'),
  ],
};
const columns = { ...defaultMappings.columns, entraId: 'u_entra_id' };
const itsm = (baseUrl: string, mappings = {}) =>
  servicenow({
    baseUrl,
    auth: { kind: 'basic', user: 'handrail', password },
    integrationUser: 'handrail',
    timeoutMs: 2_000,
    mappings,
  });
const laptop = (assigned: string, column = 'assigned_to') => ({
  sysId: sysId('c'),
  name: 'LAPTOP-01',
  class: 'cmdb_ci_computer',
  environment: 'production' as const,
  environmentKnown: true,
  fields: assigned === '' ? {} : { [column]: assigned },
});

describe('whom an item is assigned to', () => {
  afterEach(closeServers);
  const ownerOf = async (item: ReturnType<typeof laptop>, mappings = {}) =>
    itsm((await simulation(seed)).url, mappings).owner(item);

  it('is told by email address, or by Entra object id where a column holds it', async () => {
    assert.deepEqual(await ownerOf(laptop(sysId('1'))), { named: 'Dana@contoso.example' });
    assert.deepEqual(await ownerOf(laptop(sysId('1')), { columns }), { named: entraId });
    assert.deepEqual(await ownerOf(laptop(sysId('2')), { columns }), {
      nobody:
        'whoever LAPTOP-01 is assigned to cannot be told: several active users have arne@contoso.example: have the administrators of ServiceNow give each user an address of their own',
    });
    assert.deepEqual(await ownerOf(laptop(sysId('3')), { columns }), {
      named: 'b7b4a2a0-0000-4000-8000-000000000003',
    });
  });

  it('is read from the column the mapping names', async () => {
    const mappings = { columns: { ...columns, owner: 'u_keeper' } };
    assert.deepEqual(await ownerOf(laptop(sysId('1'), 'u_keeper'), mappings), { named: entraId });
    assert.deepEqual(await ownerOf(laptop(sysId('1')), mappings), {
      nobody: 'the CMDB assigns LAPTOP-01 to nobody: fill in its u_keeper, then ask again',
    });
  });

  it('counts only the active users of an address', async () => {
    assert.deepEqual(await ownerOf(laptop(sysId('5'))), { named: 'kim@contoso.example' });
    assert.deepEqual(await ownerOf(laptop(sysId('4'))), {
      nobody: 'LAPTOP-01 is assigned to somebody who is no active user: correct its assigned_to',
    });
  });

  for (const [name, assigned, want] of [
    ['the item names nobody', '', /assigns LAPTOP-01 to nobody/],
    ['the item names no sys_id', 'dana^active=true', /assigns LAPTOP-01 to nobody/],
    ['there is no such user', sysId('9'), /no active user/],
    ['two active users have the address', sysId('2'), /several active users have arne@contoso.example/],
    ['the user has no address', sysId('6'), /has no email address to be found by/],
    ['the address could change a query', sysId('7'), /has no email address to be found by/],
  ] as const)
    it(`is nobody, with what to do about it, when ${name}`, async () => {
      const owner = await ownerOf(laptop(assigned));
      assert.match('nobody' in owner ? owner.nobody : '', want);
    });

  it('is not taken from rows that ServiceNow gives when it ignores the query', async () => {
    const row = { sys_id: sysId('1'), email: 'dana@contoso.example', active: 'true' };
    const others = [
      row,
      { sys_id: sysId('2'), email: 'else@contoso.example', active: 'true' },
      { sys_id: sysId('3'), email: 'dana@contoso.example', active: 'false' },
    ];
    const { url } = await scripted((got, response) =>
      reply(response, 200, { result: got.query.has('sysparm_query') ? others : row }),
    );
    assert.deepEqual(await itsm(url).owner(laptop(sysId('1'))), { named: 'dana@contoso.example' });
  });
});
