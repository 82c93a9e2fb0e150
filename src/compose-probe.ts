import { type EntraApi, entraToken } from './adapters/directory/entra-token.ts';
import { azureMonitor } from './adapters/probes/azure-monitor.ts';
import { deviceCompliance } from './adapters/probes/device-compliance.ts';
import { httpProbe } from './adapters/probes/http-probe.ts';
import { probes } from './adapters/probes/probes.ts';
import { DEFAULT_SERVER, prometheus } from './adapters/probes/prometheus.ts';
import type { Environment } from './config.ts';
import { AppError } from './domain/errors.ts';
import type { Catalogue } from './flow/deps.ts';
import type { Probe } from './ports.ts';

/**
 * The probes that are configured. Throws AppError `config-invalid` when a runbook asks one that is not: it would be missed
 * only after the change was made.
 */
export function makeProbe(config: Environment, catalogue: Catalogue): Probe {
  const { GRAPH_URL: graph, GRAPH_TOKEN: graphToken } = config;
  const { PROMETHEUS_URL: baseUrl, PROMETHEUS_TOKEN: token, AZURE_MONITOR_URL: azure } = config;
  const servers = new Map(baseUrl === undefined ? [] : [[DEFAULT_SERVER, { baseUrl, token }]]);
  refuseUnknown(catalogue, [...servers.keys()]);
  return probes({
    http: httpProbe({ allow: config.PROBE_HOSTS }),
    ...(servers.size === 0 ? {} : { prometheus: prometheus({ servers }) }),
    azureMonitor: azureMonitor({
      baseUrl: azure,
      token: azureToken(azure, 'Monitoring Reader on what verification steps look at'),
    }),
    deviceCompliance: deviceCompliance({
      baseUrl: graph,
      token: graphToken === undefined ? entraToken(undefined, intune) : async () => graphToken,
    }),
  });
}

const intune: EntraApi = {
  name: 'Microsoft Graph',
  scope: 'https://graph.microsoft.com/.default',
  fix: 'Give the identity Handrail runs under the application permission DeviceManagementManagedDevices.Read.All.',
};

/** Each cloud's Resource Manager is the audience of its own tokens. */
export const azureToken = (baseUrl: string, role: string): (() => Promise<string>) =>
  entraToken(undefined, {
    name: 'Azure Resource Manager',
    scope: `${new URL(baseUrl).origin}/.default`,
    fix: `Give the identity Handrail runs under the role ${role}.`,
  });

function refuseUnknown({ runbooks }: Catalogue, known: readonly string[]): void {
  const missing = [...runbooks.values()].flatMap(({ runbook }) =>
    runbook.steps.verification.flatMap(({ id, prometheus: probe }) => {
      const target = probe?.target ?? DEFAULT_SERVER;
      return probe === undefined || known.includes(target) ? [] : [`step ${id} of ${runbook.id} (${target})`];
    }),
  );
  if (missing.length === 0) return;
  throw new AppError({
    code: 'config-invalid',
    message: `these verification steps ask a Prometheus that is not configured: ${missing.join(', ')}`,
    fix: 'Set PROMETHEUS_URL; a step without target asks it, other names are not known yet.',
  });
}
