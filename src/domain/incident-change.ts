import type { Run } from './run.ts';

/** What became of the incident while steps were under way, in words; undefined when it stayed as it was. */
export function incidentChangeOf({ entries }: Pick<Run, 'entries'>): string | undefined {
  const last = entries.findLast((entry) => entry.type === 'incident-changed');
  return last?.data.reason;
}
