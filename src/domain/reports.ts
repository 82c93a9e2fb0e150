import { type Approval, askedOf, isApproved } from './approval.ts';
import type { EventData, KeptFile, LogEntry } from './events.ts';
import {
  closedNote,
  decidedNote,
  escalatedNote,
  type Note,
  proposedNote,
  requestedNote,
  reviewedNote,
  settledNote,
} from './notes.ts';
import { answerReports, ownerReports } from './owner-reports.ts';
import { awaitsReview, awaitsWord, fold, openApproval, type Run, requesterOf } from './run.ts';
import { flappingLine, needsOnCall, needsResolver } from './steps.ts';
import {
  closedThread,
  escalationThread,
  flappingThread,
  glassThread,
  incidentThread,
  leftThread,
  onCallText,
  overdueThread,
  ownerThread,
  reminderThread,
  rollbackThread,
  type Thread,
} from './threads.ts';

/** Who is notified by a message in the run's thread: those involved, the owner of the item, whoever is on call for these groups. */
export type Mention =
  | 'involved'
  | 'owner'
  | { readonly onCall: readonly string[]; readonly involved?: boolean };

/** Somebody who has to be told something, once. `key` is what a `reported` event names when it is done. */
export type Report =
  | { readonly to: 'ticket'; readonly key: string; readonly note: Note }
  | { readonly to: 'attachments'; readonly key: string; readonly step: string; readonly ref: string }
  /** What a job left besides its log. */
  | { readonly to: 'file'; readonly key: string; readonly step: string; readonly file: KeptFile }
  /** The diagnostics of earlier runs on the same item, as one file. */
  | { readonly to: 'series'; readonly key: string; readonly runs: readonly string[] }
  | { readonly to: 'card'; readonly key: string }
  /** The run that shall do what was left of this one. */
  | { readonly to: 'next'; readonly key: string }
  | { readonly to: 'thread'; readonly key: string; readonly text: string; readonly mention: Mention }
  | { readonly to: 'requester'; readonly key: string }
  /** Whoever is on call for a group, in a personal chat. */
  | { readonly to: 'on-call'; readonly key: string; readonly group: string; readonly text: string }
  /** Asked in a personal chat whether the item is theirs, and shown there what became of it. */
  | { readonly to: 'owner'; readonly key: string; readonly owner: string }
  | { readonly to: 'owner-card'; readonly key: string };

/** Every report the log calls for, in the order of the log; those already made are left out. */
export function reportsDue(run: Run): Report[] {
  const all = run.entries.flatMap((entry, index) => reportsOf(run, entry, index));
  const open = all.filter((report) => !(report.key in run.reported));
  return [...new Map(open.map((report) => [report.key, report])).values()];
}

function reportsOf(run: Run, entry: LogEntry, index: number): Report[] {
  switch (entry.type) {
    case 'run-proposed':
      return [...missingReports(run, entry), ...ownerReports(entry)];
    case 'parameters-resolved':
      return ownerReports(entry);
    case 'ownership-answered':
      return answerReports(run, entry);
    case 'reported':
      return reportedReports(run, entry);
    case 'approval-requested':
      return requestReports(run, entry);
    case 'auto-approved':
      return [approvedReport(run, entry)];
    case 'vote-cast':
      return settles(run, index) ? [approvedReport(run, entry)] : [];
    case 'approval-reminded': {
      const { revision, count } = entry.data;
      return whileAsked(run, revision, `reminded:${revision}:${count}`, reminderThread);
    }
    case 'approval-escalated': {
      const { revision } = entry.data;
      const key = `ticket:escalated:${revision}`;
      const ticket: Report = { to: 'ticket', key, note: escalatedNote(run, entry) };
      const thread = escalationThread(entry.data.group);
      return [ticket, ...whileAsked(run, revision, `escalated:${revision}`, thread)];
    }
    case 'glass-broken':
      return [
        approvedReport(run, entry),
        threadReport(`glass:${entry.data.revision}`, glassThread(run, entry)),
      ];
    case 'incident-changed':
      return [threadReport(`incident:${entry.seq}`, incidentThread(run, entry))];
    case 'review-overdue':
    case 'run-reviewed':
    case 'outcome-settled':
    case 'run-continued':
      return afterEndReports(run, entry);
    case 'step-finished':
      return evidenceReports(entry);
    case 'run-closed':
      return closingReports(run);
    case 'guardrails-evaluated':
    case 'owner-asked':
    case 'parameters-confirmed':
    case 'parameters-narrowed':
    case 'dispatch-postponed':
    case 'dispatch-stopped':
    case 'dispatch-resumed':
    case 'vote-delegated':
    case 'delegation-ended':
    case 'command-refused':
    case 'dispatch-waiting':
    case 'step-started':
    case 'step-launched':
    case 'cancel-requested':
    case 'card-posted':
      return [];
  }
}

function requestReports(run: Run, entry: Extract<LogEntry, { type: 'approval-requested' }>): Report[] {
  const { revision, phase } = entry.data;
  const note = requestedNote(run, askedOf(entry.data, entry.at));
  const ticket: Report = { to: 'ticket', key: `ticket:requested:${revision}`, note };
  return phase === 'rollback'
    ? [ticket, ...whileAsked(run, revision, `rollback:${revision}`, rollbackThread)]
    : [ticket];
}

