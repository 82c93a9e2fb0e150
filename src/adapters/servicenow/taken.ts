import type { Incident } from '../../domain/incident.ts';
import type { TicketUpdate } from '../../ports.ts';
import type { Mappings } from './mappings.ts';
import type { Row } from './schema.ts';

/** What tells that people have taken an incident into their own hands, and what to say then. */
const watched = {
  reopen_count: 'was reopened',
  state: 'was set to another state',
  assigned_to: 'was assigned to somebody else',
  assignment_group: 'was given to another group',
} as const;
type Watched = keyof typeof watched;
const names = Object.keys(watched) as Watched[];
export const watchedColumns: readonly string[] = names;

/** How an incident stands, to be compared with how it stands later. */
export const seenIn = (row: Row): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((column) => [column, row[column] ?? '']));

/** Whether people would miss what they had done themselves if this was written over it. */
const takesOver = ({ state, assignmentGroup }: TicketUpdate): boolean =>
  state === 'resolved' || assignmentGroup !== undefined;

/** The state of an incident that is over; undefined while it is not. */
export const overOf = (row: Row, { incidentStates }: Mappings): Incident['state'] | undefined =>
  (['resolved', 'closed', 'canceled'] as const).find((state) =>
    incidentStates[state].includes(row['state'] ?? ''),
  );

/**
 * Why the incident is left as it is, in words: it is over, or people have taken it since `update.since`. Undefined when
 * nothing speaks against writing, or only the note is to be written anyway.
 */
export function leftBecause(row: Row, update: TicketUpdate, mappings: Mappings): string | undefined {
  if (!takesOver(update)) return undefined;
  const over = overOf(row, mappings);
  const changed = over === undefined ? changedOf(row, update.since) : `is ${over} already`;
  return changed && sentence(row, changed, `it was not ${actOf(update)}`);
}

/** The same for a note that is there already: what was written with it is nobody else's doing. */
export function leftBefore(row: Row, update: TicketUpdate, mappings: Mappings): string | undefined {
  return overOf(row, mappings) === undefined ? leftBecause(row, update, mappings) : undefined;
}

/** That people took the incident in the very moment it was written to, which ServiceNow has no means to prevent. */
export function takenMeanwhile(
  before: Row,
  after: Row,
  update: TicketUpdate,
  body: Readonly<Record<string, string>>,
): string | undefined {
  if (!takesOver(update)) return undefined;
  const untouched = { ...seenIn(before), ...body };
  const changed = changedOf(after, untouched);
  return changed && sentence(after, `${changed} in the same moment as it was ${actOf(update)}`, 'check it');
}

const actOf = ({ state, assignmentGroup }: TicketUpdate): string =>
  state === 'resolved' ? 'resolved by Handrail' : `handed to ${assignmentGroup ?? ''}`;

const changedOf = (row: Row, since: Readonly<Record<string, string>> = {}): string | undefined => {
  const column = names.find((name) => since[name] !== undefined && since[name] !== (row[name] ?? ''));
  return column && watched[column];
};

const sentence = (row: Row, what: string, then: string): string =>
  `${row['number'] || 'the incident'} ${what}: ${then}`;
