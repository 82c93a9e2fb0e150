import { askFor } from './ask.ts';
import type { Command } from './commands.ts';
import { afterEvaluation, isComplete, type Known, planNow } from './decide-proposal.ts';
import { type Decided, evaluatedOnce, evaluateRun, type Facts, nothing, refuse } from './decision.ts';
import { denials, type Evaluation } from './guardrails.ts';
import { isOver } from './incident.ts';
import { incidentChangeOf } from './incident-change.ts';
import { planDigest } from './plan.ts';
import { type Run, stateOf } from './run.ts';
import { opensAt, standingOf } from './standing.ts';

type Reconsider = Extract<Command, { name: 'reconsider' }>;

/**
 * The incident has changed. While nobody has decided, a plan that is another one now is asked for anew, as at a vote, so
 * that people do not read about something that will not run. What is decided is asked again at dispatch, and what has
 * started goes on: people are told.
 */
export function reconsider(run: Run, command: Reconsider, facts: Facts): Decided {
  const state = stateOf(run);
  if (run.steps.length > 0) return told(run, facts);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval') return nothing;
  const { world, runbook: loaded } = facts;
  if (world === undefined || loaded === undefined) return refuse(run, 'runbook-unknown');
  const evaluation = evaluateRun(run, command.by, facts, world);
  // a plan made from what could not be read is no other plan
  if (evaluation.lines.some(({ unknown }) => unknown === true))
    return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const known = { loaded, facts, world };
  return state === 'awaiting-approval'
    ? askedAnew(run, command, evaluation, known)
    : completed(run, command, evaluation, known);
}

/** Another plan; one that lost a value is left to whoever votes. */
function askedAnew(run: Run, { by }: Reconsider, evaluation: Evaluation, known: Known): Decided {
  const current = planNow(run, known);
  if (!isComplete(current) || planDigest(current.plan) === run.approval?.digest) return nothing;
  const { policy, now } = known.facts;
  // a window that is waited for stays one: otherwise the question is over before it opens
  const wait = opensAt(standingOf(evaluation, policy.policy, now));
  const asked = askFor(run, by, current, { ...known, lowRisk: false, ...wait });
  return { ok: true, events: [...evaluatedOnce(run, 'proposal', evaluation), ...asked] };
}

/** The values that were missing may be there now. */
function completed(run: Run, { by }: Reconsider, evaluation: Evaluation, known: Known): Decided {
  const current = planNow(run, known);
  if (isComplete(current)) return { ok: true, events: afterEvaluation(run, by, evaluation, current, known) };
  const parameters = [...current.parameters];
  if (JSON.stringify(parameters) === JSON.stringify(run.parameters)) return nothing;
  return { ok: true, events: [{ type: 'parameters-resolved', data: { parameters } }] };
}

/** Once for each change: that the incident is over, or about something else. */
function told(run: Run, { world }: Facts): Decided {
  const incident = world?.incident;
  if (!incident?.ok) return refuse(run, 'incident-unknown', incident ? { message: incident.why } : {});
  const { number, state, ciSysId } = incident.value;
  const moved = ciSysId !== run.proposal?.ci.sysId;
  if (!moved && !isOver(incident.value)) return nothing;
  const reason = moved ? `${number} names another configuration item now` : `${number} is ${state}`;
  if (reason === incidentChangeOf(run)) return nothing;
  return { ok: true, events: [{ type: 'incident-changed', data: { reason } }] };
}
