import type { PastRemediation } from '../domain/facts.ts';
import { mostChanges } from '../domain/reach.ts';
import type { LogQuery } from '../ports.ts';
import type { Deps } from './deps.ts';

const HOUR_MS = 3_600_000;
/** Remediation steps of a run that the page for the rate has room for, where no runbook has more. */
const STEPS_A_RUN = 4;
/** Flapping counts so many runs on an item at most. */
const MOST_RUNS = 20;

/** Remediations on an item by other runs, newest first. */
export const pastRemediations = (deps: Deps, ci: string, runId: string): Promise<PastRemediation[]> =>
  claimed(deps, { ci }, runId, mostOnItem(deps));

/** Room for runs of several steps, such as the batches of a pool, and for those that never began. */
const mostOnItem = (deps: Deps): number => MOST_RUNS * Math.max(3, mostSteps(deps));

const mostSteps = ({ catalogue }: Deps): number =>
  Math.max(...[...catalogue.runbooks.values()].map(({ runbook }) => mostChanges(runbook)));

/** Remediations of the last hour anywhere by other runs, newest first. */
export async function lastHour(deps: Deps, runId: string): Promise<PastRemediation[]> {
  const since = deps.clock.now().getTime() - HOUR_MS;
  const { perHour = 0, perRunbookPerHour = 0 } = deps.catalogue.policy.policy.limits;
  const steps = Math.max(STEPS_A_RUN, mostSteps(deps));
  const most = steps * Math.max(perHour, perRunbookPerHour) + mostOnItem(deps);
  const found = await claimed(deps, {}, runId, most);
  return found.filter(({ at }) => at.getTime() >= since);
}

/** What the log says was claimed, unless the target certainly never began. A run counts once, by its first remediation. */
async function claimed(
  deps: Deps,
  about: LogQuery['where'],
  runId: string,
  limit: number,
): Promise<PastRemediation[]> {
  const where = { phase: 'remediation', ...about };
  const [started, finished] = await Promise.all([
    deps.log.find({ where: { type: 'step-started', ...where }, limit }),
    deps.log.find({ where: { type: 'step-finished', ...where }, limit }),
  ]);
  const never = new Set(
    finished.flatMap((entry) =>
      entry.type === 'step-finished' && entry.data.result === 'not-started'
        ? [`${entry.runId} ${entry.data.step}`]
        : [],
    ),
  );
  const byRun = new Map<string, PastRemediation>();
  for (const entry of started) {
    if (entry.type !== 'step-started' || entry.runId === runId) continue;
    if (never.has(`${entry.runId} ${entry.data.step}`)) continue;
    const { ci, incident, runbook } = entry.subject;
    byRun.set(entry.runId, { runId: entry.runId, runbook: runbook.id, ci, incident, at: new Date(entry.at) });
  }
  return [...byRun.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
}
