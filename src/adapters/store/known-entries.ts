import type { LogEntry } from '../../domain/events.ts';

/** What this process has read or written of some runs. Stored events never change, so it is never wrong, only short. */
export interface KnownEntries {
  of(runId: string): readonly LogEntry[];
  /** Remembers the log of a run from its first event on; one that is shorter than what is known is older. */
  keep(runId: string, entries: readonly LogEntry[]): void;
}

/** Holds that many runs; the one that was not asked for the longest makes room. */
export function knownEntries(most: number): KnownEntries {
  const runs = new Map<string, readonly LogEntry[]>();
  const keep = (runId: string, entries: readonly LogEntry[]): void => {
    runs.delete(runId);
    runs.set(runId, entries);
    for (const oldest of runs.keys()) {
      if (runs.size <= most) return;
      runs.delete(oldest);
    }
  };
  return {
    of(runId) {
      const entries = runs.get(runId);
      if (entries !== undefined) keep(runId, entries);
      return entries ?? [];
    },
    keep(runId, entries) {
      if (entries.length > (runs.get(runId)?.length ?? 0)) keep(runId, entries);
    },
  };
}
