import { AppError, messageOf } from '../../domain/errors.ts';
import type { TicketUpdate, Updated } from '../../ports.ts';
import type { Client } from './client.ts';
import { groupSysId } from './groups.ts';
import type { Mappings } from './mappings.ts';
import { noteExists, noteText } from './notes.ts';
import { readOne } from './read.ts';
import { isSysId, One, type Row } from './schema.ts';
import { leftBecause, leftBefore, overOf, seenIn, takenMeanwhile, watchedColumns } from './taken.ts';
import { noteOf, stateFields, type Written } from './update-body.ts';

type World = {
  readonly client: Client;
  readonly mappings: Mappings;
  readonly integrationUser: string;
};
/** What is compared after a write. */
const writable = ({ columns }: Mappings) => [
  'state',
  columns.incidentApproval,
  'assignment_group',
  'close_code',
];
const columnsOf = (mappings: Mappings) => [
  'number',
  'sys_mod_count',
  'sys_updated_by',
  ...watchedColumns(mappings),
  ...writable(mappings),
];
const attempts = 2;

/**
 * Writes a work note (never a comment: customers see those) and fields in one request.
 * Nothing is written when our note with the marker is there already. When the journal may not be read, a repeat in a
 * later call writes the note a second time; within this call the version of the incident tells.
 * An incident that is over, or that people have taken since `update.since`, keeps its state, close fields and group; it
 * gets the note, which says so.
 * When ServiceNow refuses the fields, the note goes alone and says so, and the refusal is thrown.
 */
export async function writeUpdate(world: World, update: TicketUpdate): Promise<Updated> {
  if (!isSysId(update.sysId)) throw unreadable();
  for (let attempt = 1; ; attempt += 1) {
    const [written, group] = await Promise.all([isWritten(world, update), groupOf(world, update)]);
    if (written) return asItStands(world, update);
    // read last, so that little time is left for somebody else to write in between
    const before = await current(world, update.sysId);
    const left = leftBecause(before, update, world.mappings);
    const sent = await send(world, update, { before, group, left });
    if (!('lost' in sent)) return updated(world.mappings, left, await compare(world, update, before, sent));
    await world.client.pause(attempt);
    if (await wasApplied(world, update, before, sent.lost)) return asItStands(world, update);
    if (attempt >= attempts) throw sent.lost;
  }
}

type Compared = { readonly stands: Row; readonly race: string | undefined };

const updated = (mappings: Mappings, left: string | undefined, { stands, race }: Compared): Updated => {
  const said = left ?? race;
  return { seen: seenIn(stands, mappings), ...(said === undefined ? {} : { left: said }) };
};

/** What came of an update that was written before. How the incident stood right after is not told by what others saved since. */
async function asItStands(world: World, update: TicketUpdate): Promise<Updated> {
  const stands = await current(world, update.sysId);
  const left = leftBefore(stands, update, world.mappings);
  const was = updated(world.mappings, left, { stands, race: undefined });
  return isOurs(world, stands) ? was : { ...was, seen: {} };
}

const isOurs = ({ integrationUser }: World, row: Row): boolean =>
  (row['sys_updated_by'] ?? '').toLowerCase() === integrationUser.toLowerCase();

type Patched = { readonly body: Written; readonly after: Row };
type Sent = Patched | { readonly lost: AppError };
/** What an attempt rests on. */
type Ground = { readonly before: Row; readonly group: Group; readonly left: string | undefined };

/** One attempt; `lost` when nobody knows whether the write happened. */
async function send(world: World, update: TicketUpdate, ground: Ground): Promise<Sent> {
  try {
    const body = bodyFor(world, update, ground);
    return { body, after: await patch(world, update.sysId, body) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.maybeApplied) return { lost: error };
    if (!error.retryable) await sendNote(world, update, error);
    throw error;
  }
}

/** The note alone, after its fields were refused, so that the ticket tells what happened all the same. */
async function sendNote(world: World, update: TicketUpdate, refusal: AppError): Promise<void> {
  const { approval, state, assignmentGroup } = update;
  if (approval === undefined && state === undefined && assignmentGroup === undefined) return;
  const text = `${update.workNote}\nNothing but this note was written: ${refusal.message}.`;
  try {
    await patch(world, update.sysId, { work_notes: noteText(text, update.marker) });
  } catch (error) {
    throw new AppError({
      code: refusal.code,
      message: `${refusal.message}; the work note alone failed too: ${messageOf(error)}`,
      fix: refusal.fix,
    });
  }
}

