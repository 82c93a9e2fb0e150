import { type Actor, type Person, system } from '../domain/people.ts';
import type { Given } from './given.ts';

/** The tenant of everybody who is not said to be of another one. */
export const tenant = 'contoso';

const systems = ['servicenow', 'timer', 'engine', 'policy', 'target'] as const;

const entryOf = ({ people }: Given, name: string) =>
  people !== undefined && Object.hasOwn(people, name) ? (people[name] ?? undefined) : undefined;

/** Whether somebody of this name is in the case, or a part of the system is called so. */
export const isKnown = (given: Given, name: string): boolean =>
  systems.some((one) => one === name) || entryOf(given, name) !== undefined;

/** Who acts: somebody of the case by name, or a part of the system. */
export function actorNamed(given: Given, name: string): Actor {
  const part = systems.find((one) => one === name);
  return part === undefined ? personNamed(given, name) : system(part);
}

export function personNamed(given: Given, name: string): Person {
  const entry = entryOf(given, name);
  const elsewhere = entry === undefined || Array.isArray(entry) ? undefined : entry.tenant;
  return { kind: 'person', id: name, name, tenant: elsewhere ?? tenant };
}

export function groupsOf(given: Given, name: string): readonly string[] {
  const entry = entryOf(given, name);
  if (entry === undefined) return [];
  return Array.isArray(entry) ? entry : entry.groups;
}

export const peopleOf = ({ people = {} }: Given): string[] =>
  Object.keys(people).filter((name) => people[name] !== null);

export const idsIn = (given: Given, group: string): string[] =>
  peopleOf(given).filter((name) => groupsOf(given, name).includes(group));

/** As many as any quorum that is a number may ask for. */
const CROWD = 20;

/** People in every group, for a world of which nobody said who is in it. */
const crowd = (groups: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(Array.from({ length: CROWD }, (_, n) => [`somebody-${n + 1}`, [...groups]]));

/** The same world; where nobody is named, there are enough people in every group. */
export const peopled = (given: Given, groups: readonly string[]): Given =>
  given.people === undefined ? { ...given, people: crowd(groups) } : given;
