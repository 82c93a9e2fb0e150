import type { Change } from '../../domain/incident.ts';
import type { Client } from './client.ts';
import { readConflicts } from './conflicts.ts';
import { changeColumns, toChange } from './map.ts';
import type { Mappings } from './mappings.ts';
import { readAll } from './read.ts';
import { isSysId } from './schema.ts';

/**
 * Changes of an item whose planned time covers a moment. The query names the item alone; times and states are judged here,
 * because ServiceNow ignores conditions it does not understand.
 */
export async function readChanges(
  client: Client,
  mappings: Mappings,
  ciSysId: string,
  at: Date,
): Promise<readonly Change[]> {
  if (!isSysId(ciSysId)) return [];
  const { changeCi } = mappings.columns;
  const rows = await readAll(client, {
    path: '/api/now/table/change_request',
    query: `${changeCi}=${ciSysId}^ORDERBYDESCsys_created_on`,
    columns: changeColumns,
    fits: { [changeCi]: ciSysId },
    most: 5_000,
  });
  const now = at.getTime();
  const covering = rows.flatMap((row) => {
    const change = toChange(row, mappings);
    const covers = change !== undefined && Date.parse(change.start) <= now && now < Date.parse(change.end);
    return covers ? [{ sysId: row['sys_id'] ?? '', change }] : [];
  });
  if (!mappings.changeConflicts) return covering.map(({ change }) => change);
  return Promise.all(
    covering.map(async ({ sysId, change }) => ({ ...change, conflicts: await readConflicts(client, sysId) })),
  );
}
