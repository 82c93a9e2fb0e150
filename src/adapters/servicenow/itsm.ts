import { AppError } from '../../domain/errors.ts';
import type { ConfigurationItem, Incident } from '../../domain/incident.ts';
import type { Clock, Itsm } from '../../ports.ts';
import { attachOnce } from './attachments.ts';
import { readChanges } from './changes.ts';
import { type Client, connect } from './client.ts';
import { wrongRows } from './failures.ts';
import { readMajorIncidents } from './major-incidents.ts';
import { ciColumns, incidentColumns, toConfigurationItem, toIncident } from './map.ts';
import { checkedColumns, checkedMappings, incidentTag, type Mappings } from './mappings.ts';
import { readOnCall } from './on-call.ts';
import { readOwner } from './owner.ts';
import { readAll, readOne } from './read.ts';
import { readRelations } from './relations.ts';
import { readSchedule } from './schedule.ts';
import { isNumber, isSysId, isTable, type Row } from './schema.ts';
import type { ServiceNowSettings } from './settings.ts';
import { readTagged } from './tagged.ts';
import { inTurn } from './turns.ts';
import { writeUpdate } from './update.ts';

type Reader = { readonly client: Client; readonly mappings: Mappings; readonly columns: readonly string[] };

/**
 * ServiceNow over its Table, Attachment and OAuth APIs. Throws `config-invalid` on wrong settings.
 * Calls throw AppError `itsm-unreachable` or `itsm-refused`.
 */
export function servicenow(settings: ServiceNowSettings, clock: Clock = { now: () => new Date() }): Itsm {
  const client = connect(settings, clock);
  const mappings = checkedMappings(settings.mappings);
  const { integrationUser } = settings;
  const tag = incidentTag(mappings);
  const turn = inTurn();
  const incidents = {
    client,
    mappings,
    columns: [
      ...incidentColumns(mappings.columns),
      ...(tag === undefined ? [] : [tag.column]),
      ...checkedColumns(settings.incidentColumns ?? []),
    ],
  };
  const items = {
    client,
    mappings,
    columns: [...ciColumns(mappings.columns), ...checkedColumns(settings.ciColumns ?? [])],
  };
  return {
    incident: (ref) => readIncident(incidents, ref),
    ci: (sysId) => readItem(items, sysId),
    changes: (ciSysId, at) => readChanges(client, mappings, ciSysId, at),
    relations: (ciSysId) => readRelations(client, mappings, ciSysId),
    majorIncidents: (ciSysIds) => readMajorIncidents(client, mappings, ciSysIds),
    schedule: (ciSysId, from, to) => readSchedule(client, mappings, ciSysId, { from, to }),
    onCall: (group, at) => readOnCall(client, mappings, clock, group, at),
    owner: (ci) => readOwner(client, mappings, ci),
    // one write to an incident at a time: notes keep their order, and no two of ours are taken for a race with somebody
    update: (update) => turn(update.sysId, () => writeUpdate({ client, mappings, integrationUser }, update)),
    attach: (attachment) => turn(attachment.sysId, () => attachOnce(client, attachment)),
    tagged: async (after) => (tag === undefined ? { incidents: [] } : readTagged(client, tag, after)),
    isOwnUpdate: (incident) => incident.updatedBy.toLowerCase() === integrationUser.toLowerCase(),
  };
}

async function readIncident(
  { client, mappings, columns }: Reader,
  ref: { readonly sysId: string } | { readonly number: string },
): Promise<Incident | undefined> {
  const row =
    'sysId' in ref
      ? await bySysId(client, 'incident', ref.sysId, columns)
      : await byNumber(client, ref.number.trim().toUpperCase(), columns);
  return row && toIncident(row, mappings);
}

/** A text that is no sys_id names no record; it is not sent. */
const bySysId = (client: Client, table: string, sysId: string, columns: readonly string[]) =>
  isSysId(sysId) ? readOne(client, table, sysId, columns) : Promise.resolve(undefined);

async function byNumber(
  client: Client,
  number: string,
  columns: readonly string[],
): Promise<Row | undefined> {
  if (!isNumber(number)) return undefined;
  const rows = await readAll(client, {
    path: '/api/now/table/incident',
    query: `number=${number}`,
    columns,
    fits: { number },
    most: 10,
  });
  const [row, second] = rows;
  if (second === undefined) return row;
  throw new AppError({
    code: 'itsm-refused',
    message: `there are several incidents with the number ${number}`,
    fix: 'Ask the administrators of ServiceNow to give each incident its own number.',
  });
}

/** Twice: the base table tells the class, only the class's own table has all its columns. */
async function readItem(
  { client, mappings, columns }: Reader,
  sysId: string,
): Promise<ConfigurationItem | undefined> {
  const base = await bySysId(client, 'cmdb_ci', sysId, columns);
  const table = base?.['sys_class_name'] ?? '';
  if (base === undefined) return undefined;
  if (!isTable(table)) throw wrongRows('GET cmdb_ci');
  if (table === 'cmdb_ci') return toConfigurationItem(base, mappings);
  const row = await readOne(client, table, sysId, columns);
  if (row !== undefined) return toConfigurationItem({ ...base, ...row }, mappings);
  throw new AppError({
    code: 'itsm-refused',
    message: `the configuration item is a ${table}, which cannot be read`,
    fix: `Give the integration user the right to read ${table}: without it nobody can tell whether the item is production.`,
  });
}