const isWritten = (world: World, update: TicketUpdate): Promise<boolean | undefined> =>
  noteExists(world.client, update.sysId, update.marker, world.integrationUser);

async function current(world: World, sysId: string): Promise<Row> {
  const row = await readOne(world.client, 'incident', sysId, columnsOf(world.mappings));
  if (row === undefined) throw unreadable();
  return row;
}

const unreadable = (): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: 'the incident to update cannot be read',
    fix: 'The incident does not exist or the integration user may not see it. Check both in ServiceNow.',
  });

async function patch({ client, mappings }: World, sysId: string, body: Written): Promise<Row> {
  const what = 'PATCH incident';
  const answer = await client.send(what, {
    method: 'PATCH',
    path: `/api/now/table/incident/${sysId}`,
    query: {
      sysparm_fields: ['sys_id', ...columnsOf(mappings)].join(','),
      sysparm_display_value: 'false',
      sysparm_exclude_reference_link: 'true',
    },
    type: 'application/json',
    body: Buffer.from(JSON.stringify(body)),
    fields: Object.keys(body),
  });
  return client.parse(what, One, answer).result;
}

/** After an answer was lost: whether the write happened, by the journal or else by the version. Throws when nobody can tell. */
async function wasApplied(world: World, update: TicketUpdate, before: Row, lost: AppError): Promise<boolean> {
  const written = await isWritten(world, update);
  if (written !== undefined) return written;
  const now = await current(world, update.sysId);
  const grown = Number(now['sys_mod_count']) - Number(before['sys_mod_count']);
  if (grown === 0) return false;
  if (isOurs(world, now)) return true;
  throw new AppError({
    code: 'itsm-unreachable',
    message: `${messageOf(lost)}; the incident has changed since, and the journal may not be read`,
    fix: 'Look at the incident in ServiceNow for the work note. Let the integration user read sys_journal_field, so that Handrail can look itself.',
    retryable: true,
    maybeApplied: true,
  });
}

type Group = { readonly sysId?: string; readonly refusal?: AppError };

/** The group that takes over. That there is none matters only when it is written: an incident that is over keeps its own. */
async function groupOf({ client }: World, { assignmentGroup }: TicketUpdate): Promise<Group> {
  if (assignmentGroup === undefined) return {};
  try {
    return { sysId: await groupSysId(client, assignmentGroup) };
  } catch (error) {
    if (error instanceof AppError && !error.retryable) return { refusal: error };
    throw error;
  }
}

function bodyFor({ mappings }: World, update: TicketUpdate, { before, group, left }: Ground): Written {
  const note = noteOf(update, left, mappings);
  if (left !== undefined || overOf(before, mappings) !== undefined) return note;
  if (group.refusal !== undefined) throw group.refusal;
  const taker = group.sysId === undefined ? {} : { assignment_group: group.sysId };
  return { ...note, ...taker, ...stateFields(update, mappings) };
}

/**
 * Whether what was asked for is what stands. ServiceNow leaves out fields the user may not write without a word, and
 * has no conditional write: the version is compared around the PATCH, which finds a race but cannot prevent it.
 */
async function compare(
  world: World,
  update: TicketUpdate,
  before: Row,
  { body, after }: Patched,
): Promise<Compared> {
  const alone = Number(after['sys_mod_count']) === Number(before['sys_mod_count']) + 1;
  const stands = alone ? after : await current(world, update.sysId);
  const lost = writable(world.mappings).filter(
    (column) => body[column] !== undefined && stands[column] !== body[column],
  );
  if (lost.length === 0)
    return {
      stands,
      race: alone ? undefined : takenMeanwhile({ before, after: stands }, update, body, world.mappings),
    };
  const number = before['number'] ?? 'the incident';
  throw new AppError({
    code: 'itsm-refused',
    message: `${number}: the work note is written, but ${lost.join(', ')} did not keep the new value`,
    fix: alone
      ? `Give the integration user the right to write ${lost.join(', ')} of incident, then set it in ${number} by hand.`
      : `Somebody or a rule changed ${number} at the same time. Check ${lost.join(', ')} there.`,
  });
}
