import type { Tag } from '../../domain/considered.ts';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { TaggedPage } from '../../ports.ts';
import type { Client } from './client.ts';
import { readUpTo } from './read.ts';
import { isSysId } from './schema.ts';

/** As many as one page of the Table API brings. */
const PAGE = 200;

/**
 * Open incidents that carry the tag, in the order of their sys_id, from the one after `after`. Within that the pages of
 * ServiceNow are followed by their Link. Throws `itsm-refused` where the column does not exist: ServiceNow ignores a query
 * part it does not know, and would give every open incident.
 */
export async function readTagged(client: Client, tag: Tag, after: string | undefined): Promise<TaggedPage> {
  const from = after !== undefined && isSysId(after) ? `^sys_id>${after}` : '';
  const { rows, more } = await readUpTo(client, {
    path: '/api/now/table/incident',
    query: `${tag.column}=${tag.offer}^active=true${from}^ORDERBYsys_id`,
    columns: ['sys_mod_count'],
    fits: { [tag.column]: tag.offer, active: 'true' },
    most: PAGE,
  }).catch((error: unknown) => {
    throw unlessTagged(error, tag);
  });
  const incidents = rows
    .map((row) => ({ sysId: row['sys_id'] ?? '', modCount: Number(row['sys_mod_count']) }))
    .filter(({ modCount }) => Number.isInteger(modCount));
  const last = incidents.at(-1)?.sysId;
  // a list that does not go on would be read for ever
  const goesOn = more && last !== undefined && (after === undefined || last > after);
  return goesOn ? { incidents, after: last } : { incidents };
}

function unlessTagged(error: unknown, { column }: Tag): unknown {
  if (!(error instanceof AppError) || error.code !== 'itsm-refused') return error;
  return new AppError({
    code: 'itsm-refused',
    message: `incidents could not be found by their tag ${column}: ${messageOf(error)}`,
    fix: "Name a column that incident has under incident.columns.tag of servicenow.yaml, and let the integration user read it; where there is none, write tag: '' there, and incidents come by events alone.",
    cause: error,
  });
}
