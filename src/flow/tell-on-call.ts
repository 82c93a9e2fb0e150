import { nameOf, type Person } from '../domain/people.ts';
import type { Report } from '../domain/reports.ts';
import type { Deps } from './deps.ts';
import { onCallOf } from './groups.ts';

/**
 * Writes to the first of those on call who can be reached in a personal chat. Answers '' when that is the first responder,
 * else who could not be reached and who was told instead: the channel has named them all.
 */
export async function tellOnCall(
  deps: Deps,
  { group, text }: Extract<Report, { to: 'on-call' }>,
): Promise<string> {
  const people = await onCallOf(deps, group);
  if (people.length === 0) return `not delivered: nobody is on call for ${group}`;
  const missed: Person[] = [];
  for (const person of people) {
    if (await deps.chat.tell(person, text)) return missed.length === 0 ? '' : insteadOf(missed, person);
    missed.push(person);
  }
  return `not delivered: ${withoutChat(missed)}`;
}

const insteadOf = (missed: readonly Person[], told: Person): string =>
  `${nameOf(told)} was told: ${withoutChat(missed)}`;

const withoutChat = (people: readonly Person[]): string =>
  `${people.map(nameOf).join(', ')} ${people.length === 1 ? 'has' : 'have'} no chat with the bot`;
