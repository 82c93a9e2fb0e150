import assert from 'node:assert/strict';
import { client, ids, reply, row, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const shop = sysId('b');
const incident = (number: string, more: Readonly<Record<string, string>> = {}) => ({
  number,
  short_description: 'shop is down',
  state: '2',
  active: 'true',
  cmdb_ci: ids.ci,
  major_incident_state: 'accepted',
  ...more,
});

describe('Major incidents in ServiceNow', () => {
  afterEach(closeServers);

  it('are those that were accepted and are still open, on these items', async () => {
    const { itsm } = await simulation({
      incident: [
        incident('INC1'),
        incident('INC2', { cmdb_ci: shop }),
        incident('INC3', { cmdb_ci: sysId('c') }),
        incident('INC4', { major_incident_state: 'proposed' }),
        incident('INC5', { active: 'false', state: '7' }),
        incident('INC6', { state: '6' }),
        incident('INC7', { major_incident_state: '' }),
      ],
    });
    const found = await itsm.majorIncidents([ids.ci, shop, shop]);
    assert.deepEqual(
      found.toSorted((a, b) => (a.number < b.number ? -1 : 1)),
      [
        { number: 'INC1', ci: ids.ci, shortDescription: 'shop is down' },
        { number: 'INC2', ci: shop, shortDescription: 'shop is down' },
      ],
    );
  });

  it('are found on any of hundreds of items', async () => {
    const items = Array.from({ length: 250 }, (_, n) => sysId('e', n));
    const { itsm } = await simulation({ incident: [incident('INC1', { cmdb_ci: items.at(-1) ?? '' })] });
    assert.deepEqual(
      (await itsm.majorIncidents(items)).map(({ number }) => number),
      ['INC1'],
    );
  });

  it('are not asked for without an item, with a text that is none, or on an instance that has none', async () => {
    const { itsm, url, requests } = await simulation({ incident: [incident('INC1')] });
    assert.deepEqual(await itsm.majorIncidents([]), []);
    assert.deepEqual(await itsm.majorIncidents(['x^ORnumberISNOTEMPTY']), []);
    assert.deepEqual(
      await client(url, { mappings: { majorIncidentStates: [] } }).majorIncidents([ids.ci]),
      [],
    );
    assert.deepEqual(await requests(), {});
  });

  it('may carry another value', async () => {
    const { itsm } = await simulation(
      { incident: [incident('INC1'), incident('INC2', { major_incident_state: '3' })] },
      { mappings: { majorIncidentStates: ['3', '4'] } },
    );
    assert.deepEqual(
      (await itsm.majorIncidents([ids.ci])).map(({ number }) => number),
      ['INC2'],
    );
  });

  for (const [what, answer] of [
    ['the column does not exist', row({ active: 'true' })],
    ['an incident is not active', row({ major_incident_state: 'accepted', active: 'false' })],
    ['an incident is on another item', row({ ...incident('INC1'), cmdb_ci: shop })],
  ] as const)
    it(`are unknown, not none, when ServiceNow ignored the query and ${what}`, async () => {
      const { url } = await scripted((_got, response) => reply(response, 200, { result: [answer] }));
      await assert.rejects(client(url).majorIncidents([ids.ci]), {
        code: 'itsm-refused',
        message: /other records/,
      });
    });

  it('do not start with a value that would change what a query means', () => {
    for (const value of ['accepted^ORactive=true', 'javascript:gs.x()', 'a,b'])
      assert.throws(() => client('http://127.0.0.1:1', { mappings: { majorIncidentStates: [value] } }), {
        code: 'config-invalid',
      });
  });
});
