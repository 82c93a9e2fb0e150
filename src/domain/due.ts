import type { CommandName } from './commands.ts';
import { valuesOf } from './parameters.ts';
import type { PlanStep } from './plan.ts';
import { currentStep, isEnding, type Run, type StepRecord, stateOf } from './run.ts';
import { nextStep } from './steps.ts';

/** What a run needs next, read off its log alone. */
export type Due =
  | { readonly act: 'nothing' }
  /** Nothing until somebody acts or this moment comes. */
  | { readonly act: 'wait'; readonly until: Date }
  | { readonly act: 'decide'; readonly command: Extract<CommandName, 'expire' | 'advance'> }
  /** Approved: take the lease of the configuration item, check again, claim the first step. */
  | { readonly act: 'dispatch' }
  /** A step is claimed: launch it, look for it, or ask how it is. */
  | { readonly act: 'step'; readonly step: PlanStep; readonly record: StepRecord };

export function due(run: Run, now: Date): Due {
  if (isEnding(run)) return { act: 'decide', command: 'advance' };
  switch (stateOf(run)) {
    case 'new':
    case 'closed':
      return { act: 'nothing' };
    case 'awaiting-parameters':
      return isCutOff(run) ? { act: 'decide', command: 'advance' } : lapses(run.proposal?.expiresAt, now);
    case 'awaiting-approval':
      return lapses(run.approval?.expiresAt, now);
    case 'approved':
      return { act: 'dispatch' };
    case 'diagnosing':
    case 'remediating':
    case 'verifying':
    case 'rolling-back':
      return stepDue(run);
  }
}

/** The proposal was stored, but what had to follow was not: the process died in between. */
const isCutOff = (run: Run): boolean =>
  run.evaluations['proposal'] === undefined || valuesOf(run.parameters) !== undefined;

function lapses(expiresAt: string | undefined, now: Date): Due {
  const until = new Date(expiresAt ?? now);
  return now.getTime() >= until.getTime() ? { act: 'decide', command: 'expire' } : { act: 'wait', until };
}

function stepDue(run: Run): Due {
  const record = currentStep(run);
  if (record === undefined)
    return nextStep(run).does === 'wait' ? { act: 'nothing' } : { act: 'decide', command: 'advance' };
  const step = run.approval?.plan.steps.find((one) => one.id === record.id);
  return step ? { act: 'step', step, record } : { act: 'nothing' };
}
