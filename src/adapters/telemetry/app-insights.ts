import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AzureMonitorOpenTelemetryOptions, TelemetryClient } from 'applicationinsights';
import type { Details, Level, Log } from './lines.ts';
import { redaction } from './redact.ts';

type ExporterOptions = NonNullable<AzureMonitorOpenTelemetryOptions['azureMonitorExporterOptions']>;

export type AppInsightsOptions = {
  readonly connectionString: string;
  /** Values that never leave the process. */
  readonly secrets: readonly string[];
  /** Carries the requests instead of the library's own client. */
  readonly httpClient?: NonNullable<ExporterOptions['httpClient']>;
};
export type AppInsights = {
  readonly log: Log;
  /** Sends what is waiting, for at most `withinMs`. Telemetry that cannot be delivered is given up. */
  close(withinMs: number): Promise<void>;
};

/** The only details that are sent. A detail that is not here may hold what people wrote. */
const sent: readonly string[] = [
  'run',
  'event',
  'code',
  'why',
  'fix',
  'step',
  'target',
  'job',
  'engine',
  'outcome',
];

/**
 * Sends log lines to Application Insights: errors as exceptions, the rest as traces. The library is loaded here and only
 * here. It collects nothing by itself, keeps nothing on the disk, and talks to the ingestion endpoint alone; its reports
 * about itself are switched off in the environment (`quietLibraries` in config.ts), which it reads when it is loaded.
 */
export async function appInsights(options: AppInsightsOptions): Promise<AppInsights> {
  const { TelemetryClient: Client } = (await import('applicationinsights')).default;
  const client = new Client(options.connectionString, { useGlobalProviders: false });
  client.config.azureMonitorOpenTelemetryOptions = {
    azureMonitorExporterOptions: {
      connectionString: options.connectionString,
      disableOfflineStorage: true,
      ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
    },
    resource: named('handrail'),
    enableLiveMetrics: false,
    enableAutoCollectExceptions: false,
    enableAutoCollectPerformance: false,
  };
  client.initialize();
  stopRemoteSettings();
  const clean = redaction([...options.secrets, options.connectionString]);
  return {
    log: (level, message, details = {}) => track(client, level, clean(message), propertiesOf(details, clean)),
    async close(withinMs) {
      const timeout = Promise.withResolvers<void>();
      const timer = setTimeout(timeout.resolve, withinMs);
      await Promise.race([client.flush().then(() => client.shutdown()), timeout.promise]);
      clearTimeout(timer);
    },
  };
}

/** Resolves what the library resolves, so that both have the same instance. */
const asTheLibrary = () => createRequire(createRequire(import.meta.url).resolve('applicationinsights'));

/** The name under which the application map shows us. */
function named(name: string): NonNullable<AzureMonitorOpenTelemetryOptions['resource']> {
  const { resourceFromAttributes } = asTheLibrary()('@opentelemetry/resources') as {
    resourceFromAttributes(
      attributes: Readonly<Record<string, string>>,
    ): NonNullable<AzureMonitorOpenTelemetryOptions['resource']>;
  };
  return resourceFromAttributes({ 'service.name': name });
}

/** The exporter polls Microsoft for settings of its own, and has no switch for it (1.0.0-beta.47, configurationManager.js). */
function stopRemoteSettings(): void {
  const require = asTheLibrary();
  const folder = dirname(require.resolve('@azure/monitor-opentelemetry-exporter/_configuration'));
  const { ConfigurationManager } = require(join(folder, 'configurationManager.js')) as {
    ConfigurationManager: { getInstance(): { shutdown(): void } };
  };
  ConfigurationManager.getInstance().shutdown();
}

const severities = { info: 'Information', warn: 'Warning' } as const;

function track(
  client: TelemetryClient,
  level: Level,
  message: string,
  properties: Readonly<Record<string, string>>,
): void {
  if (level !== 'error') {
    client.trackTrace({ message, severity: severities[level], properties });
    return;
  }
  const exception = new Error(message);
  exception.name = properties['code'] ?? 'Error';
  // the place where this line was written says nothing, and a stack could hold values
  exception.stack = '';
  client.trackException({ exception, severity: 'Error', properties });
}

function propertiesOf(details: Details, clean: (text: string) => string): Record<string, string> {
  return Object.fromEntries(
    sent.flatMap((name) => {
      const value = details[name];
      return value === undefined || value === '' ? [] : [[name, clean(String(value))]];
    }),
  );
}
