import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { WorldInfo } from './kept.ts';
import { type IncidentName, incidents } from './seed.ts';
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
  await breakPool(info, incident.pool, incident.heals);
  const ci = await ciOf(info, incident.ci);
  await pointTo(info, ci, `${info.site}/${incident.pool}/health`);
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

async function breakPool(info: WorldInfo, pool: string, heals: boolean): Promise<void> {
  const reason = heals ? 'the worker process hangs' : 'the configuration of the last deployment is broken';
  await call(`${info.site}/pools/${pool}/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.siteToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason, kind: heals ? 'worker' : 'config' }),
  });
  for (let n = 0; n < 5; n++) await fetch(`${info.site}/${pool}/`, { signal: AbortSignal.timeout(5_000) });
}

async function ciOf(info: WorldInfo, name: string) {
  const found = Found.parse(
    await table(info, 'GET', `cmdb_ci_app_server?sysparm_query=name=${encodeURIComponent(name)}`),
  );
  const [ci] = found.result;
  if (ci === undefined) throw new Error(`the simulated CMDB has no ${name}`);
  return ci;
}

/** The site may have another port than when the CMDB was filled. */
async function pointTo(
  info: WorldInfo,
  ci: { sys_id: string; u_health_url?: string | undefined },
  url: string,
) {
  if (ci.u_health_url !== url)
    await table(info, 'PATCH', `cmdb_ci_app_server/${ci.sys_id}`, { u_health_url: url });
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
