import type { Command, CommandName } from '../domain/commands.ts';
import type { Facts, World } from '../domain/decision.ts';
import { messageOf } from '../domain/errors.ts';
import type { Fact } from '../domain/guardrails.ts';
import type { ConfigurationItem, Incident } from '../domain/incident.ts';
import type { Actor } from '../domain/people.ts';
import { type Run, requesterOf, stateOf } from '../domain/run.ts';
import type { Deps } from './deps.ts';

const judged: readonly CommandName[] = ['propose', 'confirm-parameters', 'approve', 'dispatch'];
const authorised: readonly CommandName[] = ['confirm-parameters', 'approve', 'reject', 'withdraw', 'cancel'];

/** So long may what was fetched for a command serve when somebody else was faster and it is decided on again. */
const FRESH_MS = 2_000;

/**
 * What `decide` needs for this command, for the run as it is. When a race was lost a moment ago, and the run still asks
 * the same of the world, the world is not asked again: a busy run would read everything several times over.
 */
export function factsFor(deps: Deps, command: Command): (run: Run) => Promise<Facts> {
  let before: { readonly question: string; readonly facts: Facts } | undefined;
  return async (run) => {
    const now = deps.clock.now();
    const question = questionOf(run, command);
    if (before?.question === question && now.getTime() - before.facts.now.getTime() < FRESH_MS)
      return { ...before.facts, now };
    const facts = await gatherFacts(deps, run, command);
    before = { question, facts: { ...facts, now } };
    return facts;
  };
}

/** Everything of a run that decides what is fetched for a command. */
const questionOf = (run: Run, command: Command): string =>
  JSON.stringify([
    run.proposal?.incident.sysId,
    run.proposal?.ci.sysId,
    run.proposal?.runbook.id,
    requesterOf(run),
    needsWorld(run, command),
  ]);

const needsWorld = (run: Run, { name }: Command): boolean =>
  judged.includes(name) || (name === 'advance' && stateOf(run) === 'awaiting-parameters');

/** Fetches side by side. A source that fails becomes a fact that says so. */
async function gatherFacts(deps: Deps, run: Run, command: Command): Promise<Facts> {
  const runbookId = run.proposal?.runbook.id ?? (command.name === 'propose' ? command.runbook : '');
  const [world, actorGroups] = await Promise.all([
    needsWorld(run, command) ? gatherWorld(deps, run, command, runbookId) : undefined,
    authorised.includes(command.name) ? groupsOf(deps, command.by) : ({ ok: true, value: [] } as const),
  ]);
  return {
    now: deps.clock.now(),
    tenant: deps.tenant,
    policy: deps.catalogue.policy,
    runbook: deps.catalogue.runbooks.get(runbookId),
    world,
    actorGroups,
    executionId: deps.ids.uuid(),
  };
}

async function gatherWorld(deps: Deps, run: Run, command: Command, runbookId: string): Promise<World> {
  const sysId = run.proposal?.incident.sysId ?? (command.name === 'propose' ? command.incident : '');
  const incident = fact(async () =>
    found(await deps.itsm.incident({ sysId }), 'the incident does not exist'),
  );
  const requesterGroups = groupsOf(deps, requesterOf(run) ?? command.by);
  // a run stays with the item it was proposed for; whether the incident still names it is for a guardrail to judge
  const known = run.proposal?.ci.sysId;
  const about = known === undefined ? undefined : aboutCi(deps, known, run.runId, runbookId);
  const read = await incident;
  const rest = await (about ?? aboutCi(deps, read.ok ? read.value.ciSysId : '', run.runId, runbookId));
  return { incident: read, ...rest, requesterGroups: await requesterGroups };
}

type AboutCi = Pick<World, 'ci' | 'changes' | 'lastRun'>;

async function aboutCi(deps: Deps, sysId: string, runId: string, runbook: string): Promise<AboutCi> {
  if (sysId === '') {
    const missing = { ok: false, why: 'the incident names no configuration item' } as const;
    return { ci: missing, changes: missing, lastRun: missing };
  }
  const [ci, changes, lastRun] = await Promise.all([
    fact(async () => found(await deps.itsm.ci(sysId), 'the CMDB has no such item')),
    fact(() => deps.itsm.changes(sysId, deps.clock.now())),
    fact(() => lastRemediation(deps, sysId, runId, runbook)),
  ]);
  return { ci, changes, lastRun };
}

/** When this runbook last claimed a remediation on this item in another run, unless the target certainly never began. */
async function lastRemediation(deps: Deps, ci: string, runId: string, runbook: string): Promise<Date | null> {
  const about = { phase: 'remediation', ci, runbook };
  const [started, finished] = await Promise.all([
    deps.log.find({ where: { type: 'step-started', ...about }, limit: 20 }),
    deps.log.find({ where: { type: 'step-finished', ...about }, limit: 20 }),
  ]);
  const never = new Set(
    finished.flatMap((entry) =>
      entry.type === 'step-finished' && entry.data.result === 'not-started'
        ? [`${entry.runId} ${entry.data.step}`]
        : [],
    ),
  );
  const last = started.find(
    (entry) =>
      entry.type === 'step-started' &&
      entry.runId !== runId &&
      !never.has(`${entry.runId} ${entry.data.step}`),
  );
  return last ? new Date(last.at) : null;
}

/** Names of the policy's groups somebody is in. */
async function groupsOf(deps: Deps, actor: Actor): Promise<Fact<readonly string[]>> {
  if (actor.kind === 'system') return { ok: true, value: [] };
  const groups = Object.entries(deps.catalogue.policy.policy.groups);
  return fact(async () => {
    const ids = await deps.directory.memberOf(
      actor.id,
      groups.map(([, group]) => group.entra),
    );
    return groups.filter(([, group]) => ids.includes(group.entra)).map(([name]) => name);
  });
}

function found<T extends Incident | ConfigurationItem>(value: T | undefined, why: string): T {
  if (value === undefined) throw new Error(why);
  return value;
}

async function fact<T>(fetch: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: true, value: await fetch() };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}
