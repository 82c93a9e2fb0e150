import { isApproved, rejectionIn } from './approval.ts';
import type { Outcome, RunEvent } from './events.ts';
import type { GuardrailLine } from './guardrail-line.ts';
import { lastEvaluation } from './last-evaluation.ts';
import { nameOf } from './people.ts';
import type { Phase, PlanStep } from './plan.ts';
import { failureInWords, isTolerated, isToUndo, partlyDone, poolAtEnd, poolsOf } from './pool.ts';
import { currentStep, type Run, requesterOf, type StepRecord } from './run.ts';
import type { StepResult } from './step-end.ts';

/** What the log implies once nothing is in progress: another step, or a named end. */
export type Next =
  | { readonly does: 'wait' }
  | { readonly does: 'start'; readonly step: PlanStep }
  /** The rollback has approvers of its own; without them it ends so. */
  | { readonly does: 'ask'; readonly otherwise: Outcome; readonly reason: string }
  | {
      readonly does: 'close';
      readonly outcome: Outcome;
      readonly reason: string;
      /** Where it is another one than the outcome's own. */
      readonly nextAction?: string;
    };

const forward: readonly Phase[] = ['diagnostics', 'remediation', 'verification'];

/** Diagnostics, remediation, verification; rollback when they fail; and which end it is. */
export function nextStep(run: Run): Next {
  const plan = run.approval?.plan;
  if (plan === undefined || currentStep(run)) return { does: 'wait' };
  const failed = failedStep(run);
  if (run.cancel && !run.steps.some((step) => step.phase === 'rollback')) return cancelled(run, failed);
  if (failed === undefined) {
    const step = firstUnstarted(run, plan.steps, forward);
    return step ? { does: 'start', step } : verified(run, plan.steps);
  }
  return afterFailure(run, plan.steps, failed);
}

/** Healthy. Where some hosts of a pool failed, what was done on the others stays: undoing it would harm what is well. */
function verified(run: Run, steps: readonly PlanStep[]): Next {
  const partly = partlyDone('remediation', steps, run.steps);
  if (partly.length === 0) return close('succeeded', 'verified healthy');
  const hosts = partly.map(poolAtEnd).join('; ');
  return close(
    'remediation failed',
    `${hosts}; the service was verified healthy, so nothing was rolled back`,
  );
}

function afterFailure(run: Run, steps: readonly PlanStep[], failed: StepRecord): Next {
  const partly = failed.phase === 'verification' ? partlyDone('remediation', steps, run.steps) : [];
  const what = [failureInWords(failed, steps, run.steps), ...partly.map(poolAtEnd)].join('; ');
  const changed = run.steps.some((step) => step.phase === 'remediation' && step.result !== 'not-started');
  if (failed.phase === 'diagnostics') return close('automation failed', `${what}; ${unchangedIn(run)}`);
  if (failed.phase === 'remediation' && failed.result === 'unknown') return close('outcome unknown', what);
  if (failed.phase === 'remediation' && failed.result === 'not-started' && !changed)
    return close('automation failed', `${what}; ${unchangedIn(run)}`);

  const stuck = run.steps.find(
    (step) =>
      step.phase === 'rollback' && step.result !== 'succeeded' && !isTolerated(step, steps, run.steps),
  );
  if (stuck) return close('rollback failed', `${what}; then ${failureInWords(stuck, steps, run.steps)}`);
  const undo = firstUnstarted(run, steps, ['rollback']);
  const otherwise = failed.phase === 'remediation' ? 'remediation failed' : 'verification failed';
  if (undo) return rollbackNeeds(run, otherwise, what) ?? { does: 'start', step: undo };
  const [half] = partlyDone('rollback', steps, run.steps);
  if (half) return close('rollback failed', `${what}; then ${poolAtEnd(half)}`);
  return close(steps.some((step) => step.phase === 'rollback') ? 'rolled back' : otherwise, what);
}

/** The run it continues may have changed something. */
const unchangedIn = ({ proposal }: Run): string =>
  proposal?.resumes ? 'this run changed nothing' : extents['not-started'];

/** A rollback with approvers of its own waits for them; rejected, the change stays as it is. */
function rollbackNeeds(run: Run, otherwise: Outcome, reason: string): Next | undefined {
  if (run.approval?.plan.rollbackApproval === undefined) return undefined;
  const rejection = rejectionIn(run.rollback);
  if (rejection)
    return close(otherwise, `${reason}; ${nameOf(rejection.by)} rejected the rollback: ${rejection.reason}`);
  return isApproved(run.rollback, requesterOf(run)) ? undefined : { does: 'ask', otherwise, reason };
}

