import type { Command } from './commands.ts';
import { type Decided, evaluated, evaluateRun, type Facts, nothing, refuse, type World } from './decision.ts';
import type { RunEvent } from './events.ts';
import { denials, type Evaluation } from './guardrails.ts';
import {
  confirmParameters as confirm,
  type ResolvedParameter,
  resolveAgain,
  resolveParameters,
  valuesOf,
} from './parameters.ts';
import { makePlan, type Plan, planDiff, planDigest } from './plan.ts';
import { autoApprovalFor, channelFor } from './policy.ts';
import { isApproved, type Run, stateOf } from './run.ts';
import type { LoadedRunbook } from './runbook.ts';
import { closing } from './steps.ts';

/** A new run: what, for which incident, on what; the first evaluation; and, when nothing is missing, the plan. */
export function propose(run: Run, command: Extract<Command, { name: 'propose' }>, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  if (loaded === undefined)
    return refuse(run, 'runbook-unknown', { message: `There is no runbook ${command.runbook}.` });
  if (!world?.incident.ok) return refuse(run, 'incident-unknown', because(world?.incident));
  if (!world.ci.ok) return refuse(run, 'ci-unknown', because(world.ci));
  const { runbook, hash } = loaded;
  const proposal: RunEvent = {
    type: 'run-proposed',
    data: {
      incident: world.incident.value,
      ci: world.ci.value,
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
      parameters: resolveParameters(runbook, world.incident.value, world.ci.value),
      channel: channelFor(facts.policy.policy, world.incident.value),
      expiresAt: new Date(facts.now.getTime() + runbook.approval.expires).toISOString(),
      escalation: runbook.escalate.group,
      ...(runbook.resolve ? { resolve: runbook.resolve } : {}),
    },
  };
  const evaluation = evaluateRun(run, command.by, facts, world);
  if (evaluation.unknown) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const current = planOf(run, proposal.data.parameters, loaded, facts, world);
  return { ok: true, events: [proposal, ...afterEvaluation(run, evaluation, current, loaded, facts)] };
}

const because = (fact: World['incident' | 'ci'] | undefined) =>
  fact === undefined || fact.ok ? {} : { message: `It could not be read: ${fact.why}.` };

/** The evaluation and what follows from it: the end, or a plan to approve, or the wait for parameters. */
function afterEvaluation(
  run: Run,
  evaluation: Evaluation,
  current: Current,
  loaded: LoadedRunbook,
  facts: Facts,
): RunEvent[] {
  const event = evaluated('proposal', evaluation);
  if (evaluation.effect === 'deny') return [event, closing('denied', denials(evaluation))];
  if (current.plan === undefined) return [event];
  return [
    event,
    ...askFor(run, { ...current, plan: current.plan }, loaded, facts, evaluation.effect === 'allow'),
  ];
}

/** The values as they are now and the plan they make; no plan while values are missing. */
export type Current = { readonly parameters: readonly ResolvedParameter[]; readonly plan: Plan | undefined };

/** The plan as it would be made right now: values from the incident and the CMDB are read again. */
export function planNow(run: Run, loaded: LoadedRunbook, facts: Facts, world: World): Current {
  const incident = world.incident.ok ? world.incident.value : run.proposal?.incident;
  const ci = world.ci.ok ? world.ci.value : run.proposal?.ci;
  const parameters =
    incident && ci ? resolveAgain(loaded.runbook, run.parameters, incident, ci) : run.parameters;
  return planOf(run, parameters, loaded, facts, world);
}

function planOf(
  run: Run,
  parameters: readonly ResolvedParameter[],
  runbook: LoadedRunbook,
  facts: Facts,
  world: World,
): Current {
  const values = valuesOf(parameters);
  const incident = world.incident.ok ? world.incident.value : run.proposal?.incident;
  const ci = world.ci.ok ? world.ci.value : run.proposal?.ci;
  if (values === undefined || incident === undefined || ci === undefined)
    return { parameters, plan: undefined };
  const policy = { version: facts.policy.policy.version, hash: facts.policy.hash };
  return { parameters, plan: makePlan({ incident, ci, runbook, policy, parameters: values }) };
}

