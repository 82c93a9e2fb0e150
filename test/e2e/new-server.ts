import assert from 'node:assert/strict';
import type { Stage } from './stage.ts';

/** An incident on a server that no other case has used, because of the cooldown, on a pool that really breaks. */
export async function incidentOnNewServer({ serviceNow, info }: Stage, server: string): Promise<string> {
  const broken = await fetch(`${info.site}/pools/shop/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.siteToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'the worker process hangs', kind: 'worker' }),
    signal: AbortSignal.timeout(20_000),
  });
  assert.equal(broken.status, 202);
  const ci = await serviceNow.create('cmdb_ci_app_server', {
    name: server,
    environment: 'Production',
    operational_status: '1',
    install_status: '1',
    u_site: 'shop',
    u_app_pool: 'shop',
    u_health_url: `${info.site}/shop/health`,
  });
  const incident = await serviceNow.create('incident', {
    short_description: `HTTP 503 on ${server}`,
    cmdb_ci: String(ci['sys_id']),
    assignment_group: 'Web Operations',
  });
  return String(incident['number']);
}
