import { type Approval, progress } from '../domain/approval.ts';
import { nameOf } from '../domain/people.ts';
import { awaitsWord, codeOf, type Run, requesterOf, stateOf } from '../domain/run.ts';
import { viewOf } from '../domain/run-view.ts';
import type { ReviewSummary, RunSummary } from './desk.ts';

/** A run in one line of a list. */
export const summaryOf = (run: Run): RunSummary => ({ ...aboutOf(run), doing: doing(run) });

/** What there is to review about a run; undefined when nobody broke the glass. */
export function reviewOf(run: Run, now: Date): ReviewSummary | undefined {
  const glass = run.glass;
  if (glass === undefined) return undefined;
  const { by, reason, reviewGroup: group, reviewBy: due } = glass;
  // it is late from the minute on, not only once the reminder of that is stored
  const overdue = run.overdue || now.getTime() >= Date.parse(due);
  return { ...aboutOf(run), by: nameOf(by), reason, group, due, overdue };
}

function aboutOf({ runId, proposal }: Run) {
  return {
    runId,
    code: codeOf(runId),
    incident: proposal?.incident.number ?? '',
    ci: proposal?.ci.name ?? '',
    runbook: proposal?.runbook.title ?? '',
  };
}

/** What a run waits for or does, in words. */
function doing(run: Run): string {
  const requester = requesterOf(run);
  switch (stateOf(run)) {
    case 'new':
      return 'is being proposed';
    case 'awaiting-parameters':
      return 'waits for parameters';
    case 'awaiting-approval':
      return `waits for approval by ${stillAsked(run.approval)}`;
    case 'awaiting-rollback':
      return `failed, and waits for approval of its rollback by ${stillAsked(run.rollback)}`;
    case 'approved':
      return viewOf(run)?.waiting || 'is about to start';
    case 'diagnosing':
      return 'runs diagnostics';
    case 'remediating':
      return 'runs the remediation';
    case 'verifying':
      return 'verifies';
    case 'rolling-back':
      return 'rolls back';
    case 'closed':
      if (awaitsWord(run)) return 'ended, and nobody knows yet whether it ran';
      return `ended: ${run.closed?.outcome ?? ''}${requester ? `, asked for by ${nameOf(requester)}` : ''}`;
  }
}

/** The groups that have not agreed yet, and how far each is when it takes more than one. */
function stillAsked(approval: Approval | undefined): string {
  if (approval === undefined) return '';
  const missing = progress(approval).filter(({ by, needed }) => by.length < needed);
  if (missing.length === 0) return 'a second person';
  const groups = missing.map(({ group, needed, by }) =>
    needed === 1 ? group : `${group} (${by.length} of ${needed})`,
  );
  const or = approval.escalated === undefined ? '' : `, or by ${approval.escalated}`;
  return `${groups.join(' and ')}${or}`;
}
