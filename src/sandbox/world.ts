import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { startEntra } from './entra/server.ts';
import { iisJobs } from './ops-api/jobs.ts';
import { startOpsApi } from './ops-api/server.ts';
import { groups, roles, tenantId } from './people.ts';
import { incidents, seed } from './seed.ts';
import { type RunningServiceNow, startServiceNow } from './servicenow/server.ts';
import { startWebSite } from './web-site/server.ts';

/** Where the simulated systems are and how to get in. Kept in the data folder for `npm run incident`. */
export const WorldInfo = z.strictObject({
  servicenow: z.string(),
  site: z.string(),
  ops: z.string(),
  graph: z.string(),
  monitoringPassword: z.string(),
  integrationPassword: z.string(),
  siteToken: z.string(),
  opsToken: z.string(),
  graphToken: z.string(),
  webhookSecret: z.string(),
});
export type WorldInfo = z.infer<typeof WorldInfo>;

export type World = {
  readonly info: WorldInfo;
  readonly servicenow: RunningServiceNow;
  /** The environment in which Handrail finds this world. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

export type WorldOptions = {
  /** Everything that has to survive a restart lives here. */
  readonly directory: string;
  /** Where ServiceNow sends its events. */
  readonly eventsUrl: string;
  /** The first time, take the ports from this one on when they are free; otherwise any. */
  readonly preferredPort?: number;
  /** Seconds until a job of the ops API should be asked for again. */
  readonly retryAfterSeconds?: number;
};

export const integrationUser = 'handrail.integration';
export const monitoringUser = 'monitoring';

/** The simulated world: ServiceNow, the ops team's API, a web site that really breaks, and a directory. Loopback only. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const secrets = keptSecrets(join(directory, 'secrets.json'));
  const port = portsOf(join(directory, 'world.json'), options.preferredPort);
  const pools = Object.values(incidents).map(({ pool, heals }) => ({
    name: pool,
    ...(heals ? {} : { breaks: 'config' as const }),
  }));

  const site = await startWebSite({
    port: await port('site', 1),
    adminToken: secrets.siteToken,
    pools,
    stateFile: join(directory, 'site.json'),
  });
  const ops = await startOpsApi({
    port: await port('ops', 2),
    token: secrets.opsToken,
    jobs: iisJobs({ siteUrl: site.url, adminToken: secrets.siteToken }),
    stateFile: join(directory, 'ops.jsonl'),
    retryAfterSeconds: options.retryAfterSeconds ?? 0,
  });
  const graph = await startEntra({
    port: await port('graph', 3),
    token: secrets.graphToken,
    people: roles.map(({ person }) => ({
      id: person.aadObjectId,
      displayName: person.name,
      userPrincipalName: person.email,
    })),
    groups,
  });
  const servicenow = await startServiceNow({
    port: await port('servicenow', 0),
    stateFile: join(directory, 'servicenow.json'),
    users: [
      { user: integrationUser, password: secrets.integrationPassword },
      { user: monitoringUser, password: secrets.monitoringPassword },
    ],
    integrationUser,
    events: {
      url: options.eventsUrl,
      secret: secrets.webhookSecret,
      backoffMs: () => 1_000,
      maxAttempts: 10_000,
    },
    seed: seed(site.url),
  });
  const info = { ...secrets, servicenow: servicenow.url, site: site.url, ops: ops.url, graph: graph.url };
  const file = join(directory, 'world.json');
  writeFileSync(`${file}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return {
    info,
    servicenow,
    environment: environmentOf(info),
    async close() {
      await Promise.all([servicenow.close(), ops.close(), site.close(), graph.close()]);
    },
  };
}

function environmentOf(info: WorldInfo): Record<string, string> {
  return {
    HANDRAIL_MODE: 'sandbox',
    MICROSOFT_APP_TENANT_ID: tenantId,
    SERVICENOW_URL: info.servicenow,
    SERVICENOW_USER: integrationUser,
    SERVICENOW_PASSWORD: info.integrationPassword,
    SERVICENOW_WEBHOOK_SECRET: info.webhookSecret,
    OPS_API_URL: info.ops,
    OPS_API_TOKEN: info.opsToken,
    PROBE_HOSTS: new URL(info.site).host,
    GRAPH_URL: info.graph,
    GRAPH_TOKEN: info.graphToken,
  };
}

/**
 * The ports of last time, as far as they are free: runs that are open and the CMDB hold these addresses. Before there is
 * a last time, those from `first` on.
 */
function portsOf(file: string, first: number | undefined) {
  const before = existsSync(file) ? WorldInfo.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  return (name: 'servicenow' | 'site' | 'ops' | 'graph', n: number): Promise<number> | number => {
    if (before !== undefined) return freeOrAny(Number(new URL(before[name]).port));
    return first === undefined ? 0 : freeOrAny(first + n);
  };
}

const Secrets = WorldInfo.omit({ servicenow: true, site: true, ops: true, graph: true });

/** Fresh secrets the first time, the same ones after a restart. */
function keptSecrets(file: string): z.infer<typeof Secrets> {
  try {
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = () => randomBytes(24).toString('base64url');
  const secrets = {
    monitoringPassword: secret(),
    integrationPassword: secret(),
    siteToken: secret(),
    opsToken: secret(),
    graphToken: secret(),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** The port when nobody has it, else 0, which means any. */
export function freeOrAny(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}
