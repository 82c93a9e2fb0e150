import type { LogEntry } from './events.ts';
import { ownedNote } from './notes.ts';
import { ownerIn } from './ownership.ts';
import type { Report } from './reports.ts';
import type { Run } from './run.ts';

/** Whoever the item is assigned to is asked, once each. */
export function ownerReports({
  data,
}: Extract<LogEntry, { type: 'run-proposed' | 'parameters-resolved' }>): Report[] {
  const owner = ownerIn(data.parameters);
  if (typeof owner?.value !== 'string' || !owner.confirm) return [];
  return [{ to: 'owner', key: `owner:${owner.value}`, owner: owner.value }];
}

export function answerReports(run: Run, entry: Extract<LogEntry, { type: 'ownership-answered' }>): Report[] {
  const card: Report = { to: 'owner-card', key: `owner-card:${entry.seq}` };
  // a no ends the run, and its end is told
  return entry.data.mine ? [{ to: 'ticket', key: 'ticket:owner', note: ownedNote(run, entry) }, card] : [];
}
