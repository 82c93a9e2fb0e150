import type { Fact, PastRemediation, World } from '../domain/facts.ts';
import type { ConfigurationItem, Incident, RelatedItem, Relations } from '../domain/incident.ts';
import type { Owner } from '../domain/ownership.ts';
import type { Actor } from '../domain/people.ts';
import type { Given, Unreadable } from './given.ts';
import { momentOf } from './moment.ts';
import { groupsOf, idsIn, personNamed } from './people.ts';
import type { Stage } from './stage.ts';

const HOUR = 3_600_000;
const INCIDENT_ID = 'a'.repeat(32);
const CI_ID = 'c'.repeat(32);
const OTHER_ID = 'd'.repeat(32);

/** Where a case stands: its world, its files, when it began and what time it is. */
export type Scenery = {
  readonly given: Given;
  readonly stage: Stage;
  readonly start: Date;
  readonly now: Date;
};

/** The world a case describes, as the flow would have fetched it for this requester. */
export function worldOf(scenery: Scenery, requester: Actor): World {
  const { given, stage } = scenery;
  const fact = factIn(given);
  const past = history(scenery);
  return {
    incident: fact('incident', incidentOf(given)),
    ci: fact('ci', ciOf(given)),
    owner: fact('owner', ownerOf(given)),
    changes: fact('changes', changesOf(scenery)),
    relations: fact('relations', relationsOf(given)),
    majorIncidents: fact('majorIncidents', majorIncidentsOf(given)),
    schedule: fact('schedule', scheduleOf(scenery)),
    history: fact('history', past),
    lastHour: fact('lastHour', lastHourOf(scenery, past)),
    holders: fact('holders', holdersOf(given)),
    requesterGroups: fact(
      'requesterGroups',
      requester.kind === 'person' ? groupsOf(given, requester.id) : [],
    ),
    requesterOnCall: fact(
      'requesterOnCall',
      requester.kind === 'person' && given.onCall?.includes(requester.id) === true,
    ),
    members: fact(
      'members',
      Object.fromEntries(
        Object.keys(stage.policy.policy.groups).map((group) => [group, idsIn(given, group)]),
      ),
    ),
    authors: fact('authors', given.authors ?? []),
  };
}

/** A fact of the case, unless the case says that it cannot be read. */
export const factIn =
  ({ unknown }: Given) =>
  <T>(name: Unreadable, value: T): Fact<T> => {
    const why = unknown?.[name];
    return typeof why === 'string' ? { ok: false, why } : { ok: true, value };
  };

export function incidentOf({ incident = {} }: Given): Incident {
  const named = { same: CI_ID, other: OTHER_ID, none: '' };
  return {
    sysId: INCIDENT_ID,
    number: incident.number ?? 'INC0010023',
    shortDescription: incident.shortDescription ?? 'The site answers 503',
    description: incident.description ?? '',
    state: incident.state ?? 'new',
    priority: incident.priority ?? '2',
    modCount: 1,
    updatedBy: 'monitoring',
    ciSysId: named[incident.ci ?? 'same'],
    assignmentGroup: incident.assignmentGroup ?? '',
    fields: texts(incident.fields),
  };
}

/** Raw values of cmdb_ci: operational_status and install_status. */
const statuses = {
  'in use': { operational_status: '1', install_status: '1' },
  'in maintenance': { operational_status: '1', install_status: '3' },
  retired: { operational_status: '6', install_status: '7' },
  absent: { install_status: '100' },
  unknown: {},
};
const levels = ['', '1 - most critical', '2 - somewhat critical', '3 - less critical', '4 - not critical'];

export function ciOf({ ci = {} }: Given): ConfigurationItem {
  const { environment = 'production', criticality, status = 'in use' } = ci;
  return {
    sysId: CI_ID,
    name: ci.name ?? 'shop-web-01',
    class: ci.class ?? 'cmdb_ci_app_server',
    environment: environment === 'unknown' ? 'production' : environment,
    environmentKnown: environment !== 'unknown',
    fields: {
      ...statuses[status],
      ...(typeof criticality === 'number' ? { busines_criticality: levels[criticality] ?? '' } : {}),
      ...texts(ci.fields),
    },
  };
}

const ownerOf = (given: Given): Owner =>
  given.owner ? { person: personNamed(given, given.owner) } : { nobody: 'the CMDB assigns it to nobody' };

const texts = (fields: Readonly<Record<string, string | null>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== null && field[1] !== ''),
  );

const changesOf = ({ given, start }: Scenery) =>
  (given.changes ?? []).map(({ from, to, ...change }) => ({ ...change, ...during(from, to, start) }));

const scheduleOf = ({ given, start }: Scenery) =>
  (given.schedule ?? []).map(({ from, to, ...span }) => ({ ...span, ...during(from, to, start) }));

const during = (from: string, to: string, start: Date) => ({
  start: momentOf(from, start).toISOString(),
  end: momentOf(to, start).toISOString(),
});

const relationsOf = ({ dependents, members, relationsCut }: Given): Relations => ({
  dependents: related(dependents, 'dependent'),
  members: related(members, 'member'),
  truncated: relationsCut === true,
});

function related(items: Given['dependents'], what: string): RelatedItem[] {
  const named =
    typeof items === 'number' ? Array.from({ length: items }, (_, n) => `${what} ${n + 1}`) : (items ?? []);
  return named.map((item, n) => {
    const {
      name,
      class: kind = 'cmdb_ci_service',
      criticality,
    } = typeof item === 'string' ? { name: item } : item;
    return {
      sysId: `${what}-${n}`,
      name,
      class: kind,
      ...(criticality === undefined ? {} : { criticality }),
    };
  });
}

const majorIncidentsOf = ({ majorIncidents = [] }: Given) =>
  majorIncidents.map((number) => ({ number, ci: CI_ID, shortDescription: 'Major incident' }));

function history({ given, stage, start }: Scenery): PastRemediation[] {
  return (given.history ?? []).map(({ at, runbook, run }, n) => ({
    runId: run ?? `earlier-${n + 1}`,
    runbook: runbook ?? stage.runbook.runbook.id,
    ci: CI_ID,
    incident: 'INC0010001',
    at: momentOf(at, start),
  }));
}

function lastHourOf(
  { given, stage, start, now }: Scenery,
  own: readonly PastRemediation[],
): PastRemediation[] {
  const others = (given.elsewhere ?? []).map(({ at, runbook, run }, n) => ({
    runId: run ?? `elsewhere-${n + 1}`,
    runbook: runbook ?? stage.runbook.runbook.id,
    ci: OTHER_ID,
    incident: 'INC0010002',
    at: momentOf(at, start),
  }));
  // as the log is asked: with a little more than the hour, so that the guardrail draws the line
  return [...own, ...others].filter(({ at }) => now.getTime() - at.getTime() <= 2 * HOUR);
}

const holdersOf = ({ holders = {} }: Given) => ({
  ci: holders.ci ?? '',
  runbook: runs(holders.runbook),
  targets: Object.fromEntries(
    Object.entries(holders.targets ?? {}).map(([name, held]) => [name, runs(held)]),
  ),
});

const runs = (held: number | readonly string[] = []): readonly string[] =>
  typeof held === 'number' ? Array.from({ length: held }, (_, n) => `run-0000${n + 1}`) : held;
