import { AppError } from '../../domain/errors.ts';
import type { PrometheusProbe } from '../../domain/probe.ts';
import { reachOf } from '../../domain/promql-reach.ts';
import type { Clock, ProbeMoment, ProbeResult } from '../../ports.ts';
import { judge, type Looker, type Sample, type Terms, unseen } from './look.ts';
import { ageQuery, type Freshness, freshness } from './prometheus-age.ts';
import { byTime, judgeValues } from './prometheus-answer.ts';
import { askRange, type PrometheusServer, type Range } from './prometheus-range.ts';

export type PrometheusSettings = {
  /** The Prometheus that may be asked, by name; `default` is meant where a runbook names none. */
  readonly servers: ReadonlyMap<string, PrometheusServer>;
  /** Milliseconds for one question; 10 s unless told. */
  readonly withinMs?: number;
  readonly clock?: Clock;
};

/** The name of the Prometheus that is meant where a runbook names none. */
export const DEFAULT_SERVER = 'default';

type Ask = (query: string, times: readonly number[]) => Promise<Range>;
type Read = Extract<Range, { ok: true }> & { readonly samples: readonly Sample[] };

/**
 * Looks at a query in the history that Prometheus keeps: the values of every series each `every`, over `for`. Each has to
 * hold; no data, NaN and Inf do not, nor does what Prometheus warns of, unless the runbook ignores that. Nothing counts
 * that was sampled, or reaches back, before the end of the change. Throws `runbook-invalid` and `probe-refused`.
 */
export function prometheus(settings: PrometheusSettings): Looker<PrometheusProbe> {
  const { clock = { now: () => new Date() } } = settings;
  return {
    async look(probe, moment) {
      const ask = askerOf(settings, probe);
      const now = Math.min(clock.now().getTime(), moment.until.getTime());
      const terms = termsOf(probe, moment);
      const range = await read(ask, probe, moment, now);
      const seen = { now, status: range.status, ms: range.ms };
      const look = range.ok
        ? judge(range.samples, terms, seen, moment)
        : unseen(range.why, terms, seen, moment, range.waitMs);
      return look.again === undefined && moment.before ? beside(look, ask, probe, moment.before) : look;
    },
  };
}

function askerOf({ servers, withinMs = 10_000 }: PrometheusSettings, probe: PrometheusProbe): Ask {
  const name = probe.target ?? DEFAULT_SERVER;
  const server = servers.get(name);
  if (server === undefined)
    throw new AppError({
      code: 'probe-refused',
      message: `there is no Prometheus called ${name}`,
      fix: `Correct the target of the verification step; configured: ${[...servers.keys()].join(', ') || 'none'}.`,
    });
  return (query, times) => askRange(server, query, times, withinMs);
}

function termsOf(probe: PrometheusProbe, { since }: ProbeMoment): Terms {
  const { query, every, newerThanAction } = probe;
  const from = newerThanAction ? since.getTime() + reachOf(query).reachMs : 0;
  const what = `Prometheus: ${query}`;
  return { what, threshold: probe, forMs: probe.for, everyMs: every, widthMs: 0, from };
}

async function read(
  ask: Ask,
  probe: PrometheusProbe,
  { since }: ProbeMoment,
  now: number,
): Promise<Read | Extract<Range, { ok: false }>> {
  const { query, every, newerThanAction } = probe;
  const from = newerThanAction ? since.getTime() : 0;
  const times = timesUntil(now, every, Math.ceil(probe.for / every), from);
  const values = await ask(query, times);
  if (!values.ok) return values;
  if (!newerThanAction) return { ...values, samples: samplesOf(probe, times, values, () => undefined) };
  const { selectors, reachMs } = reachOf(query);
  const earlier = timesUntil(now, every, times.length - 1 + Math.ceil(reachMs / every), from);
  const ages = await ask(ageQuery(selectors), earlier);
  if (!ages.ok) return ages;
  const fresh = freshness(ages.series, earlier, from, reachMs);
  return { ...values, samples: samplesOf(probe, times, values, fresh) };
}

/** `steps` times `every` apart and the last one now, but none before `from`. */
function timesUntil(now: number, every: number, steps: number, from: number): number[] {
  const count = Math.max(0, Math.min(steps, Math.floor((now - from) / every)));
  return Array.from({ length: count + 1 }, (_, n) => now - (count - n) * every);
}

function samplesOf(
  probe: PrometheusProbe,
  times: readonly number[],
  { series, notes }: Extract<Range, { ok: true }>,
  fresh: Freshness,
): Sample[] {
  const values = byTime(series);
  const [note] = notes;
  return times.map((at) => {
    const sample = judgeValues(at, values.get(at) ?? [], probe);
    const doubt = note !== undefined && probe.warnings === 'fail' ? `Prometheus warns: ${note}` : fresh(at);
    if (!sample.ok || doubt === undefined)
      return note === undefined ? sample : { ...sample, why: `${sample.why} (Prometheus warns: ${note})` };
    return { ...sample, ok: false, why: `${sample.why}, but ${doubt}` };
  });
}

/** The verdict beside how it was before the change. */
async function beside(
  look: ProbeResult,
  ask: Ask,
  probe: PrometheusProbe,
  before: Date,
): Promise<ProbeResult> {
  const at = before.getTime();
  const then = await ask(probe.query, [at]);
  if (!then.ok) return { ...look, summary: `${look.summary}; before the change: unknown, ${then.why}` };
  const { at: _at, ...sample } = judgeValues(at, byTime(then.series).get(at) ?? [], probe);
  const baseline = { at: before.toISOString(), status: then.status, ms: then.ms, ...sample };
  return { ...look, summary: `${look.summary}; before the change: ${sample.why}`, baseline };
}
