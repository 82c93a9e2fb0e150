import { askFor, type Current, type Planned, tierNow } from './ask.ts';
import type { Command } from './commands.ts';
import { takenOver } from './decide-rest.ts';
import {
  afterwards,
  type Decided,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  type Facts,
  nothing,
  refuse,
} from './decision.ts';
import type { RunEvent } from './events.ts';
import type { World } from './facts.ts';
import { denials, type Evaluation } from './guardrails.ts';
import { consequenceOf } from './ownership.ts';
import {
  confirmParameters as confirm,
  narrowParameters,
  type ResolvedParameter,
  resolveParameters,
  valuesOf,
} from './parameters.ts';
import { makePlan, planDigest } from './plan.ts';
import { channelFor } from './policy.ts';
import { remaining } from './rest.ts';
import { type Run, requesterOf, stateOf } from './run.ts';
import type { LoadedRunbook } from './runbook.ts';
import { mayPass, opensAt, standingOf } from './standing.ts';
import { closing } from './steps.ts';
import { membersIn, ownerNow, valuesNow } from './values-now.ts';

/** What a plan is made from. */
export type Known = { readonly loaded: LoadedRunbook; readonly facts: Facts; readonly world: World };

/** A new run: what, for which incident, on what; the first evaluation; and, when nothing is missing, the plan. */
export function propose(run: Run, command: Extract<Command, { name: 'propose' }>, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  if (loaded === undefined)
    return refuse(run, 'runbook-unknown', { message: `There is no runbook ${command.runbook}.` });
  if (!world?.incident.ok) return refuse(run, 'incident-unknown', because(world?.incident));
  if (!world.ci.ok) return refuse(run, 'ci-unknown', because(world.ci));
  const { runbook, hash } = loaded;
  const { value: incident } = world.incident;
  const { value: ci } = world.ci;
  const sources = { incident, ci, members: membersIn(world), owner: ownerNow(world) };
  const before = takenOver(run, command, facts, loaded, sources);
  if (before !== undefined && 'ok' in before) return before;
  const proposal: RunEvent = {
    type: 'run-proposed',
    data: {
      incident,
      ci,
      runbook: {
        id: runbook.id,
        version: runbook.version,
        hash,
        title: runbook.title,
        summary: runbook.summary,
      },
      requester: command.by,
      reason: command.reason,
      ...(command.suggestion ? { suggestion: command.suggestion } : {}),
      parameters: [...(before?.parameters ?? resolveParameters(runbook, sources))],
      channel: channelFor(facts.policy.policy, incident),
      expiresAt: new Date(facts.now.getTime() + runbook.approval.expires).toISOString(),
      escalation: runbook.escalate.group,
      ...(runbook.resolve ? { resolve: runbook.resolve } : {}),
      ...(before ? { resumes: before.resumes } : {}),
      ...consequence(loaded),
    },
  };
  const proposed = afterwards(run, [proposal], command, facts);
  const evaluation = evaluateRun(proposed, command.by, facts, world);
  if (isUnknown(evaluation, facts)) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const known = { loaded, facts, world };
  const current = planOf(proposed, proposal.data.parameters, known);
  return {
    ok: true,
    events: [proposal, ...afterEvaluation(proposed, command.by, evaluation, current, known)],
  };
}

function consequence({ runbook }: LoadedRunbook): { consequence?: string } {
  const said = consequenceOf(runbook);
  return said === undefined ? {} : { consequence: said };
}

/** Nothing is decided on what could not be read, whatever else says "not now". */
const isUnknown = (evaluation: Evaluation, { policy, now }: Facts): boolean =>
  standingOf(evaluation, policy.policy, now).is === 'unknown';

const because = (fact: World['incident' | 'ci'] | undefined) =>
  fact === undefined || fact.ok ? {} : { message: `It could not be read: ${fact.why}.` };

/** The evaluation and what follows from it: the end, or a plan to approve, or the wait for parameters. */
export function afterEvaluation(
  run: Run,
  by: Command['by'],
  evaluation: Evaluation,
  current: Current,
  known: Known,
): RunEvent[] {
  const event = evaluated('proposal', evaluation);
  const standing = standingOf(evaluation, known.facts.policy.policy, known.facts.now);
  if (standing.is === 'denied' || standing.is === 'unknown')
    return [event, closing('denied', standing.reason)];
  if (!isComplete(current)) return [event];
  const ask = { ...known, lowRisk: standing.lowRisk, ...opensAt(standing) };
  return [event, ...askFor(run, by, current, ask)];
}

export const isComplete = (current: Current): current is Planned => current.plan !== undefined;

/** The plan as it would be made right now: values from the incident and the CMDB are read again. */
export function planNow(run: Run, known: Known): Current {
  return planOf(run, valuesNow(run, known.loaded.runbook, known.world), known);
}

function planOf(run: Run, parameters: readonly ResolvedParameter[], known: Known): Current {
  const { loaded, facts, world } = known;
  const values = valuesOf(parameters);
  const incident = world.incident.ok ? world.incident.value : run.proposal?.incident;
  const ci = world.ci.ok ? world.ci.value : run.proposal?.ci;
  if (values === undefined || incident === undefined || ci === undefined)
    return { parameters, plan: undefined };
  const policy = { version: facts.policy.policy.version, hash: facts.policy.hash };
  const tier = tierNow(facts, world);
  const plan = makePlan({ incident, ci, runbook: loaded, policy, parameters: values, tier });
  return { parameters, plan: remaining(plan, run.proposal?.resumes) };
}

