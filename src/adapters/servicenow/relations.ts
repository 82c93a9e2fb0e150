import type { RelatedItem, Relations } from '../../domain/incident.ts';
import type { Client } from './client.ts';
import { type Edge, edgesOf, type RelationTypes, relationTypes } from './edges.ts';
import type { Mappings } from './mappings.ts';
import { inPortions, readAll, readOne } from './read.ts';
import { isSysId } from './schema.ts';
import { criticalityOf } from './statuses.ts';

/** How far relations are followed, and how many items are listed on each side. */
const depth = 4;
const most = 500;

type Found = { readonly items: readonly Edge['to'][]; readonly truncated: boolean };

/**
 * What depends on an item and what it consists of, both followed over several relations. Undefined when there is no such
 * item. An item whose name may not be read is listed all the same: it is there, and it counts.
 */
export async function readRelations(
  client: Client,
  mappings: Mappings,
  sysId: string,
): Promise<Relations | undefined> {
  if (!isSysId(sysId)) return undefined;
  const [item, types] = await Promise.all([
    readOne(client, 'cmdb_ci', sysId, []),
    relationTypes(client, mappings),
  ]);
  if (item === undefined) return undefined;
  const [dependents, members] = await Promise.all([
    follow(client, types, 'dependents', sysId),
    follow(client, types, 'members', sysId),
  ]);
  const [listed, parts] = await Promise.all([
    withCriticality(client, mappings, dependents.items),
    withCriticality(client, mappings, members.items),
  ]);
  return { dependents: listed, members: parts, truncated: dependents.truncated || members.truncated };
}

/** Level by level, each item once, so that relations in a circle come to an end. */
async function follow(
  client: Client,
  types: RelationTypes,
  side: 'dependents' | 'members',
  start: string,
): Promise<Found> {
  const found = new Map<string, Edge['to']>();
  let level = [start];
  for (let step = 0; level.length > 0; step += 1) {
    const { edges, more } = await edgesOf(client, types, side, level);
    const fresh = edges.map((edge) => edge.to).filter(({ sysId }) => sysId !== start && !found.has(sysId));
    // one level more than is listed is looked at: it says whether the list is complete
    if (step === depth) return { items: [...found.values()], truncated: more || fresh.length > 0 };
    for (const item of fresh) found.set(item.sysId, item);
    if (more || found.size > most) return { items: [...found.values()].slice(0, most), truncated: true };
    level = [...new Set(fresh.map((item) => item.sysId))];
  }
  return { items: [...found.values()], truncated: false };
}

/** The criticality is a column of services alone: cmdb_ci does not show it. */
async function withCriticality(
  client: Client,
  mappings: Mappings,
  items: readonly Edge['to'][],
): Promise<RelatedItem[]> {
  const { criticality: column } = mappings.columns;
  const services = await inPortions(
    items.map((item) => item.sysId),
    (portion) =>
      readAll(client, {
        path: '/api/now/table/cmdb_ci_service',
        query: `sys_idIN${portion.join(',')}`,
        columns: [column],
        fits: { sys_id: new Set(portion) },
        most: portion.length,
      }),
  );
  const raw = new Map(services.map((row) => [row['sys_id'], row[column] ?? '']));
  return items.map((item) => {
    const criticality = criticalityOf(raw.get(item.sysId) ?? '', mappings);
    return { ...item, ...(criticality === undefined ? {} : { criticality }) };
  });
}
