import type { Approval } from './approval.ts';
import type { CommandName } from './commands.ts';
import { endsRun } from './decide-proposal.ts';
import { valuesOf } from './parameters.ts';
import type { PlanStep } from './plan.ts';
import {
  awaitsReview,
  currentStep,
  isEnding,
  openApproval,
  type Run,
  type StepRecord,
  stateOf,
} from './run.ts';
import { nextStep } from './steps.ts';

/** What a run needs next, read off its log alone. */
export type Due =
  | { readonly act: 'nothing' }
  /** Nothing until somebody acts or this moment comes. */
  | { readonly act: 'wait'; readonly until: Date }
  | {
      readonly act: 'decide';
      readonly command: Extract<CommandName, 'expire' | 'advance' | 'remind' | 'escalate'>;
    }
  /** Approved: take the lease of the configuration item, check again, claim the first step. */
  | { readonly act: 'dispatch' }
  /** A step is claimed: launch it, look for it, or ask how it is. */
  | { readonly act: 'step'; readonly step: PlanStep; readonly record: StepRecord };

export function due(run: Run, now: Date): Due {
  if (isEnding(run)) return { act: 'decide', command: 'advance' };
  switch (stateOf(run)) {
    case 'new':
      return { act: 'nothing' };
    case 'closed':
      return reviewDue(run, now);
    case 'awaiting-parameters':
      return proposalDue(run, now);
    case 'awaiting-approval':
    case 'awaiting-rollback':
      return waiting(openApproval(run), now);
    case 'approved':
      return dispatchDue(run, now);
    case 'diagnosing':
    case 'remediating':
    case 'verifying':
    case 'rolling-back':
      return stepDue(run);
  }
}

/** The proposal was stored, but what had to follow was not: the process died in between. */
function isCutOff({ evaluations, parameters }: Run): boolean {
  const stored = evaluations['proposal'];
  return stored === undefined || endsRun(stored) || valuesOf(parameters) !== undefined;
}

/** Its time first: what cannot be completed, because its runbook is gone, must not be tried for ever. */
function proposalDue(run: Run, now: Date): Due {
  const lapse = lapses(run.proposal?.expiresAt, now);
  return lapse.act === 'wait' && isCutOff(run) ? { act: 'decide', command: 'advance' } : lapse;
}

function lapses(expiresAt: string | undefined, now: Date): Due {
  const until = new Date(expiresAt ?? now);
  return now.getTime() >= until.getTime() ? { act: 'decide', command: 'expire' } : { act: 'wait', until };
}

/** Whatever comes first: a reminder, the next group, the end of the time to decide. */
function waiting(approval: Approval | undefined, now: Date): Due {
  if (approval === undefined) return { act: 'nothing' };
  const { askedAt, remindEvery, reminded, escalateAt, escalated, expiresAt } = approval;
  const at = now.getTime();
  const end = Date.parse(expiresAt);
  if (at >= end) return { act: 'decide', command: 'expire' };
  const times: [number, 'remind' | 'escalate'][] = [];
  if (escalateAt !== undefined && escalated === undefined) times.push([Date.parse(escalateAt), 'escalate']);
  if (remindEvery !== undefined) times.push([Date.parse(askedAt) + (reminded + 1) * remindEvery, 'remind']);
  const next = times.filter(([time]) => time < end).sort(([a], [b]) => a - b)[0];
  if (next !== undefined && at >= next[0]) return { act: 'decide', command: next[1] };
  return { act: 'wait', until: new Date(next?.[0] ?? end) };
}

/** How often a limit or a stop of unknown length is looked at again, besides being woken when it is lifted. */
export const LOOK_AGAIN_MS = 15_000;

function dispatchDue({ approval, postponed, entries }: Run, now: Date): Due {
  const since = Date.parse(entries.findLast(({ type }) => type === 'dispatch-postponed')?.at ?? '');
  const again = postponed === undefined ? 0 : Date.parse(postponed.until ?? '') || since + LOOK_AGAIN_MS;
  const until = new Date(Math.max(Date.parse(approval?.notBefore ?? '') || 0, again));
  return now.getTime() < until.getTime() ? { act: 'wait', until } : { act: 'dispatch' };
}

/** The end is not the end while a broken glass waits for its review. */
function reviewDue(run: Run, now: Date): Due {
  const glass = run.glass;
  if (glass === undefined || !awaitsReview(run) || run.overdue) return { act: 'nothing' };
  const until = new Date(glass.reviewBy);
  return now.getTime() >= until.getTime() ? { act: 'decide', command: 'remind' } : { act: 'wait', until };
}

function stepDue(run: Run): Due {
  const record = currentStep(run);
  if (record === undefined)
    return nextStep(run).does === 'wait' ? { act: 'nothing' } : { act: 'decide', command: 'advance' };
  const step = run.approval?.plan.steps.find((one) => one.id === record.id);
  return step ? { act: 'step', step, record } : { act: 'nothing' };
}