const waited = ({ title, shown }: ResolvedParameter): string =>
  shown === undefined ? title : `${title} (${shown} has not confirmed it)`;

/** The values that are missing now, for a sentence. */
export const missingIn = ({ parameters }: Current): string =>
  `no value any more for ${parameters.flatMap((p) => (p.confirm ? [waited(p)] : [])).join(', ')}`;

/** A person enters or confirms values. Confirmed values make a new plan; votes for an older one are void. */
export function confirmParameters(
  run: Run,
  command: Extract<Command, { name: 'confirm-parameters' }>,
  facts: Facts,
): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval') return refuse(run, 'already-decided');
  const { runbook: loaded, world } = facts;
  if (loaded === undefined || world === undefined) return refuse(run, 'runbook-unknown');
  const refused = mayNotAsk(run, command.by, loaded, facts);
  if (refused) return refused;

  const known = { loaded, facts, world };
  const confirmed = confirm(loaded.runbook, planNow(run, known).parameters, command.values);
  if (!confirmed.ok) {
    const message = confirmed.errors.map((e) => `${e.field}: ${e.message}`).join('; ');
    return refuse(run, 'parameters-invalid', { message, fields: confirmed.errors });
  }
  const { parameters } = confirmed;
  return changeValues(run, command, { type: 'parameters-confirmed', data: { parameters } }, known);
}

type ValuesChanged = Extract<
  RunEvent,
  { type: 'parameters-confirmed' | 'parameters-narrowed' | 'ownership-answered' }
>;

/** Other values: the guardrails are asked, and a plan that differs from the one shown is asked for anew. */
export function changeValues(run: Run, command: Command, changed: ValuesChanged, known: Known): Decided {
  const { facts, world } = known;
  const { parameters } = changed.data;
  const evaluation = evaluateRun({ ...run, parameters }, command.by, facts, world);
  if (isUnknown(evaluation, facts)) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const current = planOf(run, parameters, known);
  if (run.approval && current.plan && planDigest(current.plan) === run.approval.digest) return nothing;
  const standing = standingOf(evaluation, facts.policy.policy, facts.now);
  // as at a vote: what may run again in ten minutes does not throw away what people have been asked
  if (run.approval && standing.is === 'denied') {
    const events = evaluatedOnce(run, 'decision', evaluation);
    return refuse(run, 'guardrail-denied', { events, message: standing.reason });
  }
  const after = afterwards(run, [changed], command, facts);
  return { ok: true, events: [changed, ...afterEvaluation(after, command.by, evaluation, current, known)] };
}

/** An approver lowers the risk of a plan; `by` has been checked to be one. */
export function narrowTo(run: Run, command: Extract<Command, { name: 'narrow' }>, known: Known): Decided {
  const current = planNow(run, known);
  // without all its values there is no new plan, and the one that is asked for is not what runs any more
  if (!isComplete(current))
    return refuse(run, 'parameters-missing', { message: `There is ${missingIn(current)}.` });
  const narrowed = narrowParameters(known.loaded.runbook, current.parameters, command.values);
  if (!narrowed.ok) {
    const message = narrowed.errors.map((e) => `${e.field}: ${e.message}`).join('; ');
    return refuse(run, 'not-narrower', { message, fields: narrowed.errors });
  }
  const { parameters } = narrowed;
  return changeValues(run, command, { type: 'parameters-narrowed', data: { parameters } }, known);
}

function mayNotAsk(run: Run, by: Command['by'], loaded: LoadedRunbook, facts: Facts): Decided | undefined {
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  const requester = requesterOf(run);
  // whoever asked may be on call rather than in the group
  const onCall = facts.world?.requesterOnCall.ok === true && facts.world.requesterOnCall.value;
  if (onCall && requester?.kind === 'person' && requester.id === by.id) return undefined;
  return isRequester(loaded, facts) ? undefined : refuse(run, 'not-requester');
}

/** A member of one of the groups that may ask for this runbook. */
export const isRequester = (loaded: LoadedRunbook, { actorGroups }: Facts): boolean =>
  actorGroups.ok && loaded.runbook.requesters.some((group) => actorGroups.value.includes(group));

/** A no that was recorded, and whose end was cut off. */
export const endsRun = ({ lines }: Pick<Evaluation, 'lines'>): boolean =>
  lines.some((line) => line.effect === 'deny' && line.unknown !== true && !mayPass(line));

/** Goes on where a proposal was cut off after its first events were stored. */
export function resumeProposal(run: Run, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  const requester = run.proposal?.requester;
  if (loaded === undefined || world === undefined || requester === undefined) return refuse(run, 'not-due');
  const stored = run.evaluations['proposal'];
  if (stored !== undefined && endsRun(stored))
    return { ok: true, events: [closing('denied', denials(stored))] };
  if (stored !== undefined && valuesOf(run.parameters) === undefined) return nothing;
  const evaluation = evaluateRun(run, requester, facts, world);
  if (isUnknown(evaluation, facts)) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const known = { loaded, facts, world };
  return { ok: true, events: afterEvaluation(run, requester, evaluation, planNow(run, known), known) };
}
