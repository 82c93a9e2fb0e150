import { type Approval, askedGroups, progress } from './approval.ts';
import type { EventData, LogEntry } from './events.ts';
import type { GuardrailLine } from './guardrail-line.ts';
import { ownerIn } from './ownership.ts';
import { nameOf } from './people.ts';
import type { Mention } from './reports.ts';
import { codeOf, type Run } from './run.ts';
import { needsOnCall } from './steps.ts';

/** A message in the run's thread, and who is notified by it. */
export type Thread = { readonly text: string; readonly mention: Mention };
type Of<T extends LogEntry['type']> = Extract<LogEntry, { type: T }>;

const titleOf = ({ proposal }: Run): string =>
  `${proposal?.incident.number}: ${proposal?.runbook.title} on ${proposal?.ci.name}`;

/** The run ended badly and was handed over; whoever is on call is named when somebody has to act now. */
export function closedThread(run: Run, closed: EventData<'run-closed'>): Thread {
  const { outcome, reason, nextAction } = closed;
  const group = run.proposal?.escalation ?? '';
  const text = `${run.proposal?.incident.number}: ${outcome}. ${reason}. For ${group}: ${nextAction}`;
  if (!needsOnCall(outcome) || group === '') return { text, mention: 'involved' };
  return { text: `${text} ${whereToLook(run)}`, mention: { onCall: [group], involved: true } };
}

/** The same for the person on call, who may know nothing of it yet. */
export function onCallText(run: Run, { outcome, reason, nextAction }: EventData<'run-closed'>): string {
  const group = run.proposal?.escalation;
  return `${titleOf(run)}: ${outcome}. ${reason}. You are told because you are on call for ${group}. ${nextAction} ${whereToLook(run)}`;
}

/** How to find the run, and what was found out before anything was changed. */
function whereToLook({ runId, steps, proposal }: Run): string {
  const code = codeOf(runId);
  const kept = steps.filter(({ phase, evidence }) => phase !== 'verification' && evidence !== undefined);
  const files = kept.map(({ id }) => logName(runId, id));
  const where =
    files.length === 0
      ? 'There are no diagnostics.'
      : `Diagnostics are attached to ${proposal?.incident.number}: ${files.join(', ')}.`;
  return `Run code ${code}. ${where}`;
}

/** How the log of a step is called on the incident. */
export const logName = (runId: string, step: string): string => `handrail-${codeOf(runId)}-${step}.log`;

/** The owner has no chat with the bot: somebody has to help them to one. */
export function ownerThread(run: Run): Thread {
  const code = codeOf(run.runId);
  const name = ownerIn(run.parameters)?.shown ?? 'The owner';
  const text = `${titleOf(run)}: ${name} has to say whether it is theirs, but has no chat with Handrail. Ask them to add the app, or to write here until ${run.proposal?.expiresAt}: mine ${code}, or: not-mine ${code} <what they know about it>.`;
  return { text, mention: 'owner' };
}

/** Whom it waits for, and until when. */
export function reminderThread(run: Run, asked: Approval): Thread {
  const { left, onCall } = whoIsLeft(asked);
  const text = `${titleOf(run)} still waits for ${left} until ${asked.expiresAt}. ${howTo(run, asked)}`;
  return { text, mention: { onCall } };
}

/** Every group that has not agreed yet is named and called: one of them alone cannot decide. */
function whoIsLeft(asked: Approval): { readonly left: string; readonly onCall: readonly string[] } {
  const open = progress(asked).filter(({ by, needed }) => by.length < needed);
  if (open.length === 0) return { left: 'a second person', onCall: askedGroups(asked) };
  const left = open.map(({ group, needed, by }) => `${needed - by.length} more of ${group}`).join(' and ');
  return { left, onCall: open.map(({ group }) => group) };
}

export const escalationThread =
  (group: string) =>
  (run: Run, asked: Approval): Thread => ({
    text: `${titleOf(run)}: nobody has decided, so ${group} is asked as well. ${howTo(run, asked)}`,
    mention: { onCall: [group] },
  });

export function rollbackThread(run: Run, asked: Approval): Thread {
  const { left, onCall } = whoIsLeft(asked);
  const text = `${titleOf(run)}: it failed. Rolling back needs ${left} until ${asked.expiresAt}. ${howTo(run, asked)}`;
  return { text, mention: { onCall } };
}

const howTo = ({ runId }: Run, { revision }: Approval): string =>
  `Type: approve ${codeOf(runId)} ${revision}.`;

export const glassThread = (run: Run, { actor, data }: Of<'glass-broken'>): Thread => ({
  text: `${titleOf(run)}: ${nameOf(actor)} decided alone. ${data.reason}. To be reviewed by ${data.reviewGroup} until ${data.reviewBy}: review ${codeOf(run.runId)} justified <what you found>.`,
  mention: { onCall: [data.reviewGroup] },
});

export const overdueThread = (run: Run, { data }: Of<'review-overdue'>): Thread => ({
  text: `${titleOf(run)}: the review of the break-glass was due ${data.reviewBy} and is late.`,
  mention: { onCall: [run.glass?.reviewGroup ?? ''] },
});

/** What was not written to the incident, because people have it in hand. */
export const leftThread = (run: Run, left: string): Thread => ({
  text: `${titleOf(run)}: ${left}. What the run did is in its work notes; decide what becomes of the incident.`,
  mention: 'involved',
});

/** The ticket says that there is nothing to do any more, or something else. */
export const incidentThread = (run: Run, { data }: Of<'incident-changed'>): Thread => ({
  text: `${titleOf(run)}: ${data.reason} while the run is under way. What has started goes on; decide whether to cancel it (code ${codeOf(run.runId)}).`,
  mention: 'involved',
});

/** One restart too many: a person has to look. */
export const flappingThread = (run: Run, { reason }: GuardrailLine): Thread => ({
  text: `${titleOf(run)}: ${reason}. The diagnostics of the earlier runs are attached to the incident, with a proposed problem record.`,
  mention: { onCall: [run.proposal?.escalation ?? ''] },
});
