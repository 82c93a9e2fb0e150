import { type Approval, approversOf, lacksSecondPerson, progress } from './approval.ts';
import { nameOf } from './people.ts';
import { isMet } from './quorum.ts';
import { type Run, requesterOf } from './run.ts';
import type { ApprovalView } from './view.ts';

/** How far an approval is, for whom it waits, and what happens when nobody answers. */
export function approvalView(run: Run, approval: Approval): ApprovalView {
  const { phase, tier, expiresAt, rule, requirements, votes } = approval;
  const met = progress(approval);
  const named = (ids: readonly { id: string; name: string }[]) =>
    ids.map(({ id, name }) => nameWith(votes, id, name));
  return {
    phase,
    tier,
    expiresAt,
    requirements: met.map(({ by, ...asked }) => ({ ...asked, by: named(by) })),
    group: requirements.map(({ group }) => group).join(' and ') || (rule ?? ''),
    needed: requirements.reduce((sum, one) => sum + one.needed, 0),
    approvers: named(approversOf(approval)),
    lacksSecondPerson: isMet(met) && lacksSecondPerson(approval, requesterOf(run)),
    ...(rule === undefined ? {} : { rule }),
    ...clocks(approval),
    ...glassView(run),
  };
}

/** A person who votes for somebody else is shown with that name. */
function nameWith(votes: Approval['votes'], id: string, name: string): string {
  const instead = votes.find(({ by }) => by.kind === 'person' && by.id === id)?.standsInFor;
  return instead === undefined ? name : `${name} (for ${instead.name})`;
}

function clocks(approval: Approval): Partial<ApprovalView> {
  const { askedAt, expiresAt, remindEvery, reminded, escalateAt, escalateTo, escalated, notBefore } =
    approval;
  const next = remindEvery === undefined ? undefined : Date.parse(askedAt) + (reminded + 1) * remindEvery;
  const reminds = next !== undefined && next < Date.parse(expiresAt);
  return {
    ...(reminds ? { remindAt: new Date(next).toISOString() } : {}),
    ...(escalated === undefined && escalateAt !== undefined ? { escalatesAt: escalateAt } : {}),
    ...(escalateTo === undefined ? {} : { escalateTo }),
    ...(escalated === undefined ? {} : { escalated }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

/** It is the run's, whatever is asked of people since: a rollback has approvers of its own. */
function glassView(run: Run): Pick<ApprovalView, 'glass'> {
  const glass = run.glass;
  if (glass === undefined) return {};
  const { reason, overridden, reviewGroup, reviewBy } = glass;
  const review = run.review?.verdict ?? (run.overdue ? 'overdue' : 'open');
  return { glass: { by: nameOf(glass.by), reason, overridden, reviewGroup, reviewBy, review } };
}
