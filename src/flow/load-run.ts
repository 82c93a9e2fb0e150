import { fold, type Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';

/** A run as its log tells it; a run without events is one that does not exist yet. */
export async function loadRun(deps: Deps, runId: string): Promise<Run> {
  return fold(runId, await deps.log.read(runId));
}
