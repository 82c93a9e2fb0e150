import { AppError } from '../../domain/errors.ts';
import type { RelatedItem } from '../../domain/incident.ts';
import type { Client } from './client.ts';
import type { Mappings } from './mappings.ts';
import { inPortions, readAll, readUpTo } from './read.ts';
import { isSysId, type Row } from './schema.ts';

/** One step from an item that was asked about to one beside it. */
export type Edge = {
  readonly from: string;
  readonly to: Pick<RelatedItem, 'sysId' | 'name' | 'class'>;
};

/** The sys_ids of the relation types that count. */
export type RelationTypes = Readonly<Record<keyof Mappings['relationTypes'], ReadonlySet<string>>>;

/** Relations of one level of items; beyond that nobody needs to know how many there are. */
const mostEdges = 2_000;

/**
 * The instance's sys_ids of the relation types in the mapping. Throws `itsm-refused` when one does not exist: it was
 * renamed, and reading on without it would find too few dependents.
 */
export async function relationTypes(client: Client, mappings: Mappings): Promise<RelationTypes> {
  const { dependents, members, eitherWay } = mappings.relationTypes;
  const names = new Set([...dependents, ...members]);
  const rows =
    names.size === 0
      ? []
      : await readAll(client, {
          path: '/api/now/table/cmdb_rel_type',
          query: `nameIN${[...names].join(',')}`,
          columns: ['name'],
          fits: {},
          most: 1_000,
        });
  const idsOf = (wanted: readonly string[]) =>
    new Set(rows.filter((row) => wanted.includes(row['name'] ?? '')).map((row) => row['sys_id'] ?? ''));
  const missing = [...names].find((name) => rows.every((row) => row['name'] !== name));
  if (missing === undefined)
    return { dependents: idsOf(dependents), members: idsOf(members), eitherWay: idsOf(eitherWay) };
  throw new AppError({
    code: 'itsm-refused',
    message: `there is no relation type called ${missing}`,
    fix: 'Let the integration user read cmdb_rel_type, and give the names your CMDB uses in the mapping of relation types.',
  });
}

type Ends = 'parent' | 'child';

/** The relations that lead from these items to their dependents or members. */
export async function edgesOf(
  client: Client,
  types: RelationTypes,
  side: 'dependents' | 'members',
  sysIds: readonly string[],
): Promise<{ readonly edges: readonly Edge[]; readonly more: boolean }> {
  const found = await inPortions(sysIds, (portion) =>
    side === 'dependents'
      ? Promise.all([related(client, types.dependents, 'child', portion)])
      : Promise.all([
          related(client, types.members, 'parent', portion),
          related(client, types.eitherWay, 'child', portion),
        ]),
  );
  return {
    edges: found.flatMap(({ rows, from }) => rows.flatMap((row) => edgeOf(row, from, side, types) ?? [])),
    more: found.some((one) => one.more),
  };
}

async function related(client: Client, types: ReadonlySet<string>, from: Ends, sysIds: readonly string[]) {
  if (types.size === 0) return { rows: [], more: false, from };
  const sides = ['parent', 'child'].flatMap((end) => [`${end}.name`, `${end}.sys_class_name`]);
  const answer = await readUpTo(client, {
    path: '/api/now/table/cmdb_rel_ci',
    query: `${from}IN${sysIds.join(',')}^typeIN${[...types].join(',')}`,
    columns: ['parent', 'child', ...sides],
    fits: { [from]: new Set(sysIds), type: types },
    most: mostEdges,
  });
  return { ...answer, from };
}

/** Undefined for a relation whose other end is gone, or that leads from a part to its whole. */
function edgeOf(row: Row, from: Ends, side: string, types: RelationTypes): Edge | undefined {
  const to = from === 'parent' ? 'child' : 'parent';
  const sysId = row[to] ?? '';
  if (!isSysId(sysId)) return undefined;
  if (side === 'members' && wholeOf(row, types) !== from) return undefined;
  const name = row[`${to}.name`] || sysId;
  return { from: row[from] ?? '', to: { sysId, name, class: row[`${to}.sys_class_name`] || 'cmdb_ci' } };
}

/**
 * The end that consists of the other. ServiceNow's own discovery writes "Kubernetes Cluster, Cluster of, Kubernetes Node"
 * but also "Storage Cluster Node, Cluster of, Storage Cluster" (docs: Kubernetes discovery; storage discovery).
 */
function wholeOf(row: Row, types: RelationTypes): Ends {
  if (!types.eitherWay.has(row['type'] ?? '')) return 'parent';
  const isCluster = (end: Ends) => /_cluster$/.test(row[`${end}.sys_class_name`] ?? '');
  return isCluster('child') && !isCluster('parent') ? 'child' : 'parent';
}
