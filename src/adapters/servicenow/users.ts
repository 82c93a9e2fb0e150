import { AppError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import type { Mappings } from './mappings.ts';
import { readAll } from './read.ts';

/** What may enter a query: neither can hold `^`, `,` or `javascript:`. */
const email = /^[a-z0-9._%+'-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const entraId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The Entra object id in a value of sys_user, or ''. */
export const entraIdIn = (text = ''): string => (entraId.test(text.toLowerCase()) ? text.toLowerCase() : '');

/**
 * The sys_id of the active user with this email address or Entra object id; undefined when there is none. More than one
 * is refused with `itsm-refused`: nobody can tell which of them is meant.
 */
export async function userSysId(
  client: Client,
  mappings: Mappings,
  named: string,
): Promise<string | undefined> {
  const value = named.trim().toLowerCase();
  const column = entraId.test(value) ? mappings.columns.entraId : 'email';
  if (column === '' || !(email.test(value) || entraId.test(value))) return undefined;
  const rows = await readAll(client, {
    path: '/api/now/table/sys_user',
    query: `${column}=${value}^active=true`,
    columns: [column, 'active'],
    fits: {},
    most: 50,
  });
  // ServiceNow compares without case, and ignores what it does not understand: the user is judged here.
  const [found, second] = rows.filter(
    (row) => (row[column] ?? '').trim().toLowerCase() === value && row['active'] === 'true',
  );
  if (second === undefined) return found?.['sys_id'];
  throw new AppError({
    code: 'itsm-refused',
    message: `several active users of ServiceNow have the ${column} ${value}`,
    fix: 'Ask the administrators of ServiceNow to leave one of these users active, or to give each its own.',
  });
}
