import { randomFillSync, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { loadOptional } from './adapters/catalogue/load-optional.ts';
import { entraDirectory } from './adapters/directory/entra-directory.ts';
import { entraToken } from './adapters/directory/entra-token.ts';
import { localEngine } from './adapters/engine/local.ts';
import { restateEngine } from './adapters/engine/restate.ts';
import { servicenow } from './adapters/servicenow/itsm.ts';
import { MappingFile, mappingsIn } from './adapters/servicenow/mapping-file.ts';
import type { Mappings } from './adapters/servicenow/mappings.ts';
import { askedLess } from './adapters/servicenow/recent.ts';
import { type OpenStore, openCosmos, openSqlite } from './adapters/store/open.ts';
import type { TeamsBotOptions } from './adapters/teams/bot.ts';
import { errorDetails, lineLog } from './adapters/telemetry/lines.ts';
import type { Environment } from './config.ts';
import { quietLibraries, secretValues } from './config.ts';
import { AppError, messageOf } from './domain/errors.ts';
import { isOwned } from './domain/ownership.ts';
import { isAsked } from './domain/parameter-value.ts';
import type { Runbook } from './domain/runbook.ts';
import type { Catalogue, Log } from './flow/deps.ts';
import type { Clock, Directory, Engine, Ids, Itsm } from './ports.ts';

/** Each function here makes one part from the configuration; main.ts joins them. */

export const systemClock: Clock = { now: () => new Date() };

export function freshIds(): Ids {
  const ulid = monotonicFactory(pooledRandom());
  return { ulid: () => ulid(), uuid: () => randomUUID() };
}

/** Numbers from 0 to 1 of the system's generator, asked for in bulk: the library itself would ask once a character. */
function pooledRandom(): () => number {
  const pool = new Uint8Array(4_096);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += 1;
    return (pool[used - 1] ?? 0) / 256;
  };
}

/** The operator's log: lines on stderr, and Application Insights when it is configured. Otherwise its library is never loaded. */
export async function openLog(
  config: Environment,
  clock: Clock,
): Promise<{ readonly report: Log; close(): Promise<void> }> {
  const json = config.HANDRAIL_MODE === 'production';
  const lines = lineLog((line) => process.stderr.write(line), clock.now, json);
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = config;
  if (connectionString === undefined) return { report: lines, close: async () => undefined };
  quietLibraries();
  const { appInsights } = await import('./adapters/telemetry/app-insights.ts');
  const insights = await appInsights({ connectionString, secrets: secretValues(config) });
  return {
    report: (...line) => {
      lines(...line);
      insights.log(...line);
    },
    close: () => insights.close(TELEMETRY_MS),
  };
}

/** The embedded store, or Cosmos DB when an endpoint is configured. */
export async function openStore(config: Environment, clock: Clock): Promise<OpenStore> {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key, COSMOS_DATABASE: database } = config;
  if (endpoint !== undefined) return openCosmos({ endpoint, key, database }, clock);
  makeFolder(config.HANDRAIL_DATA);
  return openSqlite(join(config.HANDRAIL_DATA, 'handrail.db'), clock);
}

/** The store there is: what only reads must not make an empty one and find it in order. Throws AppError `store-unavailable`. */
export async function openExistingStore(config: Environment, clock: Clock): Promise<OpenStore> {
  const file = join(config.HANDRAIL_DATA, 'handrail.db');
  if (config.COSMOS_ENDPOINT === undefined && !existsSync(file))
    throw new AppError({
      code: 'store-unavailable',
      message: `there is no store in ${config.HANDRAIL_DATA}`,
      fix: 'Set HANDRAIL_DATA to the folder Handrail keeps its data in, or COSMOS_ENDPOINT to its account.',
    });
  return openStore(config, clock);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError({
      code: 'store-unavailable',
      message: `the folder ${folder} cannot be made: ${messageOf(error)}`,
      fix: 'Set HANDRAIL_DATA to a folder that this user may write to.',
      cause: error,
    });
  }
}

const RECONCILE_MS = 120_000;
/** How long the end of the process waits for telemetry to leave. */
const TELEMETRY_MS = 3_000;

export function makeEngine(
  config: Environment,
  store: OpenStore,
  clock: Clock,
  ids: Ids,
  report: Log,
): Engine {
  const onError = (error: unknown, run?: string) =>
    report('error', 'a run could not be driven', { run, ...errorDetails(error) });
  const common = { clock, reconcileEveryMs: RECONCILE_MS, onError };
  let release = async (): Promise<void> => undefined;
  const owned = async (): Promise<void> => {
    release = await store.own(() => {
      report('error', 'another process took the store; stopping so that two engines never run on it');
      process.kill(process.pid, 'SIGTERM');
    });
  };
  const engine =
    config.HANDRAIL_ENGINE === 'local'
      ? localEngine({ ...common, own: owned })
      : restateEngine({ ...common, state: store.state, ids, ...restateServer(config, owned) });
  return {
    ...engine,
    async stop() {
      await engine.stop();
      // the next start need not wait until the ownership of a remote store runs out
      await release();
    },
  };
}

