import type { Needed } from './events.ts';
import type { Person } from './people.ts';

/** An approving vote as far as counting goes: who, and for which of the asked groups it may count. */
export type Counted = {
  readonly person: Person;
  readonly groups: readonly string[];
  /** Entra id of whoever's say it is: the person, or the approver they stand in for. */
  readonly mandate?: string;
};

/** How far one requirement is met, and by whom. */
export type Progress = Needed & { readonly by: readonly Person[] };

/**
 * Gives each person to at most one requirement so that as many places as possible are filled: one vote never counts
 * twice, even for somebody who is in both groups, and whoever fits only one group is not displaced by somebody who fits
 * both. (A maximum bipartite matching by augmenting paths; there are a handful of votes.)
 */
export function progressOf(requirements: readonly Needed[], votes: readonly Counted[]): Progress[] {
  const places = requirements.flatMap(({ group, needed }) => Array.from({ length: needed }, () => group));
  const mandates = [...new Map(votes.map((vote) => [vote.mandate ?? vote.person.id, vote])).values()];
  const people = [...new Map(mandates.map((vote) => [vote.person.id, vote])).values()];
  const holders: (Counted | undefined)[] = places.map(() => undefined);
  for (const person of people) settle(person, places, holders, new Set());
  return requirements.map((requirement, n) => {
    const from = requirements.slice(0, n).reduce((sum, { needed }) => sum + needed, 0);
    const by = holders.slice(from, from + requirement.needed).flatMap((one) => (one ? [one.person] : []));
    return { ...requirement, by };
  });
}

/** Finds a place for a voter, moving others to places they fit as well. False when there is none. */
function settle(
  voter: Counted,
  places: readonly string[],
  holders: (Counted | undefined)[],
  tried: Set<number>,
): boolean {
  for (const [n, group] of places.entries()) {
    if (tried.has(n) || !voter.groups.includes(group)) continue;
    tried.add(n);
    const holder = holders[n];
    if (holder !== undefined && !settle(holder, places, holders, tried)) continue;
    holders[n] = voter;
    return true;
  }
  return false;
}

export const isMet = (progress: readonly Progress[]): boolean =>
  progress.every(({ by, needed }) => by.length >= needed);

/** Who has to agree, in words: "1 of web-approvers and 2 of service-owners". */
export const spellNeeded = (requirements: readonly Needed[]): string =>
  requirements.map(({ group, needed }) => `${needed} of ${group}`).join(' and ');
