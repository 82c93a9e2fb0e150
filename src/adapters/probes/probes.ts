import { AppError } from '../../domain/errors.ts';
import type { AzureMonitorProbe, DeviceComplianceProbe, PrometheusProbe } from '../../domain/probe.ts';
import type { Probe } from '../../ports.ts';
import type { HttpChecks } from './http-probe.ts';
import type { Looker } from './look.ts';

type ProbesSettings = {
  readonly http: HttpChecks;
  readonly prometheus?: Looker<PrometheusProbe>;
  readonly azureMonitor?: Looker<AzureMonitorProbe>;
  readonly deviceCompliance?: Looker<DeviceComplianceProbe>;
};

/**
 * Every kind of probe behind the one port. HTTP comes to its verdict at once; a metric is looked at, and may have to be
 * looked at again. Throws `probe-refused` for a kind that is not configured.
 */
export function probes({ http, prometheus, azureMonitor, deviceCompliance }: ProbesSettings): Probe {
  return {
    async check(probe, moment) {
      if ('http' in probe) return http.check(probe.http);
      if ('prometheus' in probe)
        return configured(prometheus, 'Prometheus', 'PROMETHEUS_URL').look(probe.prometheus, moment);
      if ('deviceCompliance' in probe)
        return configured(deviceCompliance, 'Intune', 'GRAPH_URL').look(probe.deviceCompliance, moment);
      return configured(azureMonitor, 'Azure Monitor', 'AZURE_MONITOR_URL').look(probe.azureMonitor, moment);
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
