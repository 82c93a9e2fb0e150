import { AppError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { readAll } from './read.ts';
import { isPlain, isSysId } from './schema.ts';

const refused = (message: string, fix: string): AppError =>
  new AppError({ code: 'itsm-refused', message, fix });

/** The sys_id of an assignment group given as sys_id or by its exact name. Throws `itsm-refused` unless there is one. */
export async function groupSysId(client: Client, group: string): Promise<string> {
  if (isSysId(group)) return group;
  if (!isPlain(group))
    throw refused(
      `the group name ${JSON.stringify(group)} cannot be looked up`,
      'Name the group by its sys_id.',
    );
  const rows = await readAll(client, {
    path: '/api/now/table/sys_user_group',
    query: `name=${group}`,
    columns: ['name', 'active'],
    fits: {},
    most: 200,
  });
  // ServiceNow compares without case, and ignores what it does not understand: the name is judged here.
  const [found, second] = rows.filter((row) => row['name'] === group && row['active'] !== 'false');
  if (found === undefined)
    throw refused(
      `there is no active group called ${group}`,
      'Correct the name of the group in the runbook, or create it in ServiceNow.',
    );
  if (second !== undefined)
    throw refused(`there are several groups called ${group}`, 'Name the group by its sys_id.');
  return found['sys_id'] ?? '';
}
