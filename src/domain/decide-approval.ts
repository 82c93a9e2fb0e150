import { rejectionIn } from './approval.ts';
import { askFor } from './ask.ts';
import type { Command } from './commands.ts';
import { isComplete, missingIn, narrowTo, planNow } from './decide-proposal.ts';
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
import { ownerIn } from './ownership.ts';
import { nameOf } from './people.ts';
import { planDigest } from './plan.ts';
import { openApproval, type Run, stateOf } from './run.ts';
import { opensAt, type Standing, standingOf } from './standing.ts';
import { closing, nextStep } from './steps.ts';
import { type Admitted, admit, voteEvent } from './vote.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** A vote for exactly the plan that was shown, by somebody who may give it, while the guardrails still hold. */
export function approve(run: Run, command: Of<'approve'>, facts: Facts): Decided {
  const admitted = admit(run, command, facts);
  if ('ok' in admitted) return admitted;
  const vote = voteEvent(admitted, 'approve', '', command.card);
  // the plan of a rollback is the one that ran; waiting for a window would leave the change half undone
  if (admitted.approval.phase === 'rollback') return { ok: true, events: [vote] };
  const { world, runbook: loaded } = facts;
  if (world === undefined || loaded === undefined) return refuse(run, 'runbook-unknown');

  const evaluation = evaluateRun(run, command.by, facts, world);
  const standing = standingOf(evaluation, facts.policy.policy, facts.now);
  const record = evaluatedOnce(run, 'decision', evaluation);
  const refused = refusedBy(run, standing, record);
  // a plan made from what could not be read is no other plan: nobody's vote is void because a source is down
  if (refused && evaluation.lines.some(({ unknown }) => unknown)) return refused;
  const known = { loaded, facts, world };
  const current = planNow(run, known);
  if (!isComplete(current))
    return refuse(run, 'parameters-missing', { message: `There is ${missingIn(current)}.` });
  const { approval } = admitted;
  if (planDigest(current.plan) !== approval.digest)
    return again(run, [
      ...record,
      ...askFor(run, command.by, current, { ...known, lowRisk: false, ...opensAt(standing) }),
    ]);
  if (refused) return refused;
  const later = laterOpening(standing, approval.notBefore);
  if (later)
    return again(run, [
      ...record,
      ...askFor(run, command.by, current, { ...known, lowRisk: false, ...later }),
    ]);
  return { ok: true, events: [evaluated('decision', evaluation), vote] };
}

/** A window that was open, or opened earlier, when people were asked: what has to be said when they are asked again. */
function laterOpening(standing: Standing, asked: string | undefined) {
  if (standing.is !== 'waits' || standing.notBefore === undefined) return undefined;
  const { notBefore, reason } = standing;
  if (asked !== undefined && Date.parse(notBefore) <= Date.parse(asked)) return undefined;
  return { notBefore, also: [`${reason}: it would start at ${notBefore}`] };
}

/** The guardrails' no to a vote: nothing of a limit that only says "not this minute". */
function refusedBy(run: Run, standing: Standing, events: readonly RunEvent[]): Decided | undefined {
  if (standing.is === 'unknown') return refuse(run, 'facts-unknown', { events, message: standing.reason });
  if (standing.is === 'denied') return refuse(run, 'guardrail-denied', { events, message: standing.reason });
  if (standing.is === 'waits' && standing.stopped)
    return refuse(run, 'stopped', { events, message: standing.reason });
  return undefined;
}

/** The plan is another one now: it is asked for anew, and the person is told what changed. */
export function again(run: Run, events: readonly RunEvent[]): Decided {
  const asked = events.find((event) => event.type === 'approval-requested');
  const message = `The plan changed: ${asked?.data.changes.join('; ') ?? 'see the card'}. Approval starts again.`;
  return refuse(run, 'plan-changed', { events, message });
}

/** One rejection ends it; that of a rollback leaves the change as it is. */
export function reject(run: Run, command: Of<'reject'>, facts: Facts): Decided {
  const admitted = admit(run, command, facts);
  if ('ok' in admitted) return admitted;
  const reason = command.reason.trim();
  if (reason === '') return refuse(run, 'reason-needed');
  const vote = voteEvent(admitted, 'reject', reason, command.card);
  const after = afterwards(run, [vote], command, facts);
  return { ok: true, events: [vote, ...endOfRejection(after)] };
}

/** The end that follows from a stored rejection. */
export function endOfRejection(run: Run): RunEvent[] {
  const undo = rejectionIn(run.rollback);
  if (undo) return endWithoutRollback(run);
  const rejection = rejectionIn(run.approval);
  return rejection ? [closing('rejected', `${nameOf(rejection.by)}: ${rejection.reason}`)] : [];
}

function endWithoutRollback(run: Run): RunEvent[] {
  const next = nextStep(run);
  return next.does === 'close' ? [closing(next.outcome, next.reason)] : [];
}

/** An approver makes the plan smaller, within what the runbook allows: a new plan, so earlier votes are void. */
export function narrow(run: Run, command: Of<'narrow'>, facts: Facts): Decided {
  const admitted: Decided | Admitted = admit(run, command, facts);
  if ('ok' in admitted) return admitted;
  if (admitted.approval.phase === 'rollback') return refuse(run, 'already-running');
  const { world, runbook: loaded } = facts;
  if (world === undefined || loaded === undefined) return refuse(run, 'runbook-unknown');
  return narrowTo(run, command, { loaded, facts, world });
}

/** The safe default of an undecided run: it does not run; an undecided rollback is not rolled back. */
export function expire(run: Run, _command: Of<'expire'>, facts: Facts): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval' && state !== 'awaiting-rollback')
    return nothing;
  const approval = openApproval(run);
  const at = approval?.expiresAt ?? run.proposal?.expiresAt ?? '';
  if (facts.now.getTime() < Date.parse(at)) return refuse(run, 'not-due');
  if (state === 'awaiting-rollback') return { ok: true, events: undecidedRollback(run, at) };
  const reason = approval ? `nobody decided until ${at}` : unconfirmed(run, at);
  return { ok: true, events: [closing('expired', reason)] };
}

function unconfirmed({ parameters }: Run, at: string): string {
  const owner = ownerIn(parameters);
  return owner?.confirm === true && owner.shown !== undefined
    ? `${owner.shown} did not say until ${at} whether it is theirs`
    : `nobody confirmed the parameters until ${at}`;
}

function undecidedRollback(run: Run, at: string): RunEvent[] {
  const failed = nextStep(run);
  if (failed.does !== 'ask') return [];
  return [closing(failed.otherwise, `${failed.reason}; nobody approved the rollback until ${at}`)];
}
