import assert from 'node:assert/strict';
import { servicenow } from '../../../src/adapters/servicenow/itsm.ts';
import { defaultMappings } from '../../../src/adapters/servicenow/mappings.ts';
import { password, reply, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const entraId = 'b7b4a2a0-0000-4000-8000-000000000001';
const user = (id: string, email: string, more: Readonly<Record<string, string>> = {}) => ({
  sys_id: id,
  email,
  active: 'true',
  ...more,
});
const seed = {
  sys_user: [
    user(sysId('1'), 'Nadia@contoso.example', { u_entra_id: entraId.toUpperCase() }),
    user(sysId('2'), 'arne@contoso.example'),
    user(sysId('3'), 'arne@contoso.example', { u_entra_id: 'b7b4a2a0-0000-4000-8000-000000000003' }),
    user(sysId('4'), 'kim@contoso.example', { active: 'false' }),
    user(sysId('5'), 'kim@contoso.example'),
  ],
};
const columns = { ...defaultMappings.columns, entraId: 'u_entra_id' };

const users = (baseUrl: string, mappings = {}) =>
  servicenow({
    baseUrl,
    auth: { kind: 'basic', user: 'handrail', password },
    integrationUser: 'handrail',
    timeoutMs: 2_000,
    mappings,
  });

describe('Users of ServiceNow', () => {
  afterEach(closeServers);
  const start = async (mappings = {}) => {
    const sn = await simulation(seed);
    return { ...sn, user: users(sn.url, mappings).user };
  };

  it('are found by email address, without case, and only while they are active', async () => {
    const sn = await start();
    assert.equal(await sn.user(' nadia@Contoso.example '), sysId('1'));
    assert.equal(await sn.user('kim@contoso.example'), sysId('5'));
    assert.equal(await sn.user('nobody@contoso.example'), undefined);
  });

  it('are found by Entra object id where a column holds it', async () => {
    assert.equal(await (await start({ columns })).user(entraId), sysId('1'));
    assert.equal(await (await start()).user(entraId), undefined);
  });

  it('are refused when more than one matches', async () => {
    await assert.rejects((await start()).user('arne@contoso.example'), {
      code: 'itsm-refused',
      message: /several active users/,
    });
  });

  it('are not taken from rows that ServiceNow gives when it ignores the query', async () => {
    const sys_id = sysId('9');
    const rows = [
      { sys_id, email: 'kim@contoso.example', active: 'false' },
      { sys_id, email: 'else@contoso.example', active: 'true' },
    ];
    const { url } = await scripted((_got, response) => reply(response, 200, { result: rows }));
    assert.equal(await users(url).user('kim@contoso.example'), undefined);
  });

  it('are not asked for with a text that could change the query', async () => {
    const sn = await start({ columns });
    for (const text of [
      '',
      'nadia',
      'a@b.example^ORactive=true',
      'javascript:gs.getUserID()',
      'a,b@c.example',
      'a@b',
    ])
      assert.equal(await sn.user(text), undefined);
    assert.deepEqual(await sn.requests(), {});
  });
});
