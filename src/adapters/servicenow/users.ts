import type { Client } from './client.ts';
import type { Mappings } from './mappings.ts';
import { readAll } from './read.ts';

/** What may enter a query: neither can hold `^`, `,` or `javascript:`. */
const email = /^[a-z0-9._%+'-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const entraId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The Entra object id in a value of sys_user, or ''. */
export const entraIdIn = (text = ''): string => (entraId.test(text.toLowerCase()) ? text.toLowerCase() : '');

/** The sys_ids of the active users with this email address or Entra object id; one is meant to be the rule. */
export async function activeUsers(client: Client, mappings: Mappings, named: string): Promise<string[]> {
  const value = named.trim().toLowerCase();
  const column = entraId.test(value) ? mappings.columns.entraId : 'email';
  if (column === '' || !(email.test(value) || entraId.test(value))) return [];
  const rows = await readAll(client, {
    path: '/api/now/table/sys_user',
    query: `${column}=${value}^active=true`,
    columns: [column, 'active'],
    fits: {},
    most: 50,
  });
  // ServiceNow compares without case, and ignores what it does not understand: the user is judged here.
  return rows.flatMap((row) => {
    const fits = (row[column] ?? '').trim().toLowerCase() === value && row['active'] === 'true';
    return fits ? [row['sys_id'] ?? ''] : [];
  });
}
