import type { PastRemediation } from '../facts.ts';

type Runs = readonly PastRemediation[];

export const newestFirst = (runs: Runs): Runs => [...runs].sort((a, b) => b.at.getTime() - a.at.getTime());

/** The runs of a span of time (ms) that ends now, newest first. One exactly as old as the span is not in it any more. */
export const runsWithin = (runs: Runs, span: number, now: Date): Runs =>
  newestFirst(runs.filter(({ at }) => now.getTime() - at.getTime() < span));

/** When fewer than `most` of these runs (newest first) are within the span; undefined when that is so already. */
export function freeAt(runs: Runs, most: number | undefined, span: number): Date | undefined {
  const last = most === undefined ? undefined : runs[most - 1];
  return last && new Date(last.at.getTime() + span);
}
