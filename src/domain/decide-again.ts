import { askFor } from './ask.ts';
import type { Command } from './commands.ts';
import { afterEvaluation, isComplete, planNow } from './decide-proposal.ts';
import { type Decided, evaluateRun, type Facts, nothing, refuse } from './decision.ts';
import { denials } from './guardrails.ts';
import { planDigest } from './plan.ts';
import { type Run, requesterOf, stateOf } from './run.ts';

/**
 * The incident has changed. While nobody has decided, a plan that is another one now is asked for anew, as at a vote, so
 * that people do not read about something that will not run. What is decided is asked again at dispatch.
 */
export function reconsider(
  run: Run,
  command: Extract<Command, { name: 'reconsider' }>,
  facts: Facts,
): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval') return nothing;
  const { world, runbook: loaded } = facts;
  if (world === undefined || loaded === undefined) return refuse(run, 'runbook-unknown');
  const by = requesterOf(run) ?? command.by;
  const evaluation = evaluateRun(run, by, facts, world);
  // a plan made from what could not be read is no other plan
  if (evaluation.lines.some(({ unknown }) => unknown === true))
    return refuse(run, 'facts-unknown', { message: denials(evaluation) });
  const known = { loaded, facts, world };
  const current = planNow(run, known);
  if (state === 'awaiting-approval') {
    if (!isComplete(current) || planDigest(current.plan) === run.approval?.digest) return nothing;
    return { ok: true, events: askFor(run, command.by, current, { ...known, lowRisk: false }) };
  }
  if (isComplete(current)) return { ok: true, events: afterEvaluation(run, by, evaluation, current, known) };
  const { parameters } = current;
  if (JSON.stringify(parameters) === JSON.stringify(run.parameters)) return nothing;
  return { ok: true, events: [{ type: 'parameters-resolved', data: { parameters: [...parameters] } }] };
}
