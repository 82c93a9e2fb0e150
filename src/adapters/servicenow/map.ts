import { AppError } from '../../domain/errors.ts';
import {
  type Change,
  type ConfigurationItem,
  environments,
  type Incident,
  incidentStates,
} from '../../domain/incident.ts';
import type { Columns, Mappings } from './mappings.ts';
import { type Row, timeOf } from './schema.ts';
import { standardStatuses } from './statuses.ts';

const mapped = {
  incident: [
    'sys_id',
    'number',
    'short_description',
    'description',
    'state',
    'priority',
    'sys_mod_count',
    'sys_updated_by',
    'assignment_group',
  ],
  ci: ['sys_id', 'name', 'sys_class_name'],
} as const;

export const incidentColumns = ({ incidentCi, incidentApproval }: Columns): readonly string[] => [
  ...mapped.incident,
  incidentCi,
  incidentApproval,
  // The name beside the sys_id, because people name groups in the policy.
  'assignment_group.name',
  'category',
  'subcategory',
  'impact',
  'urgency',
  'assigned_to',
  'caller_id',
  'business_service',
  'contact_type',
  'opened_at',
  'sys_updated_on',
  'close_code',
];
export const ciColumns = ({
  environment,
  operation,
  installation,
  criticality,
}: Columns): readonly string[] => [
  ...mapped.ci,
  ...environment,
  operation,
  installation,
  criticality,
  'fqdn',
  'dns_domain',
  'host_name',
  'ip_address',
  'support_group',
];
export const changeColumns: readonly string[] = [
  'number',
  'state',
  'approval',
  'on_hold',
  'start_date',
  'end_date',
  'work_start',
  'work_end',
];

const others = (row: Row, known: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(row).filter(([column, value]) => value !== '' && !known.includes(column)),
  );

const misread = (what: string, fix: string): AppError =>
  new AppError({ code: 'itsm-refused', message: what, fix });

/** An incident from its row. Throws `itsm-refused` when its state or version cannot be told. */
export function toIncident(row: Row, mappings: Mappings): Incident {
  const text = (column: string): string => row[column] ?? '';
  if (text('number') === '' || !/^\d+$/.test(text('sys_mod_count')))
    throw misread(
      'an incident came without number or sys_mod_count',
      'Let the integration user read all columns of incident.',
    );
  return {
    sysId: text('sys_id'),
    number: text('number'),
    shortDescription: text('short_description'),
    description: text('description'),
    state: stateOf(text('number'), text('state'), mappings),
    priority: text('priority'),
    modCount: Number(text('sys_mod_count')),
    updatedBy: text('sys_updated_by'),
    ciSysId: text(mappings.columns.incidentCi),
    assignmentGroup: text('assignment_group'),
    fields: others(row, [...mapped.incident, mappings.columns.incidentCi]),
  };
}

/** What a value of incident.state means. Throws `itsm-refused` on one nobody mapped. */
export function stateOf(number: string, raw: string, mappings: Mappings): Incident['state'] {
  const state = incidentStates.find((name) => mappings.incidentStates[name].includes(raw));
  if (state !== undefined) return state;
  throw misread(
    `incident ${number} has the unknown state ${JSON.stringify(raw)}`,
    'Add this value of incident.state to incident.states in servicenow.yaml, the mapping of incident states.',
  );
}

/** A configuration item from the row of its own class. */
export function toConfigurationItem(row: Row, mappings: Mappings): ConfigurationItem {
  return {
    sysId: row['sys_id'] ?? '',
    name: row['name'] ?? '',
    class: row['sys_class_name'] ?? '',
    ...environmentOf(row, mappings),
    fields: others({ ...row, ...standardStatuses(row, mappings) }, mapped.ci),
  };
}

/**
 * Where the CMDB says the item stands. Several columns may say so: the most production-like one counts.
 * A value nobody mapped, like no value at all, means production.
 */
function environmentOf(
  row: Row,
  mappings: Mappings,
): Pick<ConfigurationItem, 'environment' | 'environmentKnown'> {
  const said = mappings.columns.environment
    .map((column) => (row[column] ?? '').trim().toLowerCase())
    .filter((value) => value !== '');
  const meant = said.map((value) =>
    Object.hasOwn(mappings.environments, value) ? mappings.environments[value] : undefined,
  );
  if (meant.length === 0) return { environment: 'production', environmentKnown: false };
  if (meant.includes('production')) return { environment: 'production', environmentKnown: true };
  if (meant.includes(undefined)) return { environment: 'production', environmentKnown: false };
  const environment = environments.find((name) => meant.includes(name)) ?? 'production';
  return { environment, environmentKnown: true };
}

/** A change request; undefined when it has no planned time. Raw times are UTC without a zone. */
export function toChange(row: Row, mappings: Mappings): Change | undefined {
  const start = timeOf(row['start_date'])?.toISOString();
  const end = timeOf(row['end_date'])?.toISOString();
  if (start === undefined || end === undefined) return undefined;
  const raw = row['state'] ?? '';
  const { scheduled, implement } = mappings.changeStates;
  const known = implement.includes(raw) ? 'implement' : 'other';
  const begun = timeOf(row['work_start']) !== undefined && row['work_end'] === '';
  return {
    number: row['number'] ?? '',
    state: scheduled.includes(raw) ? 'scheduled' : known,
    approved: mappings.changeApproved.includes(row['approval'] ?? ''),
    // Anything but a clear no counts as on hold, as does a column that we may not read.
    onHold: row['on_hold'] !== 'false',
    start,
    end,
    ...(begun ? { begun } : {}),
  };
}
