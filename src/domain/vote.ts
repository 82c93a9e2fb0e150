import { type Approval, askedGroups } from './approval.ts';
import type { Command } from './commands.ts';
import { type Decided, type Facts, nothing, refuse, type StandIn } from './decision.ts';
import type { RunEvent } from './events.ts';
import type { Actor, Person } from './people.ts';
import { openApproval, type Run, requesterOf } from './run.ts';
import { closing } from './steps.ts';

type VoteCommand = Extract<Command, { name: 'approve' | 'reject' | 'narrow' | 'break-glass' }>;

/** A person who may vote on the plan that is asked for, and in which capacity. */
export type Admitted = {
  readonly approval: Approval;
  readonly by: Person;
  /** The asked groups they are in, or those of whom they stand in for. */
  readonly groups: readonly string[];
  readonly standsInFor?: Person;
};

/** Everything about a vote that does not depend on its direction, in the order a person should hear it. */
export function admit(run: Run, command: VoteCommand, facts: Facts): Decided | Admitted {
  const asked = askedNow(run, command, facts);
  if ('ok' in asked) return asked;
  const { approval, by } = asked;
  const barred = barredFrom(run, approval, by, command.name);
  if (barred) return refuse(run, barred);
  return mandateOf(run, approval, by, facts);
}

/** The plan that is asked for, when it is the one this person was shown and there is still time. */
export function askedNow(
  run: Run,
  command: VoteCommand,
  facts: Facts,
): Decided | { readonly approval: Approval; readonly by: Person } {
  const { by } = command;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  const latest = run.rollback ?? run.approval;
  if (latest === undefined) return refuse(run, 'parameters-missing');
  if (repeats(latest, command, by)) return nothing;
  const approval = openApproval(run);
  if (approval === undefined) return refuse(run, 'already-decided');
  if (!facts.shownCard.ok) return refuse(run, 'facts-unknown', { message: facts.shownCard.why });
  if (shownRevision(command, approval) !== approval.revision || !facts.shownCard.value)
    return refuse(run, 'stale-card');
  if (facts.now.getTime() < Date.parse(approval.expiresAt)) return { approval, by };
  if (approval.phase === 'rollback') return refuse(run, 'expired');
  const reason = `nobody decided until ${approval.expiresAt}`;
  return refuse(run, 'expired', { events: [closing('expired', reason)] });
}

const repeats = ({ glass, votes }: Approval, { name }: VoteCommand, by: Person): boolean =>
  name === 'break-glass'
    ? glass !== undefined && isSame(glass.by, by)
    : votes.some((one) => one.verb === name && isSame(one.by, by));

/** A typed approval names no plan: that is enough for the first one, which is the only one ever shown. */
function shownRevision({ name, revision }: VoteCommand, approval: Approval): number {
  return revision ?? (name === 'reject' ? approval.revision : 1);
}

/** Separation of duties (invariant 7). Rejecting is open to authors: it can only make things safer. */
function barredFrom(run: Run, approval: Approval, by: Person, name: VoteCommand['name']) {
  if (isOwner(run, by)) return 'owner-approval';
  if (isInvolved(run, by)) return 'self-approval';
  return name !== 'reject' && approval.authors.includes(by.id) ? 'author-approval' : undefined;
}

/** It is done to what is theirs, and they have said so. */
const isOwner = ({ ownership }: Run, person: Person): boolean =>
  ownership?.answer !== undefined && isSame(ownership.answer.by, person);

/** Asked for it, or chose its values. */
const isInvolved = (run: Run, person: Person): boolean =>
  [requesterOf(run), ...run.confirmers].some((one) => one !== undefined && isSame(one, person));

/** Membership is checked at each click; somebody who is no member may stand in for a member who let them. */
function mandateOf(run: Run, approval: Approval, by: Person, facts: Facts): Decided | Admitted {
  const { actorGroups, standIns } = facts;
  if (!actorGroups.ok) return refuse(run, 'membership-unknown', { message: actorGroups.why });
  const asked = askedGroups(approval);
  const own = asked.filter((group) => actorGroups.value.includes(group));
  if (own.length > 0) return { approval, by, groups: own };
  if (!standIns.ok) return refuse(run, 'membership-unknown', { message: standIns.why });
  const mandate = standIns.value.find((one) => mayStandIn(run, approval, one, asked));
  if (mandate === undefined) return refuse(run, 'not-approver');
  const groups = asked.filter((group) => mandate.groups.includes(group));
  return { approval, by, groups, standsInFor: mandate.from };
}

/** Nobody can hand on what they could not do themselves, or have done already. */
function mayStandIn(
  run: Run,
  approval: Approval,
  { from, groups }: StandIn,
  asked: readonly string[],
): boolean {
  if (isOwner(run, from) || isInvolved(run, from) || approval.authors.includes(from.id)) return false;
  const used = approval.votes.some((vote) => isSame(vote.by, from) || vote.standsInFor?.id === from.id);
  return !used && asked.some((group) => groups.includes(group));
}

export const isSame = (one: Actor, person: Person): boolean => one.kind === 'person' && one.id === person.id;

/** The event of a vote. */
export const voteEvent = (
  { approval, groups, standsInFor }: Admitted,
  verb: 'approve' | 'reject',
  reason: string,
  card: string | undefined,
): RunEvent => ({
  type: 'vote-cast',
  data: {
    verb,
    digest: approval.digest,
    revision: approval.revision,
    reason,
    groups: [...groups],
    ...(card === undefined ? {} : { card }),
    ...(standsInFor ? { standsInFor } : {}),
  },
});
