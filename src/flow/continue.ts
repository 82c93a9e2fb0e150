import type { Reply } from '../domain/commands.ts';
import type { Origin, Person } from '../domain/people.ts';
import { codeOf, type Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';
import { markOpen } from './projection.ts';
import { moveClaim } from './propose.ts';

export type Continued =
  | { readonly ok: true; readonly runId: string }
  | Extract<Reply, { readonly ok: false }>;

/**
 * Proposes what is left of a run that has ended, as a run of its own. The log of the first one names the second one before
 * that exists, so however often and from wherever this is asked for, there is one.
 */
export async function continueRun(deps: Deps, runId: string, by: Person, origin: Origin): Promise<Continued> {
  const reply = await deps.engine.submit(runId, { name: 'continue', next: deps.ids.ulid(), by, origin });
  if (!reply.ok) return reply;
  const run = await loadRun(deps, runId);
  const proposed = await proposeRest(deps, run);
  return proposed.ok ? { ok: true, runId: run.continued?.runId ?? '' } : proposed;
}

/** Makes the run that the log names. Whoever stored that name does it, and the engine does it after a crash. */
export async function proposeRest(deps: Deps, run: Run): Promise<Reply> {
  const { proposal, continued, closed } = run;
  const entry = run.entries.findLast(({ type }) => type === 'run-continued');
  if (proposal === undefined || continued === undefined || entry === undefined)
    return { ok: true, changed: false };
  const { incident, runbook } = proposal;
  const { runId: next } = continued;
  await markOpen(deps, next, incident.number, runbook.id);
  const reply = await deps.engine.submit(next, {
    name: 'propose',
    incident: incident.sysId,
    runbook: runbook.id,
    reason: `continues run ${codeOf(run.runId)}, which ended: ${closed?.outcome ?? ''}`,
    resumes: run.runId,
    by: entry.actor,
    origin: entry.origin,
  });
  const known = !reply.ok && reply.refusal.code === 'already-proposed';
  if (!reply.ok && !known) return reply;
  await moveClaim(deps, { incident, runbook: runbook.id }, next);
  return known ? { ok: true, changed: false } : reply;
}