function restateServer(config: Environment, own: () => Promise<void>) {
  const { RESTATE_INGRESS_URL, RESTATE_ADMIN_URL, RESTATE_SERVICE_URL, RESTATE_IDENTITY_KEY } = config;
  if (RESTATE_INGRESS_URL === undefined)
    return { own, server: { kind: 'embedded' as const, dir: join(config.HANDRAIL_DATA, 'restate') } };
  if (!RESTATE_ADMIN_URL || !RESTATE_SERVICE_URL || !RESTATE_IDENTITY_KEY)
    throw new AppError({
      code: 'config-invalid',
      message:
        'RESTATE_INGRESS_URL is set, but RESTATE_ADMIN_URL, RESTATE_SERVICE_URL or RESTATE_IDENTITY_KEY is not',
      fix: 'Set all four, or none of them for a server beside the bot.',
    });
  const { port } = new URL(RESTATE_SERVICE_URL);
  return {
    server: {
      kind: 'external' as const,
      ingressUrl: RESTATE_INGRESS_URL,
      adminUrl: RESTATE_ADMIN_URL,
      identityKeys: [RESTATE_IDENTITY_KEY],
      sdk: { host: '0.0.0.0', port: Number(port || 9080), uri: RESTATE_SERVICE_URL },
    },
  };
}

/** How the ServiceNow at hand differs from a new one: servicenow.yaml beside the policy, where there is one. */
export const loadMappings = async ({ HANDRAIL_RUNBOOKS: folder }: Environment): Promise<Mappings> =>
  mappingsIn(await loadOptional(folder, 'servicenow.yaml', MappingFile));

/** ServiceNow, reading every column that some runbook takes a value from. */
export function makeItsm(config: Environment, catalogue: Catalogue, mappings: Mappings, clock: Clock): Itsm {
  const { SERVICENOW_CLIENT_ID: clientId, SERVICENOW_CLIENT_SECRET: clientSecret } = config;
  const user = config.SERVICENOW_USER ?? '';
  const itsm = servicenow(
    {
      baseUrl: config.SERVICENOW_URL ?? '',
      auth:
        clientId !== undefined && clientSecret !== undefined
          ? { kind: 'oauth', clientId, clientSecret }
          : { kind: 'basic', user, password: config.SERVICENOW_PASSWORD ?? '' },
      integrationUser: user,
      timeoutMs: 8_000,
      mappings,
      incidentColumns: [...columnsOf(catalogue, 'incident')],
      ciColumns: [...columnsOf(catalogue, 'ci'), ...ownerColumn(catalogue, mappings)],
    },
    clock,
  );
  return askedLess(itsm, clock);
}

const ownerColumn = ({ runbooks }: Catalogue, { columns }: Mappings): string[] =>
  [...runbooks.values()].some(({ runbook }) => isOwned(runbook)) ? [columns.owner] : [];

/** The columns that may forbid it. */
const forbiddenIn = ({ unless = [] }: Runbook): string[] =>
  unless.map(({ column }) => column.slice('ci.'.length));

function columnsOf({ runbooks, policy }: Catalogue, table: 'incident' | 'ci'): Set<string> {
  const all = [...runbooks.values()].flatMap(({ runbook }) => [
    ...(table === 'incident' ? Object.keys(runbook.match.incident) : forbiddenIn(runbook)),
    ...Object.values(runbook.parameters).flatMap((parameter) =>
      !isAsked(parameter)
        ? []
        : parameter.from
            .filter((source) => source.startsWith(`${table}.`))
            .map((source) => source.split('.')[1] ?? ''),
    ),
  ]);
  // a column that is not asked for is never there, and would count as no impact
  return new Set(table === 'incident' ? [...all, policy.policy.customerImpact.column] : all);
}

export function makeDirectory(config: Environment, clock: Clock): Directory {
  const { GRAPH_TOKEN: token } = config;
  const getToken = token === undefined ? entraToken() : async () => token;
  return entraDirectory({ baseUrl: config.GRAPH_URL, getToken, timeoutMs: 3_000, clock });
}

/** Who the bot is, and whom it lets in. */
export function botSettings(config: Environment): Pick<TeamsBotOptions, 'identity' | 'tenants' | 'home'> {
  const tenantId = config.MICROSOFT_APP_TENANT_ID ?? '';
  const bot = { id: `28:${config.MICROSOFT_APP_ID ?? ''}`, name: 'Handrail' };
  const shared = {
    tenants: [tenantId],
    home: { serviceUrl: config.TEAMS_SERVICE_URL, tenant: tenantId, bot },
  };
  if (config.HANDRAIL_MODE === 'sandbox') return { ...shared, identity: { mode: 'sandbox' } };
  const identity = {
    mode: 'production' as const,
    appId: config.MICROSOFT_APP_ID ?? '',
    appType: config.MICROSOFT_APP_TYPE,
    tenantId,
    ...(config.MICROSOFT_APP_PASSWORD === undefined ? {} : { secret: config.MICROSOFT_APP_PASSWORD }),
  };
  return { ...shared, identity };
}

/** The current secret and, while it is rotated, the one before. */
export const webhookSecrets = (config: Environment): string[] =>
  [config.SERVICENOW_WEBHOOK_SECRET, config.SERVICENOW_WEBHOOK_SECRET_PREVIOUS].filter(
    (secret) => secret !== undefined,
  );
