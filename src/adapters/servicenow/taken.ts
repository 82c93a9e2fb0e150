import type { Incident } from '../../domain/incident.ts';
import type { TicketUpdate } from '../../ports.ts';
import type { Mappings } from './mappings.ts';
import type { Row } from './schema.ts';

/** Who has an incident, and what to say when that is another one now. */
const hands = {
  assigned_to: 'was assigned to somebody else',
  assignment_group: 'was given to another group',
} as const;

/** What else tells that people see it otherwise than when the run was let go ahead. */
const watched = ({ columns }: Mappings): Readonly<Record<string, string>> => ({
  reopen_count: 'was reopened',
  state: 'was set to another state',
  ...hands,
  [columns.incidentCi]: 'names another configuration item',
});
export const watchedColumns = (mappings: Mappings): readonly string[] => Object.keys(watched(mappings));

/** How an incident stands, to be compared with how it stands later. */
export const seenIn = (row: Row, mappings: Mappings): Readonly<Record<string, string>> =>
  Object.fromEntries(watchedColumns(mappings).map((column) => [column, row[column] ?? '']));

/**
 * What of it people would miss if this was written over what they had done: to resolve takes more leave than to hand over
 * what has failed, which only those who have it need not be spared. Undefined where nothing is written over.
 */
function missed({ state, assignmentGroup }: TicketUpdate, mappings: Mappings) {
  if (state === 'resolved') return watched(mappings);
  return assignmentGroup === undefined ? undefined : hands;
}

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
  const what = missed(update, mappings);
  if (what === undefined) return undefined;
  const over = overOf(row, mappings);
  const changed = over === undefined ? changedOf(row, what, update.since) : `is ${over} already`;
  return changed && sentence(row, changed, `it was not ${actOf(update)}`);
}

/**
 * The same for a note that is there already: what was written with it is nobody else's doing. One that stands alone, because
 * ServiceNow refused the rest and the process died then, has to be told too.
 */
export function leftBefore(row: Row, update: TicketUpdate, mappings: Mappings): string | undefined {
  if (overOf(row, mappings) !== undefined) return undefined;
  const alone = sentence(row, 'is not resolved', 'of its last work note only the text was written');
  return leftBecause(row, update, mappings) ?? (update.state === 'resolved' ? alone : undefined);
}

/** That people took the incident in the very moment it was written to, which ServiceNow has no means to prevent. */
export function takenMeanwhile(
  { before, after }: { readonly before: Row; readonly after: Row },
  update: TicketUpdate,
  body: Readonly<Record<string, string>>,
  mappings: Mappings,
): string | undefined {
  const what = missed(update, mappings);
  if (what === undefined) return undefined;
  const changed = changedOf(after, what, { ...seenIn(before, mappings), ...body });
  return changed && sentence(after, `${changed} in the same moment as it was ${actOf(update)}`, 'check it');
}

const actOf = ({ state, assignmentGroup }: TicketUpdate): string =>
  state === 'resolved' ? 'resolved by Handrail' : `handed to ${assignmentGroup ?? ''}`;

/** The first that is another one now. Taken from somebody and given to nobody is no other hand. */
function changedOf(
  row: Row,
  what: Readonly<Record<string, string>>,
  since: Readonly<Record<string, string>> = {},
): string | undefined {
  const column = Object.keys(what).find((name) => {
    const now = row[name] ?? '';
    return since[name] !== undefined && since[name] !== now && !(name in hands && now === '');
  });
  return column === undefined ? undefined : what[column];
}

const sentence = (row: Row, what: string, then: string): string =>
  `${row['number'] || 'the incident'} ${what}: ${then}`;
