import type { EventData, Needed } from './events.ts';
import type { Actor, Person } from './people.ts';
import type { Plan } from './plan.ts';
import { isMet, type Progress, progressOf } from './quorum.ts';

export type Vote = {
  readonly by: Actor;
  readonly verb: 'approve' | 'reject';
  readonly revision: number;
  readonly reason: string;
  readonly at: string;
  /** The asked groups the voter was in at that moment. */
  readonly groups: readonly string[];
  readonly standsInFor?: Person;
};

/** Somebody decided alone, and what that took. */
export type Glass = Omit<EventData<'glass-broken'>, 'digest' | 'revision'> & {
  readonly by: Actor;
  readonly at: string;
};

/** What was asked, of whom, and what they have said so far. A new plan starts with no votes. */
export type Approval = {
  readonly plan: Plan;
  readonly digest: string;
  readonly revision: number;
  readonly phase: 'run' | 'rollback';
  readonly requirements: readonly Needed[];
  readonly tier: string;
  readonly fourEyes: boolean;
  /** Entra ids of people who may not approve it because they wrote it. */
  readonly authors: readonly string[];
  readonly askedAt: string;
  readonly expiresAt: string;
  /** In ms; never, without it. */
  readonly remindEvery?: number;
  readonly reminded: number;
  readonly escalateAt?: string;
  readonly escalateTo?: string;
  /** The group that was asked as well because nobody had decided. */
  readonly escalated?: string;
  /** A closed window is waited for until then. */
  readonly notBefore?: string;
  readonly changes: readonly string[];
  readonly votes: readonly Vote[];
  /** The policy rule that approved it instead of people. */
  readonly rule?: string;
  readonly glass?: Glass;
};

export function askedOf(data: EventData<'approval-requested'>, at: string): Approval {
  const { plan, digest, revision, group, quorum, expiresAt, changes } = data;
  const { remindEvery, escalateAt, escalateTo, notBefore } = data;
  return {
    plan,
    digest,
    revision,
    expiresAt,
    changes,
    phase: data.phase ?? 'run',
    tier: data.tier ?? '',
    authors: data.authors ?? [],
    requirements: data.requirements ?? [{ group, needed: quorum }],
    fourEyes: data.fourEyes === true,
    askedAt: at,
    reminded: 0,
    votes: [],
    ...(remindEvery === undefined ? {} : { remindEvery }),
    ...(escalateAt === undefined ? {} : { escalateAt }),
    ...(escalateTo === undefined ? {} : { escalateTo }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
}

export function ruledBy(data: EventData<'auto-approved'>, at: string): Approval {
  const { plan, digest, revision, rule, until } = data;
  return {
    plan,
    digest,
    revision,
    rule,
    phase: 'run',
    requirements: [],
    tier: plan.tier ?? '',
    fourEyes: false,
    authors: [],
    askedAt: at,
    expiresAt: until,
    reminded: 0,
    changes: [],
    votes: [],
  };
}

/** Every group whose members may vote now. */
export const askedGroups = ({ requirements, escalated }: Approval): string[] => [
  ...new Set([...requirements.map(({ group }) => group), ...(escalated === undefined ? [] : [escalated])]),
];

/** How far each requirement is met. Members of the group it was escalated to count for any of them. */
export function progress(approval: Approval): Progress[] {
  const { requirements, escalated, votes } = approval;
  const all = requirements.map(({ group }) => group);
  const counted = votes.flatMap(({ by, verb, groups, standsInFor }) => {
    if (verb !== 'approve' || by.kind !== 'person') return [];
    const counts = escalated !== undefined && groups.includes(escalated) ? all : groups;
    return [{ person: by, groups: counts, mandate: standsInFor?.id ?? by.id }];
  });
  return progressOf(requirements, counted);
}

/** Everybody who has to agree has agreed, or a policy rule, or one person in an emergency (invariant 7). */
export function isApproved(approval: Approval | undefined, requester: Actor | undefined): boolean {
  if (approval === undefined) return false;
  if (approval.rule !== undefined || approval.glass !== undefined) return true;
  return isMet(progress(approval)) && !lacksSecondPerson(approval, requester);
}

/** Four eyes: one approval of a run that no person asked for is one pair of eyes. */
export function lacksSecondPerson(approval: Approval, requester: Actor | undefined): boolean {
  if (!approval.fourEyes) return false;
  const people = new Set(approversOf(approval).map(({ id }) => id));
  if (requester?.kind === 'person') people.add(requester.id);
  return people.size < 2;
}

/** The people who approved this plan, each once. */
export function approversOf({ votes, glass }: Approval): Person[] {
  const people = new Map<string, Person>();
  for (const { by, verb } of votes) if (verb === 'approve' && by.kind === 'person') people.set(by.id, by);
  if (glass?.by.kind === 'person') people.set(glass.by.id, glass.by);
  return [...people.values()];
}

export const rejectionIn = (approval: Approval | undefined): Vote | undefined =>
  approval?.votes.find((vote) => vote.verb === 'reject');

/** The last moment at which a person, or the opening of the window they approved it for, says it is current. */
export function decidedAt({ votes, glass, notBefore }: Approval): number {
  const times = [
    ...votes.map(({ at }) => at),
    ...(glass ? [glass.at] : []),
    ...(notBefore ? [notBefore] : []),
  ];
  return Math.max(...times.map((at) => Date.parse(at)));
}
