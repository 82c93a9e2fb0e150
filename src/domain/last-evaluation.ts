import type { EventData, LogEntry } from './events.ts';

/** What the guardrails said last, at whichever stage; undefined when nobody has asked them yet. */
export function lastEvaluation(entries: readonly LogEntry[]): EventData<'guardrails-evaluated'> | undefined {
  return entries.findLast((entry) => entry.type === 'guardrails-evaluated')?.data;
}
