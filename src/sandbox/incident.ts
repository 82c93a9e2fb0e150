import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { devices, webFarms } from './cmdb.ts';
import type { DeviceFault } from './intune/devices.ts';
import { WorldInfo } from './kept.ts';
import type { WorkerFault } from './mid-server/workers.ts';
import { type IncidentName, incidents } from './seed.ts';
import { poolOn } from './web-site/farms.ts';
import { monitoringUser } from './world.ts';

const Created = z.object({ result: z.object({ number: z.string(), sys_id: z.string() }) });
const Found = z.object({
  result: z.array(z.object({ sys_id: z.string(), u_health_url: z.string().optional() })),
});

export type Raised = { readonly number: string; readonly sysId: string; readonly page: string };

/**
 * Really breaks the pool, then opens the incident in the simulated ServiceNow as the monitoring would; ServiceNow sends
 * the signed event by itself.
 */
export async function raiseIncident(info: WorldInfo, name: string): Promise<Raised> {
  const incident = incidents[name as IncidentName];
  if (incident === undefined)
    throw new AppError({
      code: 'config-invalid',
      message: `there is no incident ${name}`,
      fix: `Choose one of: ${Object.keys(incidents).join(', ')}.`,
    });
  const page = await breakThings(info, incident);
  const ci = await ciOf(info, incident.ci);
  if (page !== undefined) await pointTo(info, ci, page);
  const group = await idOf(info, 'sys_user_group', 'Web Operations');
  const created = Created.parse(
    await table(info, 'POST', 'incident', {
      short_description: incident.short,
      description: incident.text,
      cmdb_ci: ci.sys_id,
      assignment_group: group,
      impact: '2',
      urgency: '1',
      priority: '2',
      category: 'software',
      // as the tag rule of the Handrail application would
      x_handrail_tag: 'offer',
      ...('suggestion' in incident ? { u_triage_suggestion: JSON.stringify(incident.suggestion) } : {}),
    }),
  );
  const { number, sys_id: sysId } = created.result;
  return { number, sysId, page: `${info.servicenow}/incident/${number}` };
}

export function readWorld(directory: string): WorldInfo {
  try {
    return WorldInfo.parse(JSON.parse(readFileSync(join(directory, 'world.json'), 'utf8')));
  } catch (cause) {
    throw new AppError({
      code: 'config-invalid',
      message: `there is no sandbox world in ${directory}`,
      fix: 'Start it with `npm start` in another terminal, then try again.',
      cause,
    });
  }
}

type Incident = (typeof incidents)[IncidentName];

/** Breaks what the incident is about; answers the page that shows it, where there is one. */
function breakThings(info: WorldInfo, incident: Incident): Promise<string | undefined> {
  if ('device' in incident) return breakDevice(info, incident);
  if ('mid' in incident) return breakMid(info, incident);
  return 'farm' in incident ? breakFarm(info, incident) : breakSite(info, incident);
}

async function breakFarm(
  info: WorldInfo,
  { farm, stuck }: { readonly farm: keyof typeof webFarms; readonly stuck: readonly string[] },
): Promise<string> {
  for (const server of webFarms[farm].servers)
    await breakPool(info, poolOn(farm, server), !stuck.includes(server));
  return `${info.site}/${farm}/health`;
}

async function breakDevice(
  info: WorldInfo,
  { ci: name, device: fault }: { readonly ci: keyof typeof devices; readonly device: DeviceFault },
): Promise<undefined> {
  await call(`${info.graph}/devices/${devices[name].id}/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.deviceToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
  });
}

async function breakSite(
  info: WorldInfo,
  { pool, heals }: { readonly pool: string; readonly heals: boolean },
): Promise<string> {
  await breakPool(info, pool, heals);
  return `${info.site}/${pool}/health`;
}

/** Whatever is wrong with it, ServiceNow misses the heartbeat; only of an upgrade the record says more. */
async function breakMid(
  info: WorldInfo,
  { ci: name, mid: fault }: { readonly ci: string; readonly mid: WorkerFault },
): Promise<string> {
  await call(`${info.mid}/workers/${name}/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.midToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
  });
  const { sys_id: sysId } = await ciOf(info, name);
  const upgrade = fault === 'upgrading' ? 'in progress' : 'none';
  await table(info, 'PATCH', `cmdb_ci_appl/${sysId}`, { u_mid_upgrade: upgrade });
  return `${info.mid}/${name}/health`;
}

async function breakPool(info: WorldInfo, pool: string, heals: boolean): Promise<void> {
  const reason = heals ? 'the worker process hangs' : 'the configuration of the last deployment is broken';
  await call(`${info.site}/pools/${pool}/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.siteToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason, kind: heals ? 'worker' : 'config' }),
  });
  for (let n = 0; n < 5; n++) await fetch(`${info.site}/${pool}/`, { signal: AbortSignal.timeout(5_000) });
}

/** Columns of one's own are seen through the class that has them. */
function tableOf(ci: string): string {
  if (Object.hasOwn(devices, ci)) return 'cmdb_ci_computer';
  return Object.values(webFarms).some(({ item }) => item === ci) ? 'cmdb_ci_cluster' : 'cmdb_ci_appl';
}

async function ciOf(info: WorldInfo, name: string) {
  const found = Found.parse(
    await table(info, 'GET', `${tableOf(name)}?sysparm_query=name=${encodeURIComponent(name)}`),
  );
  const [ci] = found.result;
  if (ci === undefined)
    throw new AppError({
      code: 'config-invalid',
      message: `the simulated CMDB has no ${name}`,
      fix: 'It was made by an earlier release: stop it, delete its folder (.data/sandbox) and start again.',
    });
  return { ...ci, table: tableOf(name) };
}

/** The site may have another port than when the CMDB was filled. */
async function pointTo(
  info: WorldInfo,
  ci: { sys_id: string; table: string; u_health_url?: string | undefined },
  url: string,
) {
  if (ci.u_health_url !== url) await table(info, 'PATCH', `${ci.table}/${ci.sys_id}`, { u_health_url: url });
}

async function idOf(info: WorldInfo, name: string, value: string): Promise<string> {
  const found = Found.parse(
    await table(info, 'GET', `${name}?sysparm_query=name=${encodeURIComponent(value)}`),
  );
  return found.result[0]?.sys_id ?? '';
}

function table(
  info: WorldInfo,
  method: string,
  path: string,
  body?: Record<string, string>,
): Promise<unknown> {
  const basic = Buffer.from(`${monitoringUser}:${info.monitoringPassword}`).toString('base64');
  return call(`${info.servicenow}/api/now/table/${path}`, {
    method,
    headers: {
      authorization: `Basic ${basic}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function call(url: string, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(
      `${init.method} ${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 200)}`,
    );
  return text === '' ? undefined : JSON.parse(text);
}
