import { AppError } from '../../domain/errors.ts';
import type { ConfigurationItem, Incident } from '../../domain/incident.ts';
import { isPlain } from './schema.ts';

type Environment = ConfigurationItem['environment'];

/** How the customer's choice lists map to ours; they rename and renumber them. */
export type Mappings = {
  /** The values of incident.state that mean each of our states. The first one is the one we write. */
  readonly incidentStates: Readonly<Record<Incident['state'], readonly string[]>>;
  /** A runbook's close code to the instance's own; one that is not listed is written as it is. */
  readonly closeCodes: Readonly<Record<string, string>>;
  /** Values of environment, used_for and classification, in lower case. One that is not listed means production. */
  readonly environments: Readonly<Record<string, Environment>>;
  readonly changeStates: Readonly<Record<'scheduled' | 'implement', readonly string[]>>;
  /** Names of relation types (cmdb_rel_type.name). Each one has to exist on the instance. */
  readonly relationTypes: {
    /** The parent depends on the child. */
    readonly dependents: readonly string[];
    /** The parent consists of its children. */
    readonly members: readonly string[];
    /** Of the members: discovery writes these with the whole on either side; the side whose class ends with `_cluster` is it. */
    readonly eitherWay: readonly string[];
  };
  /** Values of incident.major_incident_state of an accepted major incident. Empty on an instance that has none. */
  readonly majorIncidentStates: readonly string[];
  /** The instance's change.conflict.next_available.choice_limit: so many times of one length it offers for a change. */
  readonly changeSlots: number;
};

export type ServiceNowSettings = {
  readonly baseUrl: string;
  readonly auth:
    | { readonly kind: 'basic'; readonly user: string; readonly password: string }
    | { readonly kind: 'oauth'; readonly clientId: string; readonly clientSecret: string };
  /** The user_name we write as. The app on the instance must know it too, so that our own updates raise no event. */
  readonly integrationUser: string;
  /** For each request. */
  readonly timeoutMs: number;
  /** Columns to read besides the usual ones; parameters may take their values from them. */
  readonly incidentColumns?: readonly string[];
  readonly ciColumns?: readonly string[];
  readonly mappings?: Partial<Mappings>;
  readonly retry?: Partial<Retry>;
};

export type Retry = {
  /** Pause before the first repeat; it doubles. */
  readonly pauseMs: number;
  /** A Retry-After longer than this is not waited for but handed to the caller. */
  readonly longestPauseMs: number;
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
  changeStates: { scheduled: ['-2'], implement: ['-1'] },
  relationTypes: {
    dependents: ['Depends on::Used by', 'Runs on::Runs', 'Hosted on::Hosts'],
    members: ['Contains::Contained by', 'Cluster of::Cluster', 'Members::Member of'],
    eitherWay: ['Cluster of::Cluster'],
  },
  majorIncidentStates: ['accepted'],
  changeSlots: 30,
};

export const defaultRetry: Retry = { pauseMs: 250, longestPauseMs: 5_000 };

/** Checks column names, because an unknown character would change what a query means. Throws `config-invalid`. */
export function checkedColumns(columns: readonly string[]): readonly string[] {
  const wrong = columns.find((column) => !/^[a-z][a-z0-9_]{0,79}$/.test(column));
  if (wrong === undefined) return columns;
  throw new AppError({
    code: 'config-invalid',
    message: `${JSON.stringify(wrong)} is not the name of a ServiceNow column`,
    fix: 'Name columns as ServiceNow does, in lower case, e.g. u_app_pool.',
  });
}

/** The mappings with the usual values where none is given. Throws `config-invalid` on a value no query can hold. */
export function checkedMappings(given: Partial<Mappings> = {}): Mappings {
  const mappings = { ...defaultMappings, ...given };
  const { dependents, members } = mappings.relationTypes;
  const type = [...dependents, ...members].find(
    (name) => !isPlain(name.replace('::', ' ')) || /^javascript/i.test(name),
  );
  if (type !== undefined)
    throw new AppError({
      code: 'config-invalid',
      message: `${JSON.stringify(type)} is not the name of a relation type`,
      fix: 'Name relation types as cmdb_rel_type does, e.g. Depends on::Used by.',
    });
  const state = mappings.majorIncidentStates.find((value) => !/^[a-z0-9_ -]{1,40}$/.test(value));
  if (state === undefined) return mappings;
  throw new AppError({
    code: 'config-invalid',
    message: `${JSON.stringify(state)} is not a value of major_incident_state`,
    fix: 'Give the value of the choice, not its label, e.g. accepted.',
  });
}

/** The instance's address without a trailing slash. Throws `config-invalid`. */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.username === '' && url.search === '' && url.hash === '';
  if (plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new AppError({
    code: 'config-invalid',
    message: 'the address of ServiceNow is not an http(s) URL',
    fix: 'Give the address of the instance alone, e.g. https://example.service-now.com.',
  });
}
