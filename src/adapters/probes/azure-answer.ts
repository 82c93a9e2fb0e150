import { z } from 'zod';
import { AZURE_LATE_MS, type AzureMonitorProbe, holds, spellThreshold } from '../../domain/probe.ts';
import { jsonOf } from './ask.ts';
import type { Sample } from './look.ts';

const value = z.number().nullish();
/** learn.microsoft.com/rest/api/monitor/metrics/list, api-version 2023-10-01. A point without a value is no data. */
const Answer = z.object({
  value: z.array(
    z.object({
      timeseries: z
        .array(
          z.object({
            data: z
              .array(
                z.object({
                  timeStamp: z.iso.datetime({ offset: true }),
                  average: value,
                  minimum: value,
                  maximum: value,
                  total: value,
                  count: value,
                }),
              )
              .nullish(),
          }),
        )
        .nullish(),
      errorCode: z.string().nullish(),
      errorMessage: z.string().nullish(),
    }),
  ),
});
const Refusal = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }).transform(({ error }) => error),
  z.object({ code: z.string(), message: z.string() }),
]);

/** Values by the beginning of their interval, epoch milliseconds; undefined where there was nothing to measure. */
export type Points = ReadonlyMap<number, readonly (number | undefined)[]>;
export type Metric =
  | { readonly ok: true; readonly points: Points }
  | { readonly ok: false; readonly why: string };

/** The one metric that was asked for. */
export function metricIn(body: string, aggregation: AzureMonitorProbe['aggregation']): Metric {
  const answer = Answer.safeParse(jsonOf(body)).data;
  const [metric, ...more] = answer?.value ?? [];
  if (metric === undefined || more.length > 0)
    return { ok: false, why: 'this is no answer of Azure Monitor' };
  const { errorCode, errorMessage, timeseries } = metric;
  if (errorCode && errorCode !== 'Success')
    return { ok: false, why: `${errorCode}: ${(errorMessage ?? '').slice(0, 300)}` };
  const points = new Map<number, (number | undefined)[]>();
  for (const point of (timeseries ?? []).flatMap(({ data }) => data ?? [])) {
    const at = Date.parse(point.timeStamp);
    points.set(at, [...(points.get(at) ?? []), point[aggregation] ?? undefined]);
  }
  return { ok: true, points };
}

/** What Azure says about a refusal, or '' when it says nothing we can read. */
export function refusalIn(body: string): string {
  const refusal = Refusal.safeParse(jsonOf(body)).data;
  return refusal === undefined ? '' : `${refusal.code}: ${refusal.message.slice(0, 300)}`;
}

/**
 * The samples that begin at `from` or later and are complete `now`, in order. An interval without a value is no data, and
 * so is a gap; only at the end it is waited for, because platform metrics come up to three minutes late.
 */
export function samplesIn(points: Points, probe: AzureMonitorProbe, from: number, now: number): Sample[] {
  const { interval } = probe;
  const times = [...points.keys()].filter((at) => at >= from && at + interval <= now).sort((a, b) => a - b);
  const samples: Sample[] = [];
  for (const at of times) {
    const due = (samples.at(-1)?.at ?? at - interval) + interval;
    if (at > due) samples.push(judgePoint(due, [], probe));
    samples.push(judgePoint(at, points.get(at) ?? [], probe));
  }
  const known = samples.findLastIndex((sample) => sample.value !== undefined || isOld(sample, interval, now));
  const kept = samples.slice(0, known + 1);
  const next = (kept.at(-1)?.at ?? from - interval) + interval;
  return isOld({ at: next }, interval, now) ? [...kept, judgePoint(next, [], probe)] : kept;
}

const isOld = ({ at }: Pick<Sample, 'at'>, interval: number, now: number): boolean =>
  at + interval <= now - AZURE_LATE_MS;

function judgePoint(at: number, values: readonly (number | undefined)[], probe: AzureMonitorProbe): Sample {
  const wrong = values.find((one) => one === undefined || !holds(probe, one));
  const shown = values.length === 0 || values.includes(undefined) ? undefined : (wrong ?? values[0]);
  if (shown === undefined) return { at, ok: false, why: 'no data' };
  const ok = wrong === undefined;
  return { at, ok, why: `${shown} is ${ok ? '' : 'not '}${spellThreshold(probe)}`, value: shown };
}
