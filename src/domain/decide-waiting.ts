import type { Approval } from './approval.ts';
import type { Command } from './commands.ts';
import { remindReview } from './decide-glass.ts';
import { type Decided, type Facts, nothing, refuse } from './decision.ts';
import { openApproval, type Run } from './run.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** How many reminders are due by now; none after the time to decide. */
export function remindersDue({ askedAt, expiresAt, remindEvery }: Approval, now: Date): number {
  if (remindEvery === undefined || now.getTime() >= Date.parse(expiresAt)) return 0;
  return Math.floor((now.getTime() - Date.parse(askedAt)) / remindEvery);
}

/** Reminds approvers, and reviewers who are late. Reminders missed while nothing ran are made up by one. */
export function remind(run: Run, _command: Of<'remind'>, { now }: Facts): Decided {
  const approval = openApproval(run);
  if (approval === undefined) return remindReview(run, now);
  const count = remindersDue(approval, now);
  if (count <= approval.reminded) return refuse(run, 'not-due');
  return { ok: true, events: [{ type: 'approval-reminded', data: { revision: approval.revision, count } }] };
}

/** Nobody has decided: the next group is asked as well. */
export function escalate(run: Run, _command: Of<'escalate'>, { now }: Facts): Decided {
  const approval = openApproval(run);
  if (approval?.escalateAt === undefined || approval.escalateTo === undefined) return nothing;
  if (approval.escalated !== undefined) return nothing;
  const at = now.getTime();
  if (at < Date.parse(approval.escalateAt) || at >= Date.parse(approval.expiresAt))
    return refuse(run, 'not-due');
  const { revision, escalateTo: group } = approval;
  return { ok: true, events: [{ type: 'approval-escalated', data: { revision, group } }] };
}
