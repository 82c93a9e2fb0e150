import { AppError } from '../../domain/errors.ts';
import type { Incident } from '../../domain/incident.ts';
import type { TicketUpdate } from '../../ports.ts';
import type { Mappings } from './mappings.ts';
import { noteText } from './notes.ts';

/** What a PATCH sets. */
export type Written = Readonly<Record<string, string>>;

/** The note, and the approval: what is written whoever has the incident. */
export function noteOf(
  update: TicketUpdate,
  left: string | undefined,
  { approvals, columns }: Mappings,
): Written {
  const { approval } = update;
  const text = left === undefined ? update.workNote : `${update.workNote}\nLeft as it is: ${left}.`;
  return {
    work_notes: noteText(text, update.marker),
    ...(approval === undefined ? {} : { [columns.incidentApproval]: approvals[approval] }),
  };
}

/** State and close fields. Throws `itsm-refused` or `config-invalid` when they cannot be written. */
export function stateFields(update: TicketUpdate, mappings: Mappings): Written {
  if (update.state === undefined) return {};
  const state = rawState(mappings, update.state);
  if (update.state !== 'resolved') return { state };
  if (update.close === undefined || update.close.notes === '')
    throw new AppError({
      code: 'itsm-refused',
      message: 'an incident cannot be resolved without close code and close notes',
      fix: 'Give the runbook a `resolve` section with code and notes.',
    });
  const { code, notes } = update.close;
  const own = Object.hasOwn(mappings.closeCodes, code) ? mappings.closeCodes[code] : undefined;
  return { state, close_code: own ?? code, close_notes: notes };
}

function rawState(mappings: Mappings, state: Incident['state']): string {
  const [raw] = mappings.incidentStates[state];
  if (raw !== undefined) return raw;
  throw new AppError({
    code: 'config-invalid',
    message: `no value of incident.state is mapped to ${state}`,
    fix: 'Add one to incident.states in servicenow.yaml.',
  });
}
