import { AppError, messageOf } from '../../domain/errors.ts';
import { AZURE_LATE_MS, type AzureMonitorProbe } from '../../domain/probe.ts';
import type { Clock, ProbeMoment, ProbeResult } from '../../ports.ts';
import { type Asked, ask } from './ask.ts';
import { metricIn, type Points, refusalIn, samplesIn } from './azure-answer.ts';
import { judge, type Looker, type Terms, unseen } from './look.ts';

export type AzureMonitorSettings = {
  /** Azure Resource Manager, https://management.azure.com in the public cloud. */
  readonly baseUrl: string;
  /** A bearer token for it. The identity needs the role Monitoring Reader on what is looked at. */
  readonly token: () => Promise<string>;
  /** Milliseconds for one question; 10 s unless told. */
  readonly withinMs?: number;
  readonly clock?: Clock;
};

type Span = { readonly from: number; readonly to: number };
type Metrics = { readonly status: number; readonly ms: number } & (
  | { readonly ok: true; readonly points: Points }
  | { readonly ok: false; readonly why: string; readonly waitMs: number }
);

/**
 * Looks at a platform metric of an Azure resource: each interval over `for` has to hold, an interval without a value is no
 * data, and none counts that began before the end of the change. Throws `runbook-invalid` and `probe-refused`.
 */
export function azureMonitor(settings: AzureMonitorSettings): Looker<AzureMonitorProbe> {
  const { clock = { now: () => new Date() } } = settings;
  return {
    async look(probe, moment) {
      const resource = checkedResource(probe.resource);
      const now = Math.min(clock.now().getTime(), moment.until.getTime());
      const terms = termsOf(probe, moment, now);
      const metrics = await read(settings, probe, resource, { from: terms.from, to: now });
      const seen = { now, status: metrics.status, ms: metrics.ms };
      const look = metrics.ok
        ? judge(samplesIn(metrics.points, probe, terms.from, now), terms, seen, moment)
        : unseen(metrics.why, terms, seen, moment, metrics.waitMs);
      if (look.again !== undefined || moment.before === undefined) return look;
      return beside(look, settings, probe, resource, moment.before.getTime());
    },
  };
}

function termsOf(probe: AzureMonitorProbe, { since }: ProbeMoment, now: number): Terms {
  const { resource, aggregation, metric, interval, newerThanAction } = probe;
  const widthMs = interval;
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  // intervals begin at whole minutes, and the one in which the change ended is not all after it
  const from = newerThanAction
    ? nextMinute(since.getTime())
    : nextMinute(now - probe.for - interval - AZURE_LATE_MS);
  const what = `Azure Monitor: ${aggregation} ${metric} of ${name}`;
  return { what, threshold: probe, forMs: probe.for, everyMs: interval, widthMs, from };
}

const nextMinute = (at: number): number => Math.ceil(at / 60_000) * 60_000;

const segment = String.raw`[\p{L}\p{N}_.()-]*[\p{L}\p{N}_()-][\p{L}\p{N}_.()-]*`;
const resourceId = new RegExp(
  `^/subscriptions/[\\da-f-]{36}(?:/resourceGroups/${segment})?(?:/providers/${segment}(?:/${segment}/${segment})+)+$`,
  'iu',
);

/** A resource id holds nothing that could lead to another address: no query, no escape, no segment of dots. */
function checkedResource(resource: string): string {
  if (resourceId.test(resource)) return resource;
  throw new AppError({
    code: 'probe-refused',
    message: `${JSON.stringify(resource.slice(0, 300))} is no Azure resource id`,
    fix: 'Correct the resource of the verification step, or the value it is filled with: /subscriptions/<id>/resourceGroups/<name>/providers/<type>/<name>.',
  });
}

async function read(
  settings: AzureMonitorSettings,
  probe: AzureMonitorProbe,
  resource: string,
  { from, to }: Span,
): Promise<Metrics> {
  const { baseUrl, withinMs = 10_000 } = settings;
  const url = new URL(
    `${baseUrl.replace(/\/+$/, '')}${resource}/providers/Microsoft.Insights/metrics?${new URLSearchParams({
      'api-version': '2023-10-01',
      metricnames: probe.metric,
      timespan: `${new Date(from).toISOString()}/${new Date(Math.max(to, from + probe.interval)).toISOString()}`,
      interval: `PT${probe.interval / 60_000}M`,
      aggregation: probe.aggregation,
      ...(probe.namespace === undefined ? {} : { metricnamespace: probe.namespace }),
    })}`,
  );
  const token = await tokenOf(settings);
  if (!token.ok) return { ok: false, status: 0, ms: 0, why: token.why, waitMs: 0 };
  const asked = await ask({ url, token: token.value, withinMs });
  const { status, ms } = asked;
  if (!asked.ok) return { ok: false, status, ms, why: asked.why, waitMs: 0 };
  const waitMs = asked.retryAfterMs;
  if (status !== 200) {
    const said = refusalIn(asked.body);
    refuseFor(asked, said, probe, resource);
    return { ok: false, status, ms, why: `status ${status}${said && `, ${said}`}`, waitMs };
  }
  const metric = metricIn(asked.body, probe.aggregation);
  return metric.ok ? { ...metric, status, ms } : { ...metric, status, ms, waitMs };
}

/** Who hands out tokens may be away for a moment; that is looked at again like the rest. */
async function tokenOf({
  token,
}: AzureMonitorSettings): Promise<{ ok: true; value: string } | { ok: false; why: string }> {
  try {
    return { ok: true, value: await token() };
  } catch (error) {
    return { ok: false, why: `no token for Azure: ${messageOf(error)}` };
  }
}

/** What will be the same the next time. */
function refuseFor({ status }: Asked, said: string, probe: AzureMonitorProbe, resource: string): void {
  const why = said === '' ? '' : `: ${said}`;
  if (status === 400)
    throw new AppError({
      code: 'runbook-invalid',
      message: `Azure Monitor cannot read the question for ${probe.metric}${why}`,
      fix: 'Correct metric, namespace, aggregation or interval of the verification step in the runbook.',
    });
  if (status === 401 || status === 403)
    throw refused(
      `Azure does not let Handrail read the metrics of ${resource} (status ${status})${why}`,
      'Give the identity Handrail runs under the role Monitoring Reader on this resource.',
    );
  if (status === 404 || (status >= 300 && status < 400))
    throw refused(
      `Azure has no metrics of ${resource} (status ${status})${why}`,
      'Correct the resource of the verification step, or AZURE_MONITOR_URL; redirects are not followed.',
    );
}

const refused = (message: string, fix: string) => new AppError({ code: 'probe-refused', message, fix });

/** The verdict beside the last value before the change. */
async function beside(
  look: ProbeResult,
  settings: AzureMonitorSettings,
  probe: AzureMonitorProbe,
  resource: string,
  before: number,
): Promise<ProbeResult> {
  const from = nextMinute(before - 2 * probe.interval - AZURE_LATE_MS);
  const then = await read(settings, probe, resource, { from, to: before });
  if (!then.ok) return { ...look, summary: `${look.summary}; before the change: unknown, ${then.why}` };
  const last = samplesIn(then.points, probe, from, before).findLast(({ value }) => value !== undefined);
  if (last === undefined) return { ...look, summary: `${look.summary}; before the change: no data` };
  const { at, ...sample } = last;
  const baseline = { at: new Date(at).toISOString(), status: then.status, ms: then.ms, ...sample };
  return { ...look, summary: `${look.summary}; before the change: ${sample.why}`, baseline };
}
