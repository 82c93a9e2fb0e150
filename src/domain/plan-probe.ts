import { z } from 'zod';
import type { Value } from './parameter.ts';
import { fill } from './placeholder.ts';
import type { ProbeSpec } from './probe.ts';
import { fillPromql } from './promql-fill.ts';
import type { VerificationStep } from './runbook.ts';

/** Probes as plans store them: without defaults or limits, so that what was stored is read as it was, whatever runbooks may say later. */

export const StoredHttp = z.strictObject({
  url: z.string(),
  status: z.array(z.number()),
  successes: z.number(),
  attempts: z.number(),
  every: z.number(),
  within: z.number(),
  body: z.string().optional(),
});
export const StoredPrometheus = z.strictObject({
  query: z.string(),
  above: z.number().optional(),
  below: z.number().optional(),
  equals: z.number().optional(),
  for: z.number(),
  every: z.number(),
  newerThanAction: z.boolean(),
  warnings: z.enum(['fail', 'ignore']),
  target: z.string().optional(),
});
export const StoredAzureMonitor = z.strictObject({
  resource: z.string(),
  metric: z.string(),
  namespace: z.string().optional(),
  aggregation: z.enum(['average', 'minimum', 'maximum', 'total', 'count']),
  above: z.number().optional(),
  below: z.number().optional(),
  for: z.number(),
  interval: z.number(),
  newerThanAction: z.boolean(),
});

export const StoredDeviceCompliance = z.strictObject({ device: z.string(), every: z.number() });

/** The probe of a step with its parameters filled in, each escaped for the language it stands in. */
export function resolveProbe(step: VerificationStep, values: Readonly<Record<string, Value>>): ProbeSpec {
  const { http, prometheus, azureMonitor, deviceCompliance } = step;
  if (prometheus !== undefined)
    return { prometheus: { ...prometheus, query: fillPromql(prometheus.query, values) } };
  if (azureMonitor !== undefined)
    return { azureMonitor: { ...azureMonitor, resource: fillResource(azureMonitor.resource, values) } };
  if (deviceCompliance !== undefined)
    return {
      deviceCompliance: { ...deviceCompliance, device: String(fill(deviceCompliance.device, values)) },
    };
  if (http !== undefined) return { http: { ...http, url: String(fill(http.url, values)) } };
  throw new TypeError(`step ${step.id} has no probe`);
}

/** A parameter is the whole id, which Azure's adapter checks, or one segment, in which it cannot part or climb. */
function fillResource(resource: string, values: Readonly<Record<string, Value>>): string {
  if (/^\{\w+\}$/.test(resource)) return String(fill(resource, values));
  const segments = Object.entries(values).map(([name, value]) => [
    name,
    encodeURIComponent(String(value).toWellFormed()),
  ]);
  return String(fill(resource, Object.fromEntries(segments)));
}