const missingReports = (run: Run, { data }: Extract<LogEntry, { type: 'run-proposed' }>): Report[] =>
  data.parameters.some((p) => p.confirm)
    ? [{ to: 'ticket', key: 'ticket:proposed', note: proposedNote(run) }]
    : [];

/** What could not be told as it should be is told where everybody sees it: an owner without a chat may answer there. */
function reportedReports(run: Run, { data }: Extract<LogEntry, { type: 'reported' }>): Report[] {
  const { key, note, left } = data;
  if (left !== undefined) return [threadReport(`left:${key}`, leftThread(run, left))];
  return note === '' || !key.startsWith('owner:') ? [] : [threadReport(key, ownerThread(run))];
}

/** What a step left, for the incident; what a verification saw is told in its result. */
function evidenceReports({ data }: Extract<LogEntry, { type: 'step-finished' }>): Report[] {
  const { phase, step, evidence, artifacts = [] } = data;
  const files = artifacts.map(
    (file, n) => ({ to: 'file', key: `attached:${step}:${n + 1}`, step, file }) as const,
  );
  if (evidence === undefined || phase === 'verification') return files;
  return [{ to: 'attachments', key: `attached:${step}`, step, ref: evidence.ref }, ...files];
}

/** What people said or asked of a run that has ended, or, of a broken glass, is under way. */
function afterEndReports(
  run: Run,
  entry: Extract<LogEntry, { type: 'review-overdue' | 'run-reviewed' | 'outcome-settled' | 'run-continued' }>,
): Report[] {
  switch (entry.type) {
    case 'review-overdue':
      return [threadReport('review-overdue', overdueThread(run, entry))];
    case 'run-reviewed':
      return [
        { to: 'ticket', key: 'ticket:reviewed', note: reviewedNote(run, entry) },
        { to: 'card', key: 'card:reviewed' },
      ];
    case 'outcome-settled':
      return [
        { to: 'ticket', key: 'ticket:settled', note: settledNote(run, entry) },
        { to: 'card', key: 'card:settled' },
      ];
    case 'run-continued':
      return [
        { to: 'next', key: 'next:continued' },
        { to: 'card', key: 'card:continued' },
      ];
  }
}

const approvedReport = (run: Run, entry: Parameters<typeof decidedNote>[1]): Report => ({
  to: 'ticket',
  key: `ticket:approved:${entry.data.revision}`,
  note: decidedNote(run, entry),
});

const threadReport = (key: string, thread: Thread): Report => ({
  to: 'thread',
  key: `thread:${key}`,
  ...thread,
});

/**
 * A message that asks somebody to decide. One that could not be sent in time asks nobody any more when it was decided, or
 * another plan is asked about.
 */
function whileAsked(
  run: Run,
  revision: number,
  key: string,
  thread: (run: Run, asked: Approval) => Thread,
): Report[] {
  const asked = openApproval(run);
  return asked?.revision === revision ? [threadReport(key, thread(run, asked))] : [];
}

/** True for the vote that completed what its plan asks for: the run up to it is approved, and was not before. */
function settles(run: Run, index: number): boolean {
  const upTo = (count: number) => fold(run.runId, run.entries.slice(0, count));
  const isDecided = (one: Run) => isApproved(one.rollback ?? one.approval, requesterOf(one));
  return isDecided(upTo(index + 1)) && !isDecided(upTo(index));
}

function closingReports(run: Run): Report[] {
  const { closed } = run;
  if (closed === undefined) return [];
  const requester = requesterOf(run);
  return [
    { to: 'ticket', key: 'ticket:closed', note: closedNote(run, closed) },
    { to: 'card', key: 'card:closed' },
    ...(run.ownership ? [{ to: 'owner-card' as const, key: 'owner-card:closed' }] : []),
    ...(needsResolver(closed.outcome) ? [threadReport('escalated', closedThread(run, closed))] : []),
    ...onCallReports(run, closed),
    ...flappingReports(run),
    ...(requester?.kind === 'person' ? [{ to: 'requester' as const, key: 'requester:closed' }] : []),
  ];
}

/** Somebody has to act now, and may not be looking at the channel. */
function onCallReports(run: Run, closed: EventData<'run-closed'>): Report[] {
  const group = run.proposal?.escalation ?? '';
  if (!needsOnCall(closed.outcome) || group === '') return [];
  return [{ to: 'on-call', key: 'on-call:closed', group, text: onCallText(run, closed) }];
}

/** Restarting again would hide the cause: the series of diagnostics goes to the ticket, and a person is paged. */
function flappingReports(run: Run): Report[] {
  const line = flappingLine(run);
  if (line === undefined) return [];
  const runs = (line.facts?.['runs'] ?? '').split(', ').filter((one) => one !== '');
  const series: Report[] = runs.length > 0 ? [{ to: 'series', key: 'attached:series', runs }] : [];
  return [...series, threadReport('flapping', flappingThread(run, line))];
}

/** Ended, reviewed and settled where it has to be, and everybody who has to know has been told (invariant 11). */
export const isSettled = (run: Run): boolean =>
  run.closed !== undefined && !awaitsReview(run) && !awaitsWord(run) && reportsDue(run).length === 0;
