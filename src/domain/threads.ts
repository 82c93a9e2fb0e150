import { type Approval, askedGroups, progress } from './approval.ts';
import type { EventData, LogEntry } from './events.ts';
import type { GuardrailLine } from './guardrail-line.ts';
import { nameOf } from './people.ts';
import type { Mention } from './reports.ts';
import { codeOf, openApproval, type Run } from './run.ts';

/** A message in the run's thread, and who is notified by it. */
export type Thread = { readonly text: string; readonly mention: Mention };
type Of<T extends LogEntry['type']> = Extract<LogEntry, { type: T }>;

const titleOf = ({ proposal }: Run): string =>
  `${proposal?.incident.number}: ${proposal?.runbook.title} on ${proposal?.ci.name}`;

/** The run ended badly and was handed over. */
export function closedThread(run: Run, { outcome, reason, nextAction }: EventData<'run-closed'>): Thread {
  const text = `${run.proposal?.incident.number}: ${outcome}. ${reason}. Handed to ${run.proposal?.escalation}. ${nextAction}`;
  return { text, mention: 'involved' };
}

/** Whom it waits for, and until when. */
export function reminderThread(run: Run, revision: number): Thread {
  const approval = [run.approval, run.rollback].find((one) => one?.revision === revision);
  const left = approval ? stillNeeded(approval) : '';
  const text = `${titleOf(run)} still waits for ${left} until ${approval?.expiresAt}. Type: approve ${codeOf(run.runId)} ${revision}.`;
  return { text, mention: { onCall: approval ? (askedGroups(approval)[0] ?? '') : '' } };
}

const stillNeeded = (approval: Approval): string =>
  progress(approval)
    .filter(({ by, needed }) => by.length < needed)
    .map(({ group, needed, by }) => `${needed - by.length} more of ${group}`)
    .join(' and ') || 'a second person';

export const escalationThread = (run: Run, { data }: Of<'approval-escalated'>): Thread => ({
  text: `${titleOf(run)}: nobody has decided, so ${data.group} is asked as well. Type: approve ${codeOf(run.runId)} ${data.revision}.`,
  mention: { onCall: data.group },
});

export const rollbackThread = (run: Run, { data }: Of<'approval-requested'>): Thread => ({
  text: `${titleOf(run)}: it failed. Rolling back needs an approval until ${data.expiresAt}. Type: approve ${codeOf(run.runId)} ${data.revision}.`,
  mention: { onCall: openApproval(run)?.requirements[0]?.group ?? data.group },
});

export const glassThread = (run: Run, { actor, data }: Of<'glass-broken'>): Thread => ({
  text: `${titleOf(run)}: ${nameOf(actor)} decided alone. ${data.reason}. To be reviewed by ${data.reviewGroup} until ${data.reviewBy}: review ${codeOf(run.runId)} justified <what you found>.`,
  mention: { onCall: data.reviewGroup },
});

export const overdueThread = (run: Run, { data }: Of<'review-overdue'>): Thread => ({
  text: `${titleOf(run)}: the review of the break-glass was due ${data.reviewBy} and is late.`,
  mention: { onCall: run.glass?.reviewGroup ?? '' },
});

/** The ticket says that there is nothing to do any more, or something else. */
export const incidentThread = (run: Run, { data }: Of<'incident-changed'>): Thread => ({
  text: `${titleOf(run)}: ${data.reason} while the run is under way. What has started goes on; decide whether to cancel it (code ${codeOf(run.runId)}).`,
  mention: 'involved',
});

/** One restart too many: a person has to look. */
export const flappingThread = (run: Run, { reason }: GuardrailLine): Thread => ({
  text: `${titleOf(run)}: ${reason}. The diagnostics of the earlier runs are attached to the incident, with a proposed problem record.`,
  mention: { onCall: run.proposal?.escalation ?? '' },
});
