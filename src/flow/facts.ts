import type { Command, CommandName } from '../domain/commands.ts';
import { noControl, standsInFor } from '../domain/control.ts';
import { isLate } from '../domain/decide-dispatch.ts';
import type { Facts, StandIn } from '../domain/decision.ts';
import type { Fact } from '../domain/facts.ts';
import { type Run, requesterOf, stateOf } from '../domain/run.ts';
import { nextStep } from '../domain/steps.ts';
import { readControl } from './control.ts';
import type { Deps } from './deps.ts';
import { fact } from './fact.ts';
import { groupsOf } from './groups.ts';
import { loadRun } from './load-run.ts';
import { isShownCard } from './shown-card.ts';
import { gatherWorld } from './world.ts';

const judged: readonly CommandName[] = [
  'propose',
  'confirm-parameters',
  'answer-ownership',
  'approve',
  'narrow',
  'break-glass',
  'dispatch',
  'reconsider',
  'continue',
];
const voted: readonly CommandName[] = ['approve', 'reject', 'narrow'];
const authorised: readonly CommandName[] = [
  ...voted,
  'confirm-parameters',
  'break-glass',
  'withdraw',
  'cancel',
  'review',
  'settle',
  'stop',
  'resume',
];
/** These may claim a step, which a stop holds back. */
const claiming: readonly CommandName[] = [...judged, 'reject', 'advance', 'step-result'];

/** So long may what was fetched for a command serve when somebody else was faster and it is decided on again. */
const FRESH_MS = 2_000;

/**
 * What `decide` needs for this command, for the run as it is. When a race was lost a moment ago, and the run still asks
 * the same of the world, the world is not asked again: a busy run would read everything several times over. A stop is.
 */
export function factsFor(deps: Deps, command: Command): (run: Run) => Promise<Facts> {
  let before: { readonly question: string; readonly facts: Facts } | undefined;
  return async (run) => {
    const now = deps.clock.now();
    const question = questionOf(run, command);
    if (before?.question === question && now.getTime() - before.facts.now.getTime() < FRESH_MS)
      return { ...before.facts, now, control: await controlFor(deps, command) };
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
  judged.includes(name) ||
  (name === 'advance' &&
    (stateOf(run) === 'awaiting-parameters' || nextStep(run).does === 'ask' || isLate(run)));

/** Fetches side by side. A source that fails becomes a fact that says so. */
async function gatherFacts(deps: Deps, run: Run, command: Command): Promise<Facts> {
  const runbookId = run.proposal?.runbook.id ?? (command.name === 'propose' ? command.runbook : '');
  const runbook = deps.catalogue.runbooks.get(runbookId);
  const none = { ok: true, value: [] } as const;
  const [control, world, actorGroups, standIns, delegateGroups, shownCard, resumed] = await Promise.all([
    controlFor(deps, command),
    needsWorld(run, command) ? gatherWorld(deps, run, command, runbook) : undefined,
    authorised.includes(command.name) ? groupsOf(deps, command.by) : none,
    voted.includes(command.name) ? standInsOf(deps, command) : none,
    command.name === 'delegate' ? groupsOf(deps, command.to) : none,
    fact(() => isShownCard(deps, run.runId, command)),
    fact(() => resumedBy(deps, command)),
  ]);
  return {
    now: deps.clock.now(),
    tenant: deps.tenant,
    policy: deps.catalogue.policy,
    runbook,
    world,
    actorGroups,
    standIns,
    delegateGroups,
    shownCard,
    resumed,
    control,
    executionId: deps.ids.uuid(),
  };
}

const controlFor = async (deps: Deps, { name }: Command): Promise<Facts['control']> =>
  claiming.includes(name) ? fact(() => readControl(deps)) : { ok: true, value: noControl };

const resumedBy = async (deps: Deps, command: Command): Promise<Run | undefined> =>
  command.name === 'propose' && command.resumes !== undefined ? loadRun(deps, command.resumes) : undefined;

/** The people who let this one vote for them, with the groups they are in at this moment. */
const standInsOf = (deps: Deps, { by }: Command): Promise<Fact<readonly StandIn[]>> =>
  fact(async () => {
    if (by.kind !== 'person') return [];
    const delegations = standsInFor(await readControl(deps), by, deps.clock.now());
    return Promise.all(
      delegations.map(async ({ from }) => {
        const groups = await groupsOf(deps, from);
        if (!groups.ok) throw new Error(groups.why);
        return { from, groups: groups.value };
      }),
    );
  });
