import { markerOf, type Note } from '../domain/notes.ts';
import type { Run } from '../domain/run.ts';
import type { Updated } from '../ports.ts';
import type { Deps } from './deps.ts';

/** What came of a report. `note` is '' when it was delivered, and says why when it never can be. */
export type Told = { readonly note: string } & Updated;

/**
 * Writes a note and what goes with it to the incident. How the incident stood when the run was let go ahead is
 * remembered: what people do to it from then on is theirs, and no end of the run is written over it.
 */
export async function tellIncident(deps: Deps, run: Run, key: string, note: Note): Promise<Told> {
  const since = lastSeen(run);
  const { seen, left } = await deps.itsm.update({
    sysId: run.proposal?.incident.sysId ?? '',
    marker: markerOf(run, key),
    ...note,
    ...(since === undefined ? {} : { since }),
  });
  return {
    note: '',
    ...(note.state === 'in-progress' && seen !== undefined ? { seen } : {}),
    ...(left === undefined ? {} : { left }),
  };
}

function lastSeen({ entries }: Run): Updated['seen'] {
  const last = entries.findLast((entry) => entry.type === 'reported' && entry.data.seen !== undefined);
  return last?.type === 'reported' ? last.data.seen : undefined;
}
