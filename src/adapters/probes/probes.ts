import { promises as timers } from 'node:timers';
import { AppError } from '../../domain/errors.ts';
import type { AzureMonitorProbe, PrometheusProbe } from '../../domain/probe.ts';
import type { Clock, Probe, ProbeMoment, ProbeResult } from '../../ports.ts';
import type { HttpChecks } from './http-probe.ts';
import type { Looker } from './look.ts';

export type ProbesSettings = {
  readonly http: HttpChecks;
  readonly prometheus?: Looker<PrometheusProbe>;
  readonly azureMonitor?: Looker<AzureMonitorProbe>;
  readonly clock?: Clock;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

/**
 * Every kind of probe behind the one port. A metric is looked at until the verdict is certain; who asks the same again
 * meanwhile, because he thought the first call lost, waits for the same verdict. Throws `probe-refused` for a kind that is
 * not configured.
 */
export function probes(settings: ProbesSettings): Probe {
  const { http, prometheus, azureMonitor } = settings;
  const { clock = { now: () => new Date() }, sleep = timers.setTimeout } = settings;
  const asked = new Map<string, Promise<ProbeResult>>();

  async function certain<P>(looker: Looker<P>, probe: P, moment: ProbeMoment): Promise<ProbeResult> {
    for (;;) {
      const { again, ...result } = await looker.look(probe, moment);
      if (again === undefined) return result;
      await sleep(Math.max(0, again.getTime() - clock.now().getTime()));
    }
  }

  function once(key: string, check: () => Promise<ProbeResult>): Promise<ProbeResult> {
    const running = asked.get(key);
    if (running !== undefined) return running;
    const started = check().finally(() => asked.delete(key));
    asked.set(key, started);
    return started;
  }

  return {
    async check(probe, moment) {
      if ('http' in probe) return http.check(probe.http);
      const key = JSON.stringify([probe, moment]);
      if ('prometheus' in probe) {
        const looker = configured(prometheus, 'Prometheus', 'PROMETHEUS_URL');
        return once(key, () => certain(looker, probe.prometheus, moment));
      }
      const looker = configured(azureMonitor, 'Azure Monitor', 'AZURE_MONITOR_URL');
      return once(key, () => certain(looker, probe.azureMonitor, moment));
    },
  };
}

function configured<P>(looker: Looker<P> | undefined, name: string, setting: string): Looker<P> {
  if (looker !== undefined) return looker;
  throw new AppError({
    code: 'probe-refused',
    message: `the runbook asks ${name}, which is not configured`,
    fix: `Have an operator set ${setting}.`,
  });
}
