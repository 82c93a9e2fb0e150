import { spell } from '../../domain/duration.ts';
import { spellThreshold, type Threshold } from '../../domain/probe.ts';
import type { ProbeCheck, ProbeMoment, ProbeResult } from '../../ports.ts';

/**
 * Looks once, at one kind of probe. What was measured after the deadline is not looked at, so that a process that was away
 * comes to the same verdict as one that was not. Throws AppError for what looking again cannot mend.
 */
export type Looker<P> = { look(probe: P, moment: ProbeMoment): Promise<ProbeResult> };

/** One sample: `at` is epoch milliseconds. */
export type Sample = {
  readonly at: number;
  readonly ok: boolean;
  readonly why: string;
  readonly value?: number;
};

export type Terms = {
  /** What was asked, for people. */
  readonly what: string;
  readonly threshold: Threshold;
  readonly forMs: number;
  /** Distance of the samples, and so of the looks. */
  readonly everyMs: number;
  /** How much time one sample stands for, from its `at` on. */
  readonly widthMs: number;
  /** No sample before this counts. */
  readonly from: number;
};

export type Seen = { readonly now: number; readonly status: number; readonly ms: number };

/**
 * The verdict on samples in order of time. It is healthy when the last ones hold and reach over `forMs`; unhealthy when
 * that cannot come true before the deadline any more; else it says when it might. Nothing is remembered between looks, the
 * measurements are history that can be read again: a restart in the middle costs nothing.
 */
export function judge(
  samples: readonly Sample[],
  terms: Terms,
  seen: Seen,
  moment: ProbeMoment,
): ProbeResult {
  const { forMs, everyMs, widthMs, from } = terms;
  const run = samples.slice(samples.findLastIndex(({ ok }) => !ok) + 1);
  const [first, last] = [run[0], run.at(-1)];
  const healthy = first !== undefined && last !== undefined && last.at + widthMs - first.at >= forMs;
  const look = { healthy, summary: summaryOf(samples, run, terms), checks: samples.map(checkOf(seen)) };
  if (healthy) return look;
  const end = moment.until.getTime();
  const newest = samples.at(-1);
  const start = Math.max(from, first?.at ?? (newest === undefined ? from : newest.at + everyMs));
  const earliest = start + Math.max(forMs, widthMs);
  const next = Math.min(Math.max(earliest, seen.now + everyMs), end);
  return earliest > end || next <= seen.now ? look : { ...look, again: new Date(next) };
}

/** A look at which nothing could be seen: another one may, until the deadline. */
export function unseen(
  why: string,
  terms: Pick<Terms, 'what' | 'everyMs'>,
  seen: Seen,
  moment: ProbeMoment,
  waitMs: number,
): ProbeResult {
  const again = new Date(seen.now + Math.max(terms.everyMs, waitMs));
  const checks = [{ at: new Date(seen.now).toISOString(), ok: false, status: seen.status, ms: seen.ms, why }];
  const look = { healthy: false, summary: `${terms.what} could not be read: ${why}`, checks };
  return again.getTime() > moment.until.getTime() ? look : { ...look, again };
}

const checkOf =
  ({ status, ms }: Seen) =>
  ({ at, ...rest }: Sample): ProbeCheck => ({ at: new Date(at).toISOString(), status, ms, ...rest });

function summaryOf(samples: readonly Sample[], run: readonly Sample[], terms: Terms): string {
  const { what, threshold, forMs } = terms;
  const wanted = spellThreshold(threshold, forMs);
  const bad = samples.findLast(({ ok }) => !ok);
  const last = samples.at(-1);
  if (last === undefined) return `${what}: no data`;
  const held =
    run.length === 0 ? '' : `, then it held for ${spell(last.at + terms.widthMs - (run[0]?.at ?? 0))}`;
  if (bad === undefined)
    return `${what}: ${last.why}; ${run.length} sample${run.length === 1 ? '' : 's'}, ${wanted} needed`;
  return `${what}: ${wanted} needed; ${new Date(bad.at).toISOString()}: ${bad.why}${held}`;
}
