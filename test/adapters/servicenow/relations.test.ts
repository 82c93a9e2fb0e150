import assert from 'node:assert/strict';
import type { Seed } from '../../../src/sandbox/servicenow/state.ts';
import { client, ids, reply, scripted } from './instance.ts';
import { closeServers, simulation, sysId } from './simulation.ts';

const typeNames = [
  'Depends on::Used by',
  'Runs on::Runs',
  'Hosted on::Hosts',
  'Contains::Contained by',
  'Cluster of::Cluster',
  'Members::Member of',
  'Sends data to::Receives data from',
];
const typeId = (name: string) => sysId('7', typeNames.indexOf(name));
const types = typeNames.map((name) => ({ sys_id: typeId(name), name }));

/** Says that a page is all there is. */
const whole = { 'x-total-count': '1' };

const relation = (parent: string, name: string, child: string) => ({ parent, child, type: typeId(name) });
const dependsOn = (parent: string, child: string) => relation(parent, 'Depends on::Used by', child);
const item = (sys_id: string, name = sys_id.slice(-3)) => ({ sys_id, name });
const [app, service, partner, host] = ['a', 'b', 'c', 'd'].map((letter) => sysId(letter)) as [
  string,
  string,
  string,
  string,
];

const cmdb = (relations: readonly Readonly<Record<string, string>>[], more: Seed = {}): Seed => ({
  cmdb_rel_type: types,
  cmdb_ci_server: [item(ids.ci, 'web01')],
  cmdb_rel_ci: relations,
  ...more,
});

