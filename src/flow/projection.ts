import { codeOf, type Run } from '../domain/run.ts';
import { startOf } from '../domain/run-id.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';

/** The list entry of a run. It exists before the run's first event, so that no run can be forgotten. */
export async function markOpen(deps: Deps, runId: string, incident: string, runbook: string): Promise<void> {
  await deps.state.put(item(runId, 'open', incident, runbook), 'any');
}

export async function markSettled(deps: Deps, run: Run): Promise<void> {
  const { incident, runbook } = run.proposal ?? {};
  await deps.state.put(item(run.runId, 'settled', incident?.number ?? '', runbook?.id ?? ''), 'any');
}

const STALE_MS = 86_400_000;

/** An id this old that is no run yet will never be one; a new proposal takes a new id. */
export const isStale = (deps: Deps, runId: string): boolean =>
  deps.clock.now().getTime() - startOf(runId).getTime() > STALE_MS;

/** A run id that never became a run (its proposal was refused) leaves the list after a day; until then it may still be made. */
export async function forgetIfStale(deps: Deps, runId: string): Promise<undefined> {
  if (isStale(deps, runId)) await deps.state.remove(pkOf(runId), runId);
}

/** Every run that has not told everybody its end yet. */
export async function openRuns(deps: Deps): Promise<string[]> {
  const runs: string[] = [];
  let after: string | undefined;
  do {
    const where = { kind: 'run', status: 'open' };
    const page = await deps.state.list({ where, limit: 500, ...(after === undefined ? {} : { after }) });
    runs.push(...page.items.map(({ item: { id } }) => id));
    after = page.after;
  } while (after !== undefined);
  return runs;
}

/** Runs by short code, newest first. */
export async function runsByCode(deps: Pick<Deps, 'state'>, code: string): Promise<string[]> {
  const page = await deps.state.list({
    where: { kind: 'run', code: code.toUpperCase() },
    limit: 5,
    order: 'desc',
  });
  return page.items.map(({ item: { id } }) => id);
}

const pkOf = (runId: string): string => `run:${runId}`;

const item = (runId: string, status: 'open' | 'settled', incident: string, runbook: string): StateItem => ({
  pk: pkOf(runId),
  id: runId,
  kind: 'run',
  k: `run|${runId}`,
  status,
  code: codeOf(runId),
  incident,
  runbook,
  body: null,
});
