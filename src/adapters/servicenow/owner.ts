import type { ConfigurationItem } from '../../domain/incident.ts';
import type { AssignedTo } from '../../ports.ts';
import type { Client } from './client.ts';
import type { Mappings } from './mappings.ts';
import { readOne } from './read.ts';
import { isSysId } from './schema.ts';
import { activeUsers, entraIdIn } from './users.ts';

/**
 * Whom an item is assigned to: the Entra object id where ServiceNow has it, else the email address, and only when no other
 * active user has the same one. Nobody, with what to do about it, is an answer too.
 */
export async function readOwner(
  client: Client,
  mappings: Mappings,
  { name, fields }: Pick<ConfigurationItem, 'name' | 'fields'>,
): Promise<AssignedTo> {
  const { owner, entraId } = mappings.columns;
  const user = fields[owner] ?? '';
  if (!isSysId(user))
    return nobody(`the CMDB assigns ${name} to nobody`, `fill in its ${owner}, then ask again`);
  const columns = ['email', 'active', ...(entraId === '' ? [] : [entraId])];
  const row = await readOne(client, 'sys_user', user, columns);
  if (row?.['active'] !== 'true')
    return nobody(`${name} is assigned to somebody who is no active user`, `correct its ${owner}`);
  const named = entraIdIn(row[entraId]) || (row['email'] ?? '').trim();
  const known = await activeUsers(client, mappings, named);
  if (known.length === 1 && known[0] === user) return { named };
  const why = known.length > 1 ? `several active users have ${named}` : 'has no email address to be found by';
  return nobody(
    `whoever ${name} is assigned to cannot be told: ${why}`,
    'have the administrators of ServiceNow give each user an address of their own',
  );
}

const nobody = (why: string, fix: string): AssignedTo => ({ nobody: `${why}: ${fix}` });
