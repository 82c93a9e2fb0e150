import { cmdb, type webFarms } from './cmdb.ts';
import type { DeviceFault } from './intune/devices.ts';
import type { WorkerFault } from './mid-server/workers.ts';
import { olivia, onCall, roles } from './people.ts';
import type { PlaygroundPerson } from './playground/world.ts';
import { plantedSysId, type Row, type Seed } from './servicenow/state.ts';

/** A web shop with its servers, the MID servers of its integrations, the services on them, the groups that care for it, and the people. */
export const seed = (site: string, mid: string): Seed => ({
  sys_user: roles.map(({ person }) => ({
    user_name: userName(person),
    name: person.name,
    email: person.email,
    active: 'true',
  })),
  sys_user_group: onCall.map(({ group, manager }) => ({
    name: group,
    manager: userIn(manager),
    active: 'true',
  })),
  ...rotas(),
  ...cmdb(site, mid, userIn(olivia)),
});

const userName = (person: PlaygroundPerson): string => person.email.split('@')[0] ?? '';
const userIn = (person: PlaygroundPerson): string =>
  plantedSysId('sys_user', { user_name: userName(person) });

/** One rota with one roster a group: the first of its people is called first. */
function rotas(): Seed {
  const rota = onCall.map(
    ({ group }): Row => ({
      name: `${group} on call`,
      group: plantedSysId('sys_user_group', { name: group }),
      active: 'true',
    }),
  );
  const roster = rota.map(
    (one): Row => ({
      name: `${one['name']}: first and next`,
      rota: plantedSysId('cmn_rota', one),
      active: 'true',
    }),
  );
  const member = onCall.flatMap(({ people }, n) =>
    people.map(
      (person, at): Row => ({
        roster: plantedSysId('cmn_rota_roster', roster[n] ?? {}),
        member: userIn(person),
        order: String((at + 1) * 100),
      }),
    ),
  );
  return { cmn_rota: rota, cmn_rota_roster: roster, cmn_rota_member: member };
}

type Breakage = {
  readonly about: string;
  readonly ci: string;
  readonly short: string;
  readonly text: string;
} & (
  | {
      readonly pool: string;
      readonly heals: boolean;
      readonly suggestion?: Readonly<Record<string, unknown>>;
    }
  | { readonly mid: WorkerFault }
  /** Every server of the farm hangs; those that are stuck do not come back by a recycle. */
  | { readonly farm: keyof typeof webFarms; readonly stuck: readonly string[] }
  | { readonly device: DeviceFault }
);

