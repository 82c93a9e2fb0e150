import type { Command } from '../domain/commands.ts';
import type { Fact, World } from '../domain/facts.ts';
import type { ConfigurationItem, Incident, MajorIncident, Relations } from '../domain/incident.ts';
import { type Needs, needsOf } from '../domain/needs.ts';
import type { Actor } from '../domain/people.ts';
import { type Run, requesterOf } from '../domain/run.ts';
import { authorsOf, type LoadedRunbook, type Runbook } from '../domain/runbook.ts';
import type { Deps } from './deps.ts';
import { type Dated, eitherOf, fact, notAsked } from './fact.ts';
import { groupsOf, onCallOf } from './groups.ts';
import { lastHour, pastRemediations } from './history.ts';
import { holdersOf } from './lease.ts';
import { ownerNow } from './owner.ts';

/** So far ahead schedules are read when no window may be waited for. */
const SCHEDULE_AHEAD_MS = 3_600_000;

/** Everything the guardrails look at, fetched side by side: each source has its own time limit and fails alone. */
export async function gatherWorld(
  deps: Deps,
  run: Run,
  command: Command,
  loaded: LoadedRunbook | undefined,
): Promise<World> {
  const sysId = run.proposal?.incident.sysId ?? (command.name === 'propose' ? command.incident : '');
  const incident = fact(
    async (dated) => found(dated(await deps.itsm.incident({ sysId })), 'the incident does not exist'),
    deps.itsm,
  );
  // whoever continues a run asks for the next one
  const requester = command.name === 'continue' ? command.by : (requesterOf(run) ?? command.by);
  const { policy } = deps.catalogue.policy;
  const needs = loaded === undefined ? undefined : needsOf(policy, loaded.runbook);
  const people = aboutPeople(deps, requester, loaded?.runbook, needs);
  // a run stays with the item it was proposed for; whether the incident still names it is for a guardrail to judge
  const known = run.proposal?.ci.sysId;
  const about = known === undefined ? undefined : aboutItem(deps, known, run.runId, loaded?.runbook, needs);
  const read = await incident;
  const item = about ?? aboutItem(deps, read.ok ? read.value.ciSysId : '', run.runId, loaded?.runbook, needs);
  return { incident: read, ...(await item), ...(await people) };
}

type AboutItem = Omit<World, 'incident' | keyof AboutPeople>;

async function aboutItem(
  deps: Deps,
  sysId: string,
  runId: string,
  runbook: Runbook | undefined,
  needs: Needs | undefined,
): Promise<AboutItem> {
  if (sysId === '') return nowhere;
  const { itsm, clock } = deps;
  const now = clock.now();
  const asked = <T>(wanted: boolean | undefined, fetch: (dated: Dated) => Promise<T>): Promise<Fact<T>> =>
    wanted === true ? fact(fetch, itsm) : Promise.resolve(notAsked);
  const relations = asked(needs?.relations, async (dated) =>
    found(dated(await itsm.relations(sysId)), noItem),
  );
  const ahead = Math.max(deps.catalogue.policy.policy.scheduleWithin ?? 0, SCHEDULE_AHEAD_MS);
  const item = asked(true, async (dated) => found(dated(await itsm.ci(sysId)), noItem));
  const [ci, owner, changes, around, majorIncidents, schedule, history, hour, holders] = await Promise.all([
    item,
    needs?.owner ? item.then((read) => ownerNow(deps, read)) : notAsked,
    asked(true, async (dated) => dated(await itsm.changes(sysId, now))),
    relations,
    asked(needs?.majorIncidents, async (dated) => majorOn(deps, sysId, await relations, dated)),
    asked(needs?.schedule, async (dated) =>
      dated(await itsm.schedule(sysId, now, new Date(now.getTime() + ahead))),
    ),
    asked(needs?.history, () => pastRemediations(deps, sysId, runId)),
    asked(needs?.lastHour, () => lastHour(deps, runId)),
    runbook && needs?.holders ? fact(() => holdersOf(deps, sysId, runId, runbook)) : notAsked,
  ]);
  return {
    ci,
    owner,
    changes,
    relations: around,
    majorIncidents,
    schedule,
    history,
    lastHour: hour,
    holders,
  };
}

const noItem = 'the CMDB has no such item';
const missing = { ok: false, why: 'the incident names no configuration item' } as const;
const nowhere: AboutItem = {
  ci: missing,
  owner: missing,
  changes: missing,
  relations: missing,
  majorIncidents: missing,
  schedule: missing,
  history: missing,
  lastHour: missing,
  holders: missing,
};

/** Major incidents on the item and on everything that depends on it: no younger than what is known of that. */
async function majorOn(
  deps: Deps,
  sysId: string,
  relations: Fact<Relations>,
  dated: Dated,
): Promise<readonly MajorIncident[]> {
  if (!relations.ok) throw new Error(relations.why);
  const { dependents } = dated(relations.value);
  return dated(await deps.itsm.majorIncidents([sysId, ...dependents.map((item) => item.sysId)]));
}

type AboutPeople = Pick<World, 'requesterGroups' | 'requesterOnCall' | 'members' | 'authors'>;

async function aboutPeople(
  deps: Deps,
  requester: Actor,
  runbook: Runbook | undefined,
  needs: Needs | undefined,
): Promise<AboutPeople> {
  const groups = groupsOf(deps, requester);
  const [requesterGroups, requesterOnCall, members, authors] = await Promise.all([
    groups,
    needs?.onCall && runbook ? isOnCall(deps, requester, runbook, groups) : notAsked,
    needs ? membersOf(deps, needs.members) : notAsked,
    needs?.authors && runbook ? fact((dated) => authorIds(deps, runbook, dated), deps.directory) : notAsked,
  ]);
  return { requesterGroups, requesterOnCall, members, authors };
}

/** Only somebody who is in none of the groups that may ask has to be on call for one of them. */
async function isOnCall(
  deps: Deps,
  requester: Actor,
  { requesters }: Runbook,
  groups: Promise<Fact<readonly string[]>>,
): Promise<Fact<boolean>> {
  const known = await groups;
  if (!known.ok) return known;
  if (requester.kind !== 'person' || requesters.some((group) => known.value.includes(group)))
    return { ok: true, value: false };
  return fact(
    async (dated) => {
      const people = await Promise.all(requesters.map((group) => onCallOf(deps, group, dated)));
      return people.flat().some(({ id }) => id === requester.id);
    },
    eitherOf(deps.itsm, deps.directory),
  );
}

/** The people of each group whose head count matters. */
const membersOf = (deps: Deps, groups: readonly string[]): Promise<World['members']> =>
  fact(async (dated) => {
    const { groups: known } = deps.catalogue.policy.policy;
    const members = groups.map(
      async (name) => [name, dated(await deps.directory.members(known[name]?.entra ?? ''))] as const,
    );
    return Object.fromEntries(await Promise.all(members));
  }, deps.directory);

/** An author the directory cannot name could be anybody, the approver included. */
const authorIds = (deps: Deps, runbook: Runbook, dated: Dated): Promise<string[]> =>
  Promise.all(
    authorsOf(runbook).map(async (named) => {
      const person = dated(await deps.directory.person(named));
      if (person === undefined)
        throw new Error(`the directory knows nobody called ${named}; correct the author of ${runbook.id}`);
      return person.id;
    }),
  );

function found<T extends Incident | ConfigurationItem | Relations>(value: T | undefined, why: string): T {
  if (value === undefined) throw new Error(why);
  return value;
}
