import type { LogEntry } from './events.ts';
import { closedNote, decidedNote, type Note, proposedNote, requestedNote } from './notes.ts';
import { type Run, requesterOf } from './run.ts';
import { needsResolver } from './steps.ts';

/** Somebody who has to be told something, once. `key` is what a `reported` event names when it is done. */
export type Report =
  | { readonly to: 'ticket'; readonly key: string; readonly note: Note }
  | { readonly to: 'attachments'; readonly key: string; readonly step: string; readonly ref: string }
  | { readonly to: 'card'; readonly key: string }
  | { readonly to: 'thread'; readonly key: string }
  | { readonly to: 'requester'; readonly key: string };

/** Every report the log calls for, in the order of the log; those already made are left out. */
export function reportsDue(run: Run): Report[] {
  const all = run.entries.flatMap((entry, index) => reportsOf(run, entry, index));
  return all.filter((report) => !(report.key in run.reported));
}

function reportsOf(run: Run, entry: LogEntry, index: number): Report[] {
  switch (entry.type) {
    case 'run-proposed':
      return entry.data.parameters.some((p) => p.confirm)
        ? [{ to: 'ticket', key: 'ticket:proposed', note: proposedNote(run) }]
        : [];
    case 'approval-requested': {
      const key = `ticket:requested:${entry.data.revision}`;
      return [{ to: 'ticket', key, note: requestedNote(run, entry.data) }];
    }
    case 'auto-approved':
      return [{ to: 'ticket', key: `ticket:approved:${entry.data.revision}`, note: decidedNote(run, entry) }];
    case 'vote-cast': {
      if (entry.data.verb === 'reject' || !settles(run, index)) return [];
      return [{ to: 'ticket', key: `ticket:approved:${entry.data.revision}`, note: decidedNote(run, entry) }];
    }
    case 'step-finished': {
      const { phase, step, evidence } = entry.data;
      if (evidence === undefined || phase === 'verification') return [];
      return [{ to: 'attachments', key: `attached:${step}`, step, ref: evidence.ref }];
    }
    case 'run-closed':
      return closingReports(run);
    case 'guardrails-evaluated':
    case 'parameters-confirmed':
    case 'parameters-resolved':
    case 'command-refused':
    case 'dispatch-waiting':
    case 'step-started':
    case 'step-launched':
    case 'cancel-requested':
    case 'card-posted':
    case 'reported':
      return [];
  }
}

/** True for the vote that completed the quorum of its plan. */
function settles(run: Run, index: number): boolean {
  const votes = run.entries.slice(0, index + 1).filter((entry) => entry.type === 'vote-cast');
  const last = votes.at(-1);
  const people = new Set(
    votes.flatMap(({ data, actor }) =>
      data.revision === last?.data.revision && data.verb === 'approve' && actor.kind === 'person'
        ? [actor.id]
        : [],
    ),
  );
  const asked = run.entries.find(
    (entry) => entry.type === 'approval-requested' && entry.data.revision === last?.data.revision,
  );
  return asked?.type === 'approval-requested' && people.size === asked.data.quorum;
}

function closingReports(run: Run): Report[] {
  const { closed } = run;
  if (closed === undefined) return [];
  const requester = requesterOf(run);
  return [
    { to: 'ticket', key: 'ticket:closed', note: closedNote(run, closed) },
    { to: 'card', key: 'card:closed' },
    ...(needsResolver(closed.outcome) ? [{ to: 'thread' as const, key: 'thread:escalated' }] : []),
    ...(requester?.kind === 'person' ? [{ to: 'requester' as const, key: 'requester:closed' }] : []),
  ];
}

/** Ended, and everybody who has to know has been told (invariant 11). */
export const isSettled = (run: Run): boolean => run.closed !== undefined && reportsDue(run).length === 0;
