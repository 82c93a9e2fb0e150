import { byTime, type Series } from './prometheus-answer.ts';

/** Asks for the time, in seconds, of the oldest sample that each selector reads. */
export const ageQuery = (selectors: readonly string[]): string =>
  selectors
    .map((selector, n) => `label_replace(min(timestamp(${selector})), "selector", "${n}", "", "")`)
    .join(' or ');

/** Why what was read at a time is no proof, or undefined when all of it was sampled after the change. */
export type Freshness = (at: number) => string | undefined;

/**
 * Judges the answers to an age query at `times`. A query that reaches back over a range is fresh once the whole range lies
 * after the last time at which something old was still read. `since` and times are epoch milliseconds.
 */
export function freshness(
  series: readonly Series[],
  times: readonly number[],
  since: number,
  reachMs: number,
): Freshness {
  const oldest = byTime(series);
  const isStale = (at: number): boolean =>
    (oldest.get(at) ?? []).some(({ text }) => Number(text) * 1_000 <= since);
  const firstFresh = times[times.findLastIndex(isStale) + 1] ?? Number.POSITIVE_INFINITY;
  return (at) => {
    if (isStale(at)) return 'sampled before the end of the change';
    if (!oldest.has(at)) return 'nothing that the query reads has a sample';
    if (at - reachMs < firstFresh) return 'reaches back before the end of the change';
    return undefined;
  };
}
