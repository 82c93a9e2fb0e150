import { z } from 'zod';
import { holds, spellThreshold, type Threshold } from '../../domain/probe.ts';
import { jsonOf } from './ask.ts';
import type { Sample } from './look.ts';

/** prometheus/prometheus docs/querying/api.md: values are texts, such as "1", "NaN", "+Inf". */
const Series = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.tuple([z.number(), z.string()])).default([]),
  /** Native histograms have no one value. */
  histograms: z.array(z.tuple([z.number(), z.unknown()])).default([]),
});
export type Series = z.infer<typeof Series>;
const said = z.array(z.string()).default([]);
const Answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.object({ resultType: z.literal('matrix'), result: z.array(Series) }),
    warnings: said,
    infos: said,
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
export type PrometheusAnswer = z.infer<typeof Answer>;

/** What Prometheus said, or undefined when this is no answer of it. */
export const answerIn = (body: string): PrometheusAnswer | undefined => Answer.safeParse(jsonOf(body)).data;

type Value = { readonly labels: Readonly<Record<string, string>>; readonly text: string };

/** The values of every series at each time asked about, by epoch milliseconds. */
export function byTime(series: readonly Series[]): Map<number, Value[]> {
  const times = new Map<number, Value[]>();
  for (const { metric, values, histograms } of series)
    for (const [at, text] of [...values, ...histograms.map(([at]) => [at, 'a histogram'] as const)]) {
      const key = Math.round(at * 1_000);
      const there = times.get(key) ?? [];
      there.push({ labels: metric, text });
      times.set(key, there);
    }
  return times;
}

/** What all series together say at one time. No series is no data, and no data is not well. */
export function judgeValues(at: number, values: readonly Value[], threshold: Threshold): Sample {
  const wanted = spellThreshold(threshold);
  const wrong = values.filter(({ text }) => !holds(threshold, numberOf(text)));
  const [shown] = wrong.length > 0 ? wrong : values;
  if (shown === undefined) return { at, ok: false, why: 'no data' };
  const number = numberOf(shown.text);
  const value = Number.isFinite(number) ? { value: number } : {};
  if (wrong.length === 0)
    return { at, ok: true, why: `${shown.text}${others(values.length)} ${wanted}`, ...value };
  const why = `${shown.text}${labelled(shown.labels)} is not ${wanted}`;
  return {
    at,
    ok: false,
    why: wrong.length > 1 ? `${why}, nor are ${wrong.length - 1} others` : why,
    ...value,
  };
}

/** "" is 0 to JavaScript and "0x1" a number; Prometheus writes neither. */
const numberOf = (text: string): number =>
  /^[+-]?[\d.]+(e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
const others = (count: number): string => (count > 1 ? ` and ${count - 1} others` : '');

const shownLabels = 6;
const shownCharacters = 60;
function labelled(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels)
    .slice(0, shownLabels)
    .map(([name, value]) => `${name}=${JSON.stringify(value.slice(0, shownCharacters).toWellFormed())}`);
  return pairs.length === 0 ? '' : ` {${pairs.join(', ')}}`;
}
