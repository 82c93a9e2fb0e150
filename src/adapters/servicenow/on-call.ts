import { z } from 'zod';
import type { Clock } from '../../ports.ts';
import type { Client } from './client.ts';
import { wrongRows } from './failures.ts';
import { groupSysId } from './groups.ts';
import type { Mappings } from './mappings.ts';
import { inPortions, readAll, readOne } from './read.ts';
import { asTime, isSysId } from './schema.ts';
import { entraIdIn } from './users.ts';

/** Within this, "at" means now. */
const nowMs = 60_000;

/**
 * Email addresses, or Entra object ids where ServiceNow has them, of those on call for a group, first responder first. When nobody is, or the instance has no On-Call
 * Scheduling, that of the group's manager; never anybody else's. Throws `itsm-refused` when there is no such group.
 */
export async function readOnCall(
  client: Client,
  mappings: Mappings,
  clock: Clock,
  group: string,
  at: Date,
): Promise<readonly string[]> {
  const sysId = await groupSysId(client, group);
  const people = await addressesOf(client, mappings, await rosterOf(client, clock, sysId, at));
  if (people.length > 0) return people;
  const manager = (await readOne(client, 'sys_user_group', sysId, ['manager']))?.['manager'] ?? '';
  return addressesOf(client, mappings, isSysId(manager) ? [manager] : []);
}

/**
 * sys_ids of users, by order of escalation. The route is not in ServiceNow's REST reference; parameters and answer as
 * Teleport uses them (integrations/access/servicenow). Only rows that name the group itself are believed: a parameter
 * that is not understood is ignored.
 */
async function rosterOf(client: Client, clock: Clock, group: string, at: Date): Promise<string[]> {
  const what = 'GET whoisoncall';
  // Nobody documents in which zone the time is read, so the usual question, about now, is asked without one.
  const isNow = Math.abs(at.getTime() - clock.now().getTime()) < nowMs;
  const query = { group_ids: group, ...(isNow ? {} : { date_time: asTime(at) }) };
  // An instance without the plugin answers 400, a version without the route 404.
  const page = await client.get(what, '/api/now/on_call_rota/whoisoncall', query, [400, 404]);
  if (page === undefined) return [];
  const rows = client.parse(what, Members, page.body).result;
  if (rows.some((row) => row.group !== group)) throw wrongRows(what);
  const sorted = rows.toSorted((a, b) => a.order - b.order).map((row) => row.userId);
  return [...new Set(sorted.filter(isSysId))];
}

const Reference = z.union([z.string(), z.object({ value: z.string() }).transform((cell) => cell.value)]);
const Members = z.object({
  result: z.array(
    z.object({
      userId: z
        .string()
        .nullish()
        .transform((id) => id ?? ''),
      group: Reference,
      order: z.coerce.number().catch(Number.MAX_SAFE_INTEGER),
    }),
  ),
});

/** Of those who are active and have one, in the order given: the Entra object id where it is known, else the email address. */
async function addressesOf(
  client: Client,
  { columns: { entraId } }: Mappings,
  users: readonly string[],
): Promise<string[]> {
  const rows = await inPortions(users, (portion) =>
    readAll(client, {
      path: '/api/now/table/sys_user',
      query: `sys_idIN${portion.join(',')}`,
      columns: ['email', 'active', ...(entraId === '' ? [] : [entraId])],
      fits: { sys_id: new Set(portion) },
      most: portion.length,
    }),
  );
  const active = rows.filter((row) => row['active'] === 'true');
  const found = new Map(
    active.map((row) => [row['sys_id'], entraIdIn(row[entraId]) || (row['email'] ?? '').trim()]),
  );
  return users.map((user) => found.get(user) ?? '').filter((address) => address !== '');
}
