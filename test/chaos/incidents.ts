import type { World } from '../../src/sandbox/world.ts';
import { monitoringUser } from '../../src/sandbox/world.ts';

/** An incident on a configuration item of its own, so that neither leases nor cooldowns join it to another one. */
export type Raised = { readonly number: string; readonly sysId: string; readonly ciSysId: string };
export type Kind = 'heals' | 'stubborn' | 'test' | 'calm';

/**
 * Pools of the sandbox site, what is wrong with them, and where their health is looked at. The calm one was well again
 * before anybody came, and is checked beside the pool, so that many of its kind can run at once.
 */
const kinds = {
  heals: { pool: 'shop', health: 'shop', environment: 'Production', breaks: 'worker' },
  stubborn: { pool: 'search', health: 'search', environment: 'Production', breaks: 'config' },
  test: { pool: 'shop-test', health: 'shop-test', environment: 'Test', breaks: 'worker' },
  calm: { pool: 'checkout', health: 'legacy', environment: 'Production', breaks: undefined },
} as const;

export type Api = {
  /** Breaks a pool, and writes the incident about it as the monitoring does. */
  raise(kind: Kind): Promise<Raised>;
  rows(table: string, query: string): Promise<readonly Readonly<Record<string, string>>[]>;
};

/** The simulated ServiceNow and web site as the monitoring and an auditor use them: directly, with nothing between. */
export function outside({ info }: World, healthUrl: (pool: string) => string): Api {
  const authorization = `Basic ${Buffer.from(`${monitoringUser}:${info.monitoringPassword}`).toString('base64')}`;
  const call = async (url: string, init: RequestInit): Promise<{ result: unknown }> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${init.method} ${new URL(url).pathname} answered ${answer.status}`);
    return (await answer.json()) as { result: unknown };
  };
  const table = async (method: string, path: string, body?: Record<string, string>) => {
    const headers = { authorization, accept: 'application/json', 'content-type': 'application/json' };
    const answer = await call(`${info.servicenow}/api/now/table/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.result;
  };
  const broken = (pool: string, kind: 'worker' | 'config') =>
    call(`${info.site}/pools/${pool}/break`, {
      method: 'POST',
      headers: { authorization: `Bearer ${info.siteToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind, reason: 'chaos' }),
    });
  let made = 0;
  return {
    async raise(kind) {
      const { pool, health, environment, breaks } = kinds[kind];
      const name = `${pool}-web-x${++made}`;
      if (breaks !== undefined) await broken(pool, breaks);
      const ci = (await table('POST', 'cmdb_ci_app_server', {
        name,
        fqdn: `${name}.contoso.example`,
        environment,
        operational_status: '1',
        install_status: '1',
        u_site: pool,
        u_app_pool: pool,
        u_health_url: healthUrl(health),
      })) as Record<string, string>;
      const [group] = (await table('GET', 'sys_user_group?sysparm_query=name=Web Operations')) as Record<
        string,
        string
      >[];
      const ciSysId = ci['sys_id'] ?? '';
      const incident = (await table('POST', 'incident', {
        short_description: `Burst of HTTP 503 on ${name}`,
        description: `Application pool "${pool}" does not respond.`,
        cmdb_ci: ciSysId,
        assignment_group: group?.['sys_id'] ?? '',
        impact: '2',
        urgency: '1',
        priority: '2',
        category: 'software',
      })) as Record<string, string>;
      return { number: incident['number'] ?? '', sysId: incident['sys_id'] ?? '', ciSysId };
    },
    rows: async (name, query) =>
      (await table('GET', `${name}?sysparm_query=${encodeURIComponent(query)}&sysparm_limit=1000`)) as Record<
        string,
        string
      >[],
  };
}
