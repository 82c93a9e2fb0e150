import type { Handlers } from '../ports.ts';
import type { Deps } from './deps.ts';
import { drive } from './drive.ts';
import { openRuns } from './projection.ts';
import { openSession } from './session.ts';

/** What the engine calls. Both may be called twice, late, or after the end. */
export function handlers(deps: Deps): Handlers {
  // which state of each card this process drew last; losing it costs one redraw a run
  const drawn = new Map<string, string>();
  return {
    command: async (runId, command) => (await openSession(deps, runId)).decide(command),
    drive: (runId) => drive(deps, runId, drawn),
    openRuns: () => openRuns(deps),
  };
}