function cancelled(run: Run, failed: StepRecord | undefined): Next {
  const by = run.cancel ? `${nameOf(run.cancel.by)}: ${run.cancel.reason}` : '';
  const changes = run.steps.filter((step) => step.phase === 'remediation');
  const last = changes.findLast((step) => step.result !== 'not-started') ?? changes.at(-1);
  if (failed?.phase === 'remediation' && failed.result === 'unknown')
    return close('outcome unknown', `cancelled by ${by}, but ${failed.id} may have run: ${failed.detail}`);
  const pools = last
    ? poolsOf(run.approval?.plan.steps ?? [], run.steps).filter(({ phase }) => phase === 'remediation')
    : [];
  const extent = pools.length > 0 ? pools.map(poolAtEnd).join('; ') : extents[last?.result ?? 'not-started'];
  const reason = `cancelled by ${by}; ${extent}`;
  return changedNothing(run)
    ? { ...close('cancelled', reason), nextAction: NOTHING_TO_CHECK }
    : close('cancelled', reason);
}

const extents: Readonly<Record<StepResult, string>> = {
  'not-started': 'nothing was changed',
  succeeded: 'the remediation had finished; it was not verified',
  failed: 'the remediation had failed',
  cancelled: 'the remediation had been stopped',
  unknown: 'the remediation may have run',
};

const close = (outcome: Outcome, reason: string): Extract<Next, { does: 'close' }> => ({
  does: 'close',
  outcome,
  reason,
});

/**
 * The step that decides the end: the last one that went wrong and had to go well. A batch that others made one too many may
 * come before the one that stopped the run.
 */
export const failedStep = ({ steps, approval }: Run): StepRecord | undefined =>
  steps.findLast((step) => hasFailed(step, approval?.plan.steps ?? [], steps));

export function hasFailed(
  step: StepRecord,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
): boolean {
  if (step.result === undefined || step.result === 'succeeded' || step.phase === 'rollback') return false;
  if (isTolerated(step, steps, records)) return false;
  return steps.find((one) => one.id === step.id)?.optional !== true;
}

const firstUnstarted = (run: Run, steps: readonly PlanStep[], among: readonly Phase[]) =>
  steps.find(
    (step) =>
      among.includes(step.phase) &&
      !run.steps.some((one) => one.id === step.id) &&
      (step.phase !== 'rollback' || isToUndo(step, steps, run.steps, run.proposal?.resumes)),
  );

const nextActions: Readonly<Record<Outcome, string>> = {
  succeeded: 'Nothing to do; the incident has the record.',
  rejected: 'Handle the incident by hand, or ask for another runbook.',
  expired: 'Ask again with /runbook run if it is still needed.',
  withdrawn: 'Ask again with /runbook run if it is still needed.',
  cancelled: 'Check the configuration item before anything else is run on it.',
  denied: 'Solve what the guardrail names, then ask again with /runbook run.',
  'remediation failed': 'The resolver group takes over; the evidence is attached to the incident.',
  'verification failed': 'The resolver group takes over; the change was made but the service is not healthy.',
  'rolled back': 'The resolver group takes over; the change was undone.',
  'rollback failed': 'The resolver group takes over now; the item may be in a mixed state.',
  'automation failed':
    'The resolver group takes over; the run can be continued when what failed works again.',
  'not confirmed':
    'The resolver group finds out whose it is; correct "Assigned to" in the CMDB, then ask again.',
  'outcome unknown':
    'Somebody must look at the target and the item, then say in Teams whether it ran. Nothing is run before that.',
};

const NOTHING_TO_CHECK = 'Nothing was changed; ask again with /runbook run if it is still needed.';

/** The run it continues may have changed something. */
const changedNothing = ({ steps, proposal }: Run): boolean =>
  proposal?.resumes === undefined &&
  !steps.some(({ phase, result }) => phase === 'remediation' && result !== 'not-started');

/** The closing event of an end, with the next action that goes with it. */
export const closing = (
  outcome: Outcome,
  reason: string,
  nextAction: string = nextActions[outcome],
): RunEvent => ({ type: 'run-closed', data: { outcome, reason, nextAction } });

/** A run that is cancelled before any of its steps. */
export const closingUnstarted = (run: Run, reason: string): RunEvent =>
  changedNothing(run) ? closing('cancelled', reason, NOTHING_TO_CHECK) : closing('cancelled', reason);

/** Ends after which a resolver group has to act. */
export const needsResolver = (outcome: Outcome): boolean =>
  [
    'remediation failed',
    'verification failed',
    'rolled back',
    'rollback failed',
    'automation failed',
    'outcome unknown',
    'not confirmed',
  ].includes(outcome);

/**
 * Ends after which a person has to act now: nothing could be undone, undoing failed, or nobody knows what was done. What
 * was rolled back, or never touched because nobody confirmed that it is theirs, can wait for the resolver group.
 */
export const needsOnCall = (outcome: Outcome): boolean =>
  needsResolver(outcome) && outcome !== 'rolled back' && outcome !== 'not confirmed';

/** The line that stopped a run because it would have been one restart too many on its item. */
export const flappingLine = ({ closed, entries }: Run): GuardrailLine | undefined =>
  closed?.outcome === 'denied'
    ? lastEvaluation(entries)?.lines.find(
        ({ guardrail, effect, unknown }) => guardrail === 'flapping' && effect === 'deny' && !unknown,
      )
    : undefined;
