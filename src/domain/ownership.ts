import type { EventData, LogEntry } from './events.ts';
import type { ResolvedParameter } from './parameters.ts';
import type { Person } from './people.ts';
import type { Runbook } from './runbook.ts';

/** Whom an item is assigned to, or why nobody can be named and what to do about that. */
export type Owner = { readonly person: Person } | { readonly nobody: string };

/** What the owner of an item was asked, and what they said. */
export type Ownership = {
  /** Every card that asked somebody, the last one last. */
  readonly cards: readonly EventData<'owner-asked'>[];
  readonly answer?: {
    readonly by: Person;
    readonly mine: boolean;
    readonly reason: string;
  };
};

type Told = Extract<LogEntry, { type: 'owner-asked' | 'ownership-answered' }>;

/** One event on. Only a person's answer is ever stored. */
export function ownershipAfter(before: Ownership = { cards: [] }, { type, data, actor }: Told): Ownership {
  if (type === 'owner-asked') return { ...before, cards: [...before.cards, data] };
  const { mine, reason } = data;
  return actor.kind === 'person' ? { ...before, answer: { by: actor, mine, reason } } : before;
}

/** The parameter that holds the owner, where the runbook has one. */
export const ownerIn = (parameters: readonly ResolvedParameter[]): ResolvedParameter | undefined =>
  parameters.find(({ source }) => source === 'owner');

/** The person a run waits for, or has the word of; undefined when nobody is asked or nobody could be named. */
export function ownerOf(parameters: readonly ResolvedParameter[], tenant: string): Person | undefined {
  const owner = ownerIn(parameters);
  if (typeof owner?.value !== 'string') return undefined;
  return { kind: 'person', id: owner.value, name: owner.shown ?? owner.value, tenant };
}

/** What it means for the owner of the item; undefined where nobody is asked. */
export const consequenceOf = ({ parameters }: Pick<Runbook, 'parameters'>): string | undefined =>
  Object.values(parameters).find((one) => one.type === 'owner')?.consequence;

/** The owner of the item has to confirm. */
export const isOwned = (runbook: Pick<Runbook, 'parameters'>): boolean =>
  consequenceOf(runbook) !== undefined;
