import { type Approval, askedOf, type Vote } from './approval.ts';
import type { LogEntry } from './events.ts';
import type { Run } from './run.ts';

type Of<T extends LogEntry['type']> = Extract<LogEntry, { type: T }>;

/** A plan is asked for: what was said of another one, or waited for because of it, is over. */
export function asked(run: Run, { data, at }: Of<'approval-requested'>): Run {
  if (data.phase === 'rollback') return { ...run, rollback: askedOf(data, at) };
  const { waitsFor: _over, postponed: _then, ...rest } = run;
  return { ...rest, approval: askedOf(data, at) };
}

/** What is said of an older plan changes nothing. */
export function changeApproval(
  run: Run,
  revision: number,
  change: (now: Approval) => Partial<Approval>,
): Run {
  const { approval, rollback } = run;
  if (rollback?.revision === revision) return { ...run, rollback: { ...rollback, ...change(rollback) } };
  if (approval?.revision === revision) return { ...run, approval: { ...approval, ...change(approval) } };
  return run;
}

/** A vote counts for the groups the voter was in at that moment. */
export const voted = (run: Run, entry: Of<'vote-cast'>): Run =>
  changeApproval(run, entry.data.revision, (approval) => ({
    votes: [...approval.votes, voteOf(entry, approval)],
  }));

function voteOf({ actor: by, at, data }: Of<'vote-cast'>, approval: Approval): Vote {
  const { verb, revision, reason, standsInFor } = data;
  // before groups were recorded there was one, and the vote was only stored for a member
  const groups = data.groups ?? approval.requirements.map(({ group }) => group);
  return { by, at, verb, revision, reason, groups, ...(standsInFor ? { standsInFor } : {}) };
}

/** What was reviewed before was another decision. */
export function broken(run: Run, { data, actor: by, at }: Of<'glass-broken'>): Run {
  const { digest: _digest, revision, ...said } = data;
  const glass = { ...said, by, at };
  const { review: _earlier, ...rest } = changeApproval(run, revision, () => ({ glass }));
  return { ...rest, glass, overdue: false };
}