/** The values that are missing now, for a sentence. */
export const missingIn = ({ parameters }: Current): string =>
  `no value any more for ${parameters.flatMap((p) => (p.confirm ? [p.title] : [])).join(', ')}`;

/**
 * Asks people, or lets a policy rule decide when the risk is low and no person chose a value. Either way the plan and its
 * digest are stored. `also` says in words why it is asked for again when the plan itself is the same.
 */
export function askFor(
  run: Run,
  { plan, parameters }: Current & { readonly plan: Plan },
  loaded: LoadedRunbook,
  facts: Facts,
  lowRisk: boolean,
  also: readonly string[] = [],
): RunEvent[] {
  const before = run.approval;
  const planned = { plan, digest: planDigest(plan), revision: (before?.revision ?? 0) + 1 };
  const moved = run.proposal !== undefined && JSON.stringify(parameters) !== JSON.stringify(run.parameters);
  const resolved: RunEvent[] = moved
    ? [{ type: 'parameters-resolved', data: { parameters: [...parameters] } }]
    : [];
  const rule =
    lowRisk && parameters.every((one) => one.source !== 'person')
      ? autoApprovalFor(facts.policy.policy, plan.runbook.id, plan.ci.environment, facts.now)
      : undefined;
  if (rule) {
    const { name, owner, until } = rule;
    return [...resolved, { type: 'auto-approved', data: { ...planned, rule: name, owner, until } }];
  }
  const { group, quorum, expires } = loaded.runbook.approval;
  const expiresAt = new Date(facts.now.getTime() + expires).toISOString();
  const changes = [...(before ? planDiff(before.plan, plan) : []), ...also];
  return [
    ...resolved,
    { type: 'approval-requested', data: { ...planned, group, quorum, expiresAt, changes } },
  ];
}

/** A person enters or confirms values. Confirmed values make a new plan; votes for an older one are void. */
export function confirmParameters(
  run: Run,
  command: Extract<Command, { name: 'confirm-parameters' }>,
  facts: Facts,
): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval')
    return refuse(run, isApproved(run.approval) ? 'already-decided' : 'already-running');
  const { runbook: loaded, world } = facts;
  if (loaded === undefined || world === undefined) return refuse(run, 'runbook-unknown');
  const refused = mayNotAsk(run, command.by, loaded, facts);
  if (refused) return refused;

  const confirmed = confirm(loaded.runbook, planNow(run, loaded, facts, world).parameters, command.values);
  if (!confirmed.ok) {
    const message = confirmed.errors.map((e) => `${e.field}: ${e.message}`).join('; ');
    return refuse(run, 'parameters-invalid', { message, fields: confirmed.errors });
  }
  const { parameters } = confirmed;
  const evaluation = evaluateRun(run, command.by, facts, world);
  if (evaluation.unknown) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const current = planOf(run, parameters, loaded, facts, world);
  if (run.approval && current.plan && planDigest(current.plan) === run.approval.digest) return nothing;
  const after = { ...run, parameters };
  return {
    ok: true,
    events: [
      { type: 'parameters-confirmed', data: { parameters } },
      ...afterEvaluation(after, evaluation, current, loaded, facts),
    ],
  };
}

function mayNotAsk(run: Run, by: Command['by'], loaded: LoadedRunbook, facts: Facts): Decided | undefined {
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  return isRequester(loaded, facts) ? undefined : refuse(run, 'not-requester');
}

/** A member of one of the groups that may ask for this runbook. */
export const isRequester = (loaded: LoadedRunbook, { actorGroups }: Facts): boolean =>
  actorGroups.ok && loaded.runbook.requesters.some((group) => actorGroups.value.includes(group));

/** Goes on where a proposal was cut off after its first events were stored. */
export function resumeProposal(run: Run, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  const requester = run.proposal?.requester;
  if (loaded === undefined || world === undefined || requester === undefined) return refuse(run, 'not-due');
  const waiting = run.evaluations['proposal'] !== undefined && valuesOf(run.parameters) === undefined;
  if (waiting) return nothing;
  const evaluation = evaluateRun(run, requester, facts, world);
  if (evaluation.unknown) return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const current = planNow(run, loaded, facts, world);
  return { ok: true, events: afterEvaluation(run, evaluation, current, loaded, facts) };
}
