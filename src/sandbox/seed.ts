import { roles } from './people.ts';
import type { Seed } from './servicenow/state.ts';

const siteUrl = (site: string, path: string): string => `${site}/${path}/health`;

/** A web shop with a production, a staging and a test server, the groups that care for it, and the people. */
export function seed(site: string): Seed {
  const server = (name: string, environment: string, pool: string, known = true) => ({
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
    sys_user_group: [
      { name: 'Web Operations', active: 'true' },
      { name: 'Web Operations L3', active: 'true' },
    ],
    sys_user: roles.map(({ person }) => ({
      user_name: person.email.split('@')[0] ?? '',
      name: person.name,
      email: person.email,
      active: 'true',
    })),
    cmdb_ci_app_server: [
      server('shop-web-01', 'Production', 'shop'),
      server('checkout-web-01', 'Production', 'checkout', false),
      server('shop-web-test', 'Test', 'shop-test'),
      server('legacy-web-01', '', 'legacy'),
      server('search-web-01', 'Production', 'search'),
      server('basket-web-01', 'Production', 'basket'),
    ],
  };
}

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
} as const;
export type IncidentName = keyof typeof incidents;