/** What breaks, and what the monitoring writes about it. `npm run incident -- <name>`. */
export const incidents = {
  'iis-5xx': {
    about: 'the shop answers 503 until its application pool is recycled',
    ci: 'shop-web-01',
    pool: 'shop',
    heals: true,
    short: 'Burst of HTTP 503 on shop-web-01',
    text: 'Synthetic check: 97 % of requests to the shop answer 503 Service Unavailable since 5 minutes. Application pool "shop" does not respond.',
  },
  'iis-5xx-unknown-pool': {
    about: 'the same on a server whose pool the CMDB does not know: somebody has to fill it in',
    ci: 'checkout-web-01',
    pool: 'checkout',
    heals: true,
    short: '5xx spike on checkout-web-01',
    text: 'Error rate of the checkout above 60 %. Worker process hangs.',
  },
  'iis-5xx-test': {
    about: 'the same on a test server: policy approves it without a person',
    ci: 'shop-web-test',
    pool: 'shop-test',
    heals: true,
    short: 'HTTP 503 on shop-web-test',
    text: 'Nightly tests report 503 from the shop on the test server.',
  },
  'iis-5xx-unknown-environment': {
    about: 'the same on a server without an environment in the CMDB: treated as production',
    ci: 'legacy-web-01',
    pool: 'legacy',
    heals: true,
    short: 'Legacy site answers 503',
    text: 'Users report 503 on the legacy site.',
  },
  'iis-5xx-stubborn': {
    about:
      'recycling does not help: verification fails, the configuration is rolled back, level 3 gets the incident',
    ci: 'search-web-01',
    pool: 'search',
    heals: false,
    short: '5xx on search-web-01 after deployment',
    text: 'Search answers 503 since the deployment at noon.',
  },
  'iis-farm-5xx': {
    about: 'all servers of a web farm hang: they are recycled two at a time',
    ci: 'orders-farm',
    farm: 'orders',
    stuck: [],
    short: 'HTTP 503 from the orders farm',
    text: 'The load balancer finds no healthy server for orders. Worker processes hang on all of them since the certificate was renewed.',
  },
  'iis-farm-5xx-stuck': {
    about: 'one server of the farm does not come back: the others are recycled, and level 3 gets that one',
    ci: 'billing-farm',
    farm: 'billing',
    stuck: ['billing-web-02'],
    short: '5xx on the billing farm',
    text: 'Billing answers 503 since the deployment of this morning.',
  },
  'iis-suggested': {
    about: 'no rule fits what people write; an AI triage names the runbook, and people decide',
    ci: 'basket-web-01',
    pool: 'basket',
    heals: true,
    short: 'Customers cannot open their basket',
    text: 'The basket stays white for ten minutes now. Nothing was deployed today. The rest of the shop is fine.',
    suggestion: {
      runbook: 'iis-app-pool-recycle',
      confidence: 0.86,
      reason: 'One site of the web server is silent while the others answer, and nothing was deployed.',
      quotes: ['The basket stays white', 'Nothing was deployed today'],
      model: 'sandbox-triage',
    },
  },
  'mid-server-down': {
    about:
      'a MID server shows Down once more: its service runs, but hangs; people approve the restart in production',
    ci: 'mid-eu-01',
    mid: 'hung',
    short: 'MID server mid-eu-01 is Down',
    text: 'Heartbeat missed three times. Integrations with the warehouse wait in the ECC queue (1482 records). Third time this month.',
  },
  'mid-server-down-test': {
    about: 'the same on a test system, where its service was stopped: policy approves it without a person',
    ci: 'mid-eu-test',
    mid: 'stopped',
    short: 'MID server mid-eu-test is Down',
    text: 'Heartbeat missed three times. The integration tests of tonight wait.',
  },
  'mid-server-upgrading': {
    about: 'it shows Down because it upgrades itself: nothing may touch it, so nothing is proposed',
    ci: 'mid-us-01',
    mid: 'upgrading',
    short: 'MID server mid-us-01 is Down',
    text: 'Heartbeat missed three times since the upgrade of the instance this morning.',
  },
  'device-non-compliant': {
    about:
      'a laptop of yours is not compliant: you are asked whether it is yours, then others whether you may be signed out',
    ci: 'LAPTOP-4711',
    device: 'session',
    short: 'LAPTOP-4711 is not compliant',
    text: 'Intune: encryption policy not applied for 4 days. Conditional access will block the device tomorrow.',
  },
  'device-non-compliant-stubborn': {
    about: 'the same, and it stays so: verification fails, and the endpoint team gets the incident',
    ci: 'LAPTOP-4712',
    device: 'broken',
    short: 'LAPTOP-4712 is not compliant',
    text: 'Intune: encryption policy not applied for 4 days. Conditional access will block the device tomorrow.',
  },
  'device-handed-back': {
    about: 'the CMDB says that a laptop is yours, but you gave it back: say so, and nothing is done to it',
    ci: 'LAPTOP-4714',
    device: 'session',
    short: 'LAPTOP-4714 is not compliant',
    text: 'Intune: encryption policy not applied for 4 days.',
  },
  'device-unassigned': {
    about:
      'the same on a laptop that the CMDB assigns to nobody: nobody can be asked, so nothing is proposed',
    ci: 'LAPTOP-4713',
    device: 'session',
    short: 'LAPTOP-4713 is not compliant',
    text: 'Intune: encryption policy not applied for 4 days.',
  },
  'device-out-of-sync': {
    about:
      'a tablet of the lab is out of sync: you are asked whether it is yours, then policy approves the sync',
    ci: 'TABLET-LAB-07',
    device: 'stale',
    short: 'TABLET-LAB-07 is out of sync',
    text: 'Intune: last seen 4 days ago.',
  },
} as const satisfies Readonly<Record<string, Breakage>>;
export type IncidentName = keyof typeof incidents;
