import type { Tag } from '../../domain/considered.ts';
import { AppError } from '../../domain/errors.ts';
import type { ConfigurationItem, Incident } from '../../domain/incident.ts';
import type { TicketUpdate } from '../../ports.ts';
import { isColumn, isPlain } from './schema.ts';

type Environment = ConfigurationItem['environment'];
type Approval = NonNullable<TicketUpdate['approval']>;
type Values = readonly string[];
/** What a status can mean to a decision. Any other one is passed on as it is. */
export type Operation = 'retired';
export type Installation = 'in-maintenance' | 'retired' | 'absent';

/** How the customer's choice lists and columns map to ours; they rename and renumber them. */
export type Mappings = {
  /** The values of incident.state that mean each of our states. The first one is the one we write. */
  readonly incidentStates: Readonly<Record<Incident['state'], Values>>;
  /** A runbook's close code to the instance's own; one that is not listed is written as it is. */
  readonly closeCodes: Readonly<Record<string, string>>;
  /** What is written to the incident's approval. */
  readonly approvals: Readonly<Record<Approval, string>>;
  /** Values of environment, used_for and classification, in lower case. One that is not listed means production. */
  readonly environments: Readonly<Record<string, Environment>>;
  readonly operations: Readonly<Record<Operation, Values>>;
  readonly installations: Readonly<Record<Installation, Values>>;
  /** Values of the criticality of a service, in lower case. One that is not listed counts when it begins with 1 to 4. */
  readonly criticality: Readonly<Record<string, Criticality>>;
  readonly changeStates: Readonly<Record<'scheduled' | 'implement', Values>>;
  /** Values of a change's approval that let it go ahead. */
  readonly changeApproved: Values;
  /** Whether changes are found that list an item among their affected ones, and not only those that name it first. */
  readonly changeAffected: boolean;
  /** Whether the conflicts of a change that covers now are read. */
  readonly changeConflicts: boolean;
  /** Names of relation types (cmdb_rel_type.name). Each one has to exist on the instance. */
  readonly relationTypes: {
    /** The parent depends on the child. */
    readonly dependents: Values;
    /** The parent consists of its children. */
    readonly members: Values;
    /** Of the members: discovery writes these with the whole on either side; the side whose class ends with `_cluster` is it. */
    readonly eitherWay: Values;
  };
  /** Values of incident.major_incident_state of an accepted major incident. Empty on an instance that has none. */
  readonly majorIncidentStates: Values;
  /** The instance's change.conflict.next_available.choice_limit: so many times of one length it offers for a change. */
  readonly changeSlots: number;
  readonly columns: Columns;
};
export type Criticality = 1 | 2 | 3 | 4;

/** Where the customer keeps what has a column of its own on a new instance. */
export type Columns = {
  readonly incidentCi: string;
  readonly incidentApproval: string;
  /** Says `offer` where Handrail should look (infra/servicenow); empty when there is none. */
  readonly incidentTag: string;
  readonly changeCi: string;
  /** Each may say where an item stands; the most production-like one counts. */
  readonly environment: Values;
  readonly operation: string;
  readonly installation: string;
  readonly criticality: string;
  /** The user an item is assigned to. */
  readonly owner: string;
  /** A column of sys_user with the Entra object id; empty when there is none. */
  readonly entraId: string;
};

/** The values of a new instance (servicenow.itsm collection, incident.py; ServiceNow docs, c_ChangeStateModel.md). */
export const defaultMappings: Mappings = {
  incidentStates: {
    new: ['1'],
    'in-progress': ['2'],
    'on-hold': ['3'],
    resolved: ['6'],
    closed: ['7'],
    canceled: ['8'],
  },
  closeCodes: {},
  approvals: {
    requested: 'requested',
    approved: 'approved',
    rejected: 'rejected',
    // ServiceNow's own value has a space (change-management-api.md, approval)
    'not-requested': 'not requested',
  },
  environments: {
    production: 'production',
    prod: 'production',
    'disaster recovery': 'production',
    dr: 'production',
    staging: 'staging',
    stage: 'staging',
    uat: 'staging',
    'pre-production': 'staging',
    test: 'test',
    testing: 'test',
    qa: 'test',
    development: 'development',
    dev: 'development',
    sandbox: 'development',
  },
  operations: { retired: ['6'] },
  installations: { 'in-maintenance': ['3'], retired: ['7'], absent: ['100'] },
  criticality: {},
  changeStates: { scheduled: ['-2'], implement: ['-1'] },
  changeApproved: ['approved'],
  changeAffected: true,
  changeConflicts: false,
  relationTypes: {
    dependents: ['Depends on::Used by', 'Runs on::Runs', 'Hosted on::Hosts'],
    members: ['Contains::Contained by', 'Cluster of::Cluster', 'Members::Member of'],
    eitherWay: ['Cluster of::Cluster'],
  },
  majorIncidentStates: ['accepted'],
  changeSlots: 30,
  columns: {
    incidentCi: 'cmdb_ci',
    incidentApproval: 'approval',
    incidentTag: 'x_handrail_tag',
    changeCi: 'cmdb_ci',
    environment: ['environment', 'used_for', 'classification'],
    operation: 'operational_status',
    installation: 'install_status',
    // ServiceNow spells it so.
    criticality: 'busines_criticality',
    owner: 'assigned_to',
    entraId: '',
  },
};

/** Where an incident says that it is Handrail's business. */
export const incidentTag = ({ columns }: Mappings): Tag | undefined =>
  columns.incidentTag === '' ? undefined : { column: columns.incidentTag, offer: 'offer' };

/** Checks column names, because an unknown character would change what a query means. Throws `config-invalid`. */
export function checkedColumns(columns: readonly string[]): readonly string[] {
  const wrong = columns.find((column) => !isColumn(column));
  if (wrong === undefined) return columns;
  throw new AppError({
    code: 'config-invalid',
    message: `${JSON.stringify(wrong)} is not the name of a ServiceNow column`,
    fix: 'Name columns as ServiceNow does, in lower case, e.g. u_app_pool.',
  });
}

/** A name that may stand in a query. */
export const isRelationType = (name: string): boolean =>
  isPlain(name.replace('::', ' ')) && !/^javascript/i.test(name);
/** A value of a choice that may stand in a query. */
export const isChoice = (value: string): boolean => /^[a-z0-9_ -]{1,40}$/.test(value);

/** The mappings with the usual values where none is given. Throws `config-invalid` on a value no query can hold. */
export function checkedMappings(given: Partial<Mappings> = {}): Mappings {
  const mappings = { ...defaultMappings, ...given };
  const { relationTypes, columns } = mappings;
  checkedColumns(
    Object.values(columns)
      .flat()
      .filter((column) => column !== ''),
  );
  const type = [...relationTypes.dependents, ...relationTypes.members].find((name) => !isRelationType(name));
  if (type !== undefined)
    throw new AppError({
      code: 'config-invalid',
      message: `${JSON.stringify(type)} is not the name of a relation type`,
      fix: 'Name relation types as cmdb_rel_type does, e.g. Depends on::Used by.',
    });
  const state = mappings.majorIncidentStates.find((value) => !isChoice(value));
  if (state === undefined) return mappings;
  throw new AppError({
    code: 'config-invalid',
    message: `${JSON.stringify(state)} is not a value of major_incident_state`,
    fix: 'Give the value of the choice, not its label, e.g. accepted.',
  });
}
