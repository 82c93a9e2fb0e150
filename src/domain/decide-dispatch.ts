import { type Approval, decidedAt } from './approval.ts';
import { askFor, strictest } from './ask.ts';
import type { Command } from './commands.ts';
import { isComplete, type Known, missingIn, planNow } from './decide-proposal.ts';
import { whatFollows } from './decide-steps.ts';
import {
  type Decided,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  type Facts,
  nothing,
  refuse,
} from './decision.ts';
import { spell } from './duration.ts';
import type { RunEvent } from './events.ts';
import { denials } from './guardrails.ts';
import { planDigest } from './plan.ts';
import { type Run, stateOf } from './run.ts';
import type { LoadedRunbook } from './runbook.ts';
import { opensAt, type Standing, standingOf } from './standing.ts';
import { closing, nextStep } from './steps.ts';

/** The third evaluation, after approval and right before the first step is claimed (invariant 5). */
export function dispatch(run: Run, command: Extract<Command, { name: 'dispatch' }>, facts: Facts): Decided {
  const { approval } = run;
  if (stateOf(run) !== 'approved' || approval === undefined)
    return run.steps.length > 0 ? nothing : refuse(run, 'not-approved');
  const { world, runbook: loaded, now } = facts;
  if (world === undefined) return refuse(run, 'not-due');
  const evaluation = evaluateRun(run, command.by, facts, world);
  const record = evaluatedOnce(run, 'dispatch', evaluation);
  const standing = standingOf(evaluation, facts.policy.policy, now, approval.glass?.overridden);
  // nothing is launched on what could not be read; while the approval is fresh it is worth asking again
  if (standing.is === 'unknown' && loaded !== undefined && tooOld(approval, loaded, facts).length === 0)
    return refuse(run, 'facts-unknown', { events: record, message: standing.reason });
  if (standing.is === 'denied' || standing.is === 'unknown' || loaded === undefined)
    return { ok: true, events: [...record, closing('denied', denials(evaluation))] };

  const known = { loaded, facts, world };
  const asked = askedAgain(run, command, approval, standing, known);
  if (asked) return { ok: true, events: [...record, ...asked] };
  if (standing.is === 'waits') return { ok: true, events: [...record, ...postponed(run, standing)] };
  if (command.full === true) return { ok: true, events: [...record, ...postponed(run, { reason: FULL })] };
  return { ok: true, events: [evaluated('dispatch', evaluation), ...whatFollows(run, command.by, facts)] };
}

/** The guardrail counts what has begun; this is said while those that are about to begin use up the hour. */
const FULL = 'as many runs as may begin within an hour are about to begin';

/** Diagnostics are done, and the first change has not been claimed with their end: it was held back by a stop. */
export function isLate(run: Run): boolean {
  const next = nextStep(run);
  return stateOf(run) === 'diagnosing' && next.does === 'start' && next.step.phase === 'remediation';
}

/**
 * Goes on where a stop held the first change back. Hours may have passed, so everything is asked again; what would have
 * to be approved anew ends the run, because its diagnostics belong to the plan that was approved.
 */
export function startLate(run: Run, command: Extract<Command, { name: 'advance' }>, facts: Facts): Decided {
  const { world, runbook: loaded, now, control } = facts;
  const { approval } = run;
  if (!control.ok || control.value.stopped || approval === undefined) return nothing;
  if (world === undefined) return refuse(run, 'not-due');
  const evaluation = evaluateRun(run, command.by, facts, world);
  const record = evaluatedOnce(run, 'dispatch', evaluation);
  const standing = standingOf(evaluation, facts.policy.policy, now, approval.glass?.overridden);
  const old = loaded === undefined ? ['its runbook is not loaded any more'] : tooOld(approval, loaded, facts);
  const end = (why: readonly string[]): Decided => ({
    ok: true,
    events: [...record, closing('denied', `${why.join('; ')}; nothing was changed`)],
  });
  if (loaded === undefined || old.length > 0) return end(old);
  if (standing.is === 'unknown')
    return refuse(run, 'facts-unknown', { events: record, message: standing.reason });
  const current = planNow(run, { loaded, facts, world });
  const why = [
    ...(standing.is === 'denied' ? [standing.reason] : []),
    ...(isComplete(current) && planDigest(current.plan) === approval.digest
      ? []
      : ['the plan changed while it was held back']),
  ];
  if (why.length > 0) return end(why);
  if (standing.is === 'waits') return { ok: true, events: record };
  return { ok: true, events: [evaluated('dispatch', evaluation), ...whatFollows(run, command.by, facts)] };
}

/** What people have to decide anew: another plan, an approval that is too old, a window that has closed meanwhile. */
function askedAgain(
  run: Run,
  { by }: Command,
  approval: Approval,
  standing: Exclude<Standing, { is: 'denied' | 'unknown' }>,
  known: Known,
): RunEvent[] | undefined {
  const current = planNow(run, known);
  if (!isComplete(current)) return [closing('denied', `there is ${missingIn(current)}`)];
  const also = [...tooOld(approval, known.loaded, known.facts), ...closedMeanwhile(standing)];
  if (planDigest(current.plan) === approval.digest && also.length === 0) return undefined;
  const { lowRisk } = standing;
  return askFor(run, by, current, { ...known, lowRisk, also, ...opensAt(standing) });
}

/** An approval is for now: a rule that has ended, or votes that waited longer than people had to decide, do not count. */
function tooOld(approval: Approval, { runbook }: LoadedRunbook, { policy, now }: Facts): string[] {
  if (approval.rule !== undefined && now.getTime() >= Date.parse(approval.expiresAt))
    return [`the rule ${approval.rule} has ended`];
  const tier = policy.policy.tiers.find(({ name }) => name === approval.plan.tier);
  const from = approval.rule === undefined ? decidedAt(approval) : Date.parse(approval.askedAt);
  const age = now.getTime() - from;
  return age <= strictest(runbook.approval, tier).expires ? [] : [`the approval was ${spell(age)} old`];
}

/** It was approved for now, or for an earlier opening: people decide whether the next one is still wanted. */
const closedMeanwhile = (standing: Standing): string[] =>
  standing.is === 'waits' && standing.notBefore !== undefined
    ? [`${standing.reason}: it would start at ${standing.notBefore}`]
    : [];

/** A limit or a stop: recorded once for each reason, then asked again. */
function postponed(
  run: Run,
  standing: Pick<Extract<Standing, { is: 'waits' }>, 'reason' | 'until'>,
): RunEvent[] {
  const { reason, until } = standing;
  if (run.postponed?.reason === reason && run.postponed.until === until) return [];
  return [{ type: 'dispatch-postponed', data: { reason, ...(until === undefined ? {} : { until }) } }];
}
