import { CONTROL, type Control, noControl } from '../domain/control.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';
import { openRuns } from './projection.ts';

/** What concerns every run, read fresh: a stop must hold from the moment it is stored. */
export const readControl = async (deps: Deps): Promise<Control> =>
  (await loadRun(deps, CONTROL)).control ?? noControl;

/** Something was said that concerns every run: each open one is driven, which redraws its card and asks its guardrails. */
export async function wakeEveryRun(deps: Deps): Promise<undefined> {
  for (const runId of await openRuns(deps)) await deps.engine.wake(runId);
}
