import type { LogEntry } from './events.ts';
import type { Actor, Person } from './people.ts';

/** The stream that holds what concerns every run: stop, resume, delegations. Its id is the oldest possible ULID. */
export const CONTROL = '0'.repeat(26);

/** One approver lets another person vote for them, until a date. */
export type Delegation = {
  readonly from: Person;
  readonly to: Person;
  /** ISO 8601, UTC. */
  readonly until: string;
  readonly reason: string;
};

/** What concerns every run: the fold of the control stream. */
export type Control = {
  /** Nothing is dispatched while this is set. */
  readonly stopped?: { readonly by: Actor; readonly reason: string; readonly at: string };
  /** The latest of each person; some may have run out. */
  readonly delegations: readonly Delegation[];
};

export const noControl: Control = { delegations: [] };

/** The people this person may vote for now. */
export const standsInFor = ({ delegations }: Control, person: Person, now: Date): Delegation[] =>
  delegations.filter((one) => one.to.id === person.id && now.getTime() < Date.parse(one.until));

type ControlEntry = Extract<
  LogEntry,
  { type: 'dispatch-stopped' | 'dispatch-resumed' | 'vote-delegated' | 'delegation-ended' }
>;

/** One event of the control stream on. */
export function controlled(control: Control, entry: ControlEntry): Control {
  const without = (person: Person) => control.delegations.filter(({ from }) => from.id !== person.id);
  switch (entry.type) {
    case 'dispatch-stopped':
      return { ...control, stopped: { by: entry.actor, reason: entry.data.reason, at: entry.at } };
    case 'dispatch-resumed': {
      const { stopped: _over, ...rest } = control;
      return rest;
    }
    case 'vote-delegated':
      return { ...control, delegations: [...without(entry.data.from), entry.data] };
    case 'delegation-ended':
      return { ...control, delegations: without(entry.data.from) };
  }
}
