import { AppError, messageOf } from '../domain/errors.ts';
import { type Report, reportsDue } from '../domain/reports.ts';
import type { Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';

/** What is written to the incident, one after the other. */
export const ticketReports: readonly Report['to'][] = ['ticket', 'attachments', 'file', 'series'];

/** An incident has a few open runs; the page begins with the earliest. */
const MOST = 50;

/**
 * Whether what a run has to tell its incident comes next: an earlier run of the same incident that still has something to
 * tell it goes first. Told late, the end of that run would take back the approval that was requested since.
 */
export async function isItsTurn(deps: Deps, { runId, proposal }: Run): Promise<boolean> {
  const where = { kind: 'run', status: 'open', incident: proposal?.incident.number ?? '' };
  const { items } = await deps.state.list({ where, limit: MOST });
  // ids sort by the time at which they were made
  const earlier = items.map(({ item }) => item.id).filter((id) => id < runId);
  const telling = await Promise.all(earlier.map((id) => hasToTell(deps, id)));
  return !telling.includes(true);
}

/** A run that can never be read again tells nothing, and must not keep the others from it. */
async function hasToTell(deps: Deps, runId: string): Promise<boolean> {
  try {
    return reportsDue(await loadRun(deps, runId)).some(({ to }) => ticketReports.includes(to));
  } catch (error) {
    deps.report('warn', 'an earlier run of the incident cannot be read', {
      run: runId,
      why: messageOf(error),
    });
    return !(error instanceof AppError) || error.retryable;
  }
}
