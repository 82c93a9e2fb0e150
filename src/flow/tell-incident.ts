import { markerOf, type Note } from '../domain/notes.ts';
import type { Run } from '../domain/run.ts';
import type { Updated } from '../ports.ts';
import type { Deps } from './deps.ts';

/** What came of a report. `note` is '' when it was delivered, and says why when it never can be. */
export type Told = { readonly note: string } & Updated;

/**
 * Writes a note and what goes with it to the incident. How the incident stood when the run was let go ahead is
 * remembered: what people do to it from then on is theirs, and no end of the run is written over it. Where that could not
 * be told to the incident, nobody knows how it stood, and it is not resolved.
 */
export async function tellIncident(deps: Deps, run: Run, key: string, note: Note): Promise<Told> {
  const since = lastSeen(run);
  const unknown = note.state === 'resolved' && isUnknown(run, since);
  const why = `how ${run.proposal?.incident.number} stood when the run was let go ahead is not known: it was not resolved by Handrail`;
  const update = unknown ? { workNote: `${note.workNote}\nLeft as it is: ${why}.` } : note;
  const { seen, left = unknown ? why : undefined } = await deps.itsm.update({
    sysId: run.proposal?.incident.sysId ?? '',
    marker: markerOf(run, key),
    ...update,
    ...(since === undefined ? {} : { since }),
  });
  return {
    note: '',
    ...(note.state === 'in-progress' && seen !== undefined ? { seen } : {}),
    ...(left === undefined ? {} : { left }),
  };
}

/**
 * The note of the approval was refused, or others had saved the incident before it could be looked at. A run of before
 * anything was remembered was told without a word; it goes on as it began.
 */
const isUnknown = ({ reported }: Run, since: Updated['seen']): boolean =>
  since === undefined
    ? Object.entries(reported).some(([key, note]) => key.startsWith('ticket:approved:') && note !== '')
    : Object.keys(since).length === 0;

function lastSeen({ entries }: Run): Updated['seen'] {
  const last = entries.findLast((entry) => entry.type === 'reported' && entry.data.seen !== undefined);
  return last?.type === 'reported' ? last.data.seen : undefined;
}
