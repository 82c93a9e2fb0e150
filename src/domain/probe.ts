import { z } from 'zod';
import { Duration, spell } from './duration.ts';

/** How a verification step is written. What is stored of it is in plan-probe.ts. */

export const HttpProbe = z.strictObject({
  /** The host must be on the operator's allow-list. `{name}` stands for a parameter. */
  url: z.string().min(1),
  status: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
  /** Healthy when this many of `attempts` checks pass. */
  successes: z.number().int().min(1).max(20).default(3),
  attempts: z.number().int().min(1).max(20).default(5),
  every: Duration.refine((ms) => ms <= 60_000, 'at most 60s').default(2_000),
  /** A slower answer is a failed check. */
  within: Duration.refine((ms) => ms > 0 && ms <= 30_000, 'at most 30s').default(2_000),
  /** RE2 syntax, so that no body can make it run away. */
  body: z.string().max(500).optional(),
});
export type HttpProbe = z.infer<typeof HttpProbe>;

/** One of them: what a value has to be. */
const limits = {
  above: z.number().optional(),
  below: z.number().optional(),
  equals: z.number().optional(),
};
/** It holds on every sample over this time; without it one sample is enough. */
const held = Duration.default(0);
/** What was measured before the end of the last change says nothing about it. */
const newerThanAction = z.boolean().default(true);

const threshold = (keys: readonly (keyof typeof limits)[]) => ({
  of: (probe: Partial<Record<keyof typeof limits, unknown>>): boolean =>
    keys.filter((key) => probe[key] !== undefined).length === 1,
  message: `needs exactly one of ${keys.join(', ')}`,
  oneOf: keys.map((key) => ({ required: [key] })),
});
const prometheusLimits = threshold(['above', 'below', 'equals']);
const azureLimits = threshold(['above', 'below']);

export const PrometheusProbe = z
  .strictObject({
    /** PromQL. `{name}` stands for a parameter, in the quoted value of a label only. Every series it gives has to hold. */
    query: z.string().min(1).max(2_000),
    ...limits,
    for: held,
    /** Distance of the samples looked at. */
    every: Duration.refine((ms) => ms >= 1_000 && ms <= 300_000, 'from 1s to 5m').default(15_000),
    newerThanAction,
    /** What Prometheus warns of makes a check fail, unless it is ignored here. */
    warnings: z.enum(['fail', 'ignore']).default('fail'),
    /** The name of the Prometheus, where there are several. */
    target: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected a lower-case name')
      .optional(),
  })
  .refine(prometheusLimits.of, prometheusLimits.message)
  .meta({ oneOf: prometheusLimits.oneOf });
export type PrometheusProbe = z.infer<typeof PrometheusProbe>;

/** Milliseconds that platform metrics of Azure are usually late at most; Azure promises no limit. */
export const AZURE_LATE_MS = 180_000;
/** Time grains of platform metrics that are short enough to wait for. */
const grains = [60_000, 300_000, 900_000, 1_800_000, 3_600_000];

export const AzureMonitorProbe = z
  .strictObject({
    /** Azure resource id, /subscriptions/…/providers/…. `{name}` stands for a parameter: all of it, or one segment. */
    resource: z.string().min(1).max(1_000),
    metric: z
      .string()
      .max(200)
      .regex(/^[^,]+$/, 'expected the name of one metric'),
    namespace: z.string().min(1).max(200).optional(),
    aggregation: z.enum(['average', 'minimum', 'maximum', 'total', 'count']),
    above: limits.above,
    below: limits.below,
    for: held,
    /** The time grain of the samples. */
    interval: Duration.refine((ms) => grains.includes(ms), 'one of 1m, 5m, 15m, 30m, 1h').default(60_000),
    newerThanAction,
  })
  .refine(azureLimits.of, azureLimits.message)
  .meta({ oneOf: azureLimits.oneOf });
export type AzureMonitorProbe = z.infer<typeof AzureMonitorProbe>;

export const DeviceComplianceProbe = z.strictObject({
  /** Id of the managed device in Intune. `{name}` stands for a parameter. */
  device: z.string().min(1).max(200),
  /** How often it is looked at until the step's timeout. */
  every: Duration.refine((ms) => ms >= 1_000 && ms <= 300_000, 'from 1s to 5m').default(30_000),
});
export type DeviceComplianceProbe = z.infer<typeof DeviceComplianceProbe>;

export const probeKinds = ['http', 'prometheus', 'azureMonitor', 'deviceCompliance'] as const;

/** A probe that is ready to run: exactly one kind, with its parameters filled in. */
export type ProbeSpec =
  | { readonly http: HttpProbe }
  | { readonly prometheus: PrometheusProbe }
  | { readonly azureMonitor: AzureMonitorProbe }
  | { readonly deviceCompliance: DeviceComplianceProbe };

export type Threshold = Pick<PrometheusProbe, keyof typeof limits>;

/** Whether a value is as it has to be. What is not a finite number never is. */
export function holds({ above, below, equals }: Threshold, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (above !== undefined) return value > above;
  if (below !== undefined) return value < below;
  return value === equals;
}

/** What has to hold, as people read it: below 0.5 for 5 min. */
export function spellThreshold(threshold: Threshold, forMs = 0): string {
  const { above, below, equals } = threshold;
  const limit =
    above !== undefined ? `above ${above}` : below !== undefined ? `below ${below}` : `equal to ${equals}`;
  return forMs > 0 ? `${limit} for ${spell(forMs)}` : limit;
}

/** One line that says what a probe looks at. */
export function describeProbe(probe: ProbeSpec): string {
  if ('http' in probe) return `GET ${probe.http.url}`;
  if ('prometheus' in probe) {
    const { query, ...rest } = probe.prometheus;
    return `Prometheus: ${query} ${spellThreshold(rest, rest.for)}`;
  }
  if ('deviceCompliance' in probe) return `Intune: compliance of device ${probe.deviceCompliance.device}`;
  const { aggregation, metric, resource, ...rest } = probe.azureMonitor;
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return `Azure Monitor: ${aggregation} ${metric} of ${name} ${spellThreshold(rest, rest.for)}`;
}
