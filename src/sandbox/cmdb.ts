import { plantedSysId, type Row, type Seed } from './servicenow/state.ts';

const siteUrl = (site: string, path: string): string => `${site}/${path}/health`;

const itemIn = (table: string, name: string): string => plantedSysId(table, { name });

/** The MID servers by name, and where they are. */
export const midServers = {
  'mid-eu-01': 'Production',
  'mid-us-01': 'Production',
  'mid-eu-test': 'Test',
} as const;

/** The web farms by the name of their application: the item that stands for each, and its servers. */
export const webFarms = {
  orders: {
    item: 'orders-farm',
    servers: ['orders-web-01', 'orders-web-02', 'orders-web-03', 'orders-web-04'],
  },
  billing: {
    item: 'billing-farm',
    servers: ['billing-web-01', 'billing-web-02', 'billing-web-03', 'billing-web-04'],
  },
} as const;

/** The devices by name: their id in Intune, and where they stand. One is assigned to nobody. */
export const devices = {
  'LAPTOP-4711': { id: '0d1f0000-0000-4000-8000-000000000001', environment: 'Production' },
  'LAPTOP-4712': { id: '0d1f0000-0000-4000-8000-000000000002', environment: 'Production' },
  'LAPTOP-4713': { id: '0d1f0000-0000-4000-8000-000000000003', environment: 'Production', unassigned: true },
  'LAPTOP-4714': { id: '0d1f0000-0000-4000-8000-000000000004', environment: 'Production' },
  'TABLET-LAB-07': { id: '0d1f0000-0000-4000-8000-000000000005', environment: 'Test' },
} as const satisfies Readonly<
  Record<string, { readonly id: string; readonly environment: string; readonly unassigned?: true }>
>;

/** The servers of the shop, what depends on them, and how ServiceNow says so. */
export function cmdb(site: string, mid: string, owner: string): Seed {
  const server = (name: string, environment: string, pool: string, known = true): Row => ({
    name,
    fqdn: `${name}.contoso.example`,
    environment,
    operational_status: '1',
    install_status: '1',
    u_site: pool,
    u_health_url: siteUrl(site, pool),
    ...(known ? { u_app_pool: pool } : {}),
  });
  return {
    cmdb_ci_app_server: [
      server('shop-web-01', 'Production', 'shop'),
      server('checkout-web-01', 'Production', 'checkout', false),
      server('shop-web-test', 'Test', 'shop-test'),
      server('legacy-web-01', '', 'legacy'),
      server('search-web-01', 'Production', 'search'),
      server('basket-web-01', 'Production', 'basket'),
      ...Object.entries(webFarms).flatMap(([pool, { servers }]) =>
        servers.map((name) => server(name, 'Production', pool)),
      ),
    ],
    cmdb_ci_cluster: Object.entries(webFarms).map(([pool, { item }]) => server(item, 'Production', pool)),
    cmdb_ci_appl: [
      { name: 'Shop mobile gateway', environment: 'Production', operational_status: '1' },
      { name: 'Nightly shop tests', environment: 'Test', operational_status: '1' },
      ...Object.entries(midServers).map(([name, environment]) => ({
        name,
        environment,
        operational_status: '1',
        install_status: '1',
        u_mid_server: name,
        // a business rule keeps it as the record of the MID server says
        u_mid_upgrade: 'none',
        u_health_url: siteUrl(mid, name),
      })),
    ],
    cmdb_ci_computer: computers(owner),
    cmdb_ci_service: [
      service('Contoso Shop', '2 - somewhat critical'),
      service('Order fulfilment', '3 - less critical'),
      service('Product search', '3 - less critical'),
      service('Legacy site', '4 - not critical'),
      service('Warehouse integration', '3 - less critical'),
    ],
    cmdb_rel_type: typeNames.map((name) => ({ name })),
    cmdb_rel_ci: relations(),
  };
}

const computers = (owner: string): Row[] =>
  Object.entries(devices).map(([name, { id, environment, ...device }]) => ({
    name,
    environment,
    operational_status: '1',
    install_status: '1',
    u_intune_id: id,
    ...('unassigned' in device ? {} : { assigned_to: owner }),
  }));

const shop = itemIn('cmdb_ci_service', 'Contoso Shop');

/** What stands on what, and which servers a farm consists of. */
const relations = (): Row[] => [
  dependsOn(shop, 'shop-web-01'),
  dependsOn(itemIn('cmdb_ci_appl', 'Shop mobile gateway'), 'shop-web-01'),
  dependsOn(shop, 'checkout-web-01'),
  dependsOn(shop, 'basket-web-01'),
  ...Object.values(webFarms).flatMap(({ item, servers }) => [
    relation(
      'Depends on::Used by',
      itemIn('cmdb_ci_service', 'Order fulfilment'),
      itemIn('cmdb_ci_cluster', item),
    ),
    ...servers.map((name) =>
      relation('Cluster of::Cluster', itemIn('cmdb_ci_cluster', item), itemIn('cmdb_ci_app_server', name)),
    ),
  ]),
  dependsOn(itemIn('cmdb_ci_service', 'Product search'), 'search-web-01'),
  dependsOn(itemIn('cmdb_ci_service', 'Legacy site'), 'legacy-web-01'),
  dependsOn(itemIn('cmdb_ci_appl', 'Nightly shop tests'), 'shop-web-test'),
  ...['mid-eu-01', 'mid-us-01'].map((name) =>
    relation(
      'Depends on::Used by',
      itemIn('cmdb_ci_service', 'Warehouse integration'),
      itemIn('cmdb_ci_appl', name),
    ),
  ),
  relation('Depends on::Used by', itemIn('cmdb_ci_service', 'Order fulfilment'), shop),
];

const service = (name: string, busines_criticality: string): Row => ({
  name,
  used_for: 'Production',
  operational_status: '1',
  busines_criticality,
});

/** The relation types of every new instance that matter here. */
const typeNames = [
  'Depends on::Used by',
  'Runs on::Runs',
  'Hosted on::Hosts',
  'Contains::Contained by',
  'Cluster of::Cluster',
  'Members::Member of',
] as const;

const relation = (type: (typeof typeNames)[number], parent: string, child: string): Row => ({
  type: itemIn('cmdb_rel_type', type),
  parent,
  child,
});

const dependsOn = (parent: string, server: string): Row =>
  relation('Depends on::Used by', parent, itemIn('cmdb_ci_app_server', server));