describe('Relations in ServiceNow', () => {
  afterEach(closeServers);

  it('are followed upwards over every kind of dependency, with the criticality of services', async () => {
    const { itsm } = await simulation(
      cmdb(
        [
          relation(app, 'Runs on::Runs', ids.ci),
          dependsOn(service, app),
          relation(partner, 'Hosted on::Hosts', service),
          relation(host, 'Sends data to::Receives data from', ids.ci),
          dependsOn(ids.ci, host),
        ],
        {
          cmdb_ci_appl: [item(app, 'shop')],
          cmdb_ci_service: [{ ...item(service, 'Shop'), busines_criticality: '2 - somewhat critical' }],
          cmdb_ci_service_discovered: [{ ...item(partner, 'Partner'), busines_criticality: 'high' }],
        },
      ),
    );
    assert.deepEqual(await itsm.relations(ids.ci), {
      dependents: [
        { sysId: app, name: 'shop', class: 'cmdb_ci_appl' },
        { sysId: service, name: 'Shop', class: 'cmdb_ci_service', criticality: 2 },
        { sysId: partner, name: 'Partner', class: 'cmdb_ci_service_discovered' },
      ],
      members: [],
      truncated: false,
    });
  });

  it('name the members of a cluster, whichever way round discovery wrote them', async () => {
    const cluster = ids.ci;
    const { itsm } = await simulation(
      cmdb(
        [
          relation(cluster, 'Cluster of::Cluster', app),
          relation(service, 'Cluster of::Cluster', cluster),
          relation(cluster, 'Members::Member of', partner),
          relation(partner, 'Contains::Contained by', host),
          relation(host, 'Contains::Contained by', cluster),
        ],
        {
          cmdb_ci_server: [item(app, 'node 1'), item(partner, 'pool'), item(host, 'node 3')],
          cmdb_ci_cluster: [item(cluster, 'cluster')],
          cmdb_ci_cluster_node: [item(service, 'node 2')],
        },
      ),
    );
    const found = await itsm.relations(cluster);
    assert.deepEqual(found?.members.map(({ name }) => name).toSorted(), [
      'node 1',
      'node 2',
      'node 3',
      'pool',
    ]);
    assert.deepEqual((await itsm.relations(service))?.members, [], 'a node does not consist of its cluster');
  });

  it('come to an end when they lead in a circle, and list each item once', async () => {
    const { itsm } = await simulation(
      cmdb([
        dependsOn(app, ids.ci),
        dependsOn(ids.ci, app),
        dependsOn(service, app),
        dependsOn(service, ids.ci),
      ]),
    );
    const found = await itsm.relations(ids.ci);
    assert.deepEqual(found?.dependents.map((one) => one.sysId).toSorted(), [app, service]);
    assert.equal(found?.truncated, false);
  });

  const chain = (length: number) =>
    Array.from({ length }, (_, n) => dependsOn(sysId('e', n + 1), n === 0 ? ids.ci : sysId('e', n)));

  for (const [length, listed, truncated] of [
    [4, 4, false],
    [5, 4, true],
  ] as const)
    it(`list ${listed} of ${length} levels${truncated ? ' and say that there are more' : ''}`, async () => {
      const { itsm } = await simulation(cmdb(chain(length)));
      const found = await itsm.relations(ids.ci);
      assert.deepEqual([found?.dependents.length, found?.truncated], [listed, truncated]);
    });

  it('list 500 dependents, read over several pages, and say that there are more', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => dependsOn(sysId('f', n + 1), ids.ci));
    const exact = await (await simulation(cmdb(many(500)))).itsm.relations(ids.ci);
    assert.deepEqual([exact?.dependents.length, exact?.truncated], [500, false]);
    const over = await (await simulation(cmdb(many(501)))).itsm.relations(ids.ci);
    assert.deepEqual([over?.dependents.length, over?.truncated], [500, true]);
  });

  it('count an item that may not be read', async () => {
    const { itsm } = await simulation(cmdb([dependsOn(app, ids.ci)]));
    assert.deepEqual((await itsm.relations(ids.ci))?.dependents, [
      { sysId: app, name: app, class: 'cmdb_ci' },
    ]);
  });

  it('are not made up for an item that does not exist or is no sys_id', async () => {
    const { itsm } = await simulation(cmdb([]));
    assert.equal(await itsm.relations(sysId('9')), undefined);
    assert.equal(await itsm.relations('x^ORnameISNOTEMPTY'), undefined);
  });

  it('are refused when a relation type was renamed, and read under the name the mapping gives', async () => {
    const renamed = { sys_id: typeId('Runs on::Runs'), name: 'Läuft auf::Trägt' };
    const seed = cmdb([relation(app, 'Runs on::Runs', ids.ci)], {
      cmdb_rel_type: [...types.filter((type) => type.name !== 'Runs on::Runs'), renamed],
    });
    const { itsm, url } = await simulation(seed);
    await assert.rejects(itsm.relations(ids.ci), { code: 'itsm-refused', message: /Runs on::Runs/ });
    const relationTypes = { dependents: [renamed.name], members: [], eitherWay: [] };
    const found = await client(url, { mappings: { relationTypes } }).relations(ids.ci);
    assert.equal(found?.dependents[0]?.sysId, app);
  });

  for (const [table, denied] of [
    ['relations', 'cmdb_rel_ci'],
    ['relation types', 'cmdb_rel_type'],
    ['services', 'cmdb_ci_service'],
  ] as const)
    it(`are unknown, not empty, when ${table} may not be read`, async () => {
      const users = [{ user: 'handrail', password: 'correct horse battery staple', deniedTables: [denied] }];
      const { itsm } = await simulation(cmdb([dependsOn(app, ids.ci)]), {}, { users });
      await assert.rejects(itsm.relations(ids.ci), { code: 'itsm-refused', fix: new RegExp(denied) });
    });

  for (const [what, wrong] of [
    ['another item', { child: sysId('9'), type: typeId('Runs on::Runs') }],
    ['another type', { child: ids.ci, type: typeId('Sends data to::Receives data from') }],
  ] as const)
    it(`are refused when ServiceNow answers with those of ${what}`, async () => {
      const { url } = await scripted((got, response) => {
        if (got.path.endsWith('cmdb_rel_type')) return reply(response, 200, { result: types }, whole);
        if (got.path.endsWith(ids.ci)) return reply(response, 200, { result: { sys_id: ids.ci } });
        const about = got.query.get('sysparm_query')?.includes(typeId('Runs on::Runs')) ?? false;
        const row = { sys_id: sysId('8'), parent: app, ...wrong };
        return reply(response, 200, { result: about ? [row] : [] }, whole);
      });
      await assert.rejects(client(url).relations(ids.ci), { code: 'itsm-refused', message: /other records/ });
    });

  it('do not start with a type that would change what a query means', () => {
    for (const name of ['Uses^ORtypeISNOTEMPTY', 'javascript::gs.x()', 'a,b::c'])
      assert.throws(
        () =>
          client('http://127.0.0.1:1', {
            mappings: { relationTypes: { dependents: [name], members: [], eitherWay: [] } },
          }),
        { code: 'config-invalid' },
      );
  });
});
