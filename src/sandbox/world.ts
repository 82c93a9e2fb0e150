import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAwx } from './awx/server.ts';
import type { JobTemplate } from './awx/templates.ts';
import { devices as managed, midServers, webFarms } from './cmdb.ts';
import { startEntra } from './entra/server.ts';
import { openDevices } from './intune/devices.ts';
import { deviceJobs } from './intune/jobs.ts';
import { intuneRoutes } from './intune/routes.ts';
import { startJenkins } from './jenkins/server.ts';
import { tableJobs } from './jenkins/table-jobs.ts';
import { keptSecrets, portsOf, type WorldInfo } from './kept.ts';
import { midJobs } from './mid-server/jobs.ts';
import { startMidServers } from './mid-server/server.ts';
import { farmJobs } from './ops-api/farm-jobs.ts';
import type { JobTable } from './ops-api/job-runner.ts';
import { iisJobs } from './ops-api/jobs.ts';
import { startOpsApi } from './ops-api/server.ts';
import { groups, olivia, roles, tenantId } from './people.ts';
import { incidents, seed } from './seed.ts';
import { type RunningServiceNow, startServiceNow } from './servicenow/server.ts';
import { startWebSite } from './web-site/server.ts';

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
const jenkinsUser = 'handrail';
/** How long a device takes to answer a sync. */
const SYNC_MS = 500;

/** The simulated world: ServiceNow, the ops team's API, a web site that really breaks, and a directory. Loopback only. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const secrets = keptSecrets(join(directory, 'secrets.json'));
  const port = portsOf(join(directory, 'world.json'), options.preferredPort);
  const { site, mid, jobs } = await startWhatBreaks(directory, secrets, port);
  const graph = await startGraph(directory, secrets, await port('graph', 3));
  const device = deviceJobs({ url: graph.url, adminToken: secrets.deviceToken });
  const automation = await startAutomation(options, secrets, port, { ...jobs, device });
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
    seed: seed(site.url, mid.url),
  });
  const info = {
    ...secrets,
    servicenow: servicenow.url,
    site: site.url,
    ops: automation.ops.url,
    awx: automation.awx.url,
    jenkins: automation.jenkins.url,
    mid: mid.url,
    graph: graph.url,
  };
  const file = join(directory, 'world.json');
  writeFileSync(`${file}.new`, JSON.stringify(info, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return {
    info,
    servicenow,
    environment: environmentOf(info),
    async close() {
      await Promise.all(
        [servicenow, ...Object.values(automation), site, mid, graph].map((one) => one.close()),
      );
    },
  };
}

/** Who there is, and the devices they have. */
function startGraph(
  directory: string,
  { graphToken, deviceToken }: Pick<WorldInfo, 'graphToken' | 'deviceToken'>,
  port: number,
) {
  const owner = { id: olivia.aadObjectId, userPrincipalName: olivia.email };
  const seeds = Object.entries(managed).map(([deviceName, { id }]) => ({ id, deviceName, owner }));
  const devices = openDevices(seeds, SYNC_MS, join(directory, 'devices.json'));
  return startEntra({
    port,
    token: graphToken,
    people: roles.map(({ person }) => ({
      id: person.aadObjectId,
      displayName: person.name,
      userPrincipalName: person.email,
    })),
    groups,
    more: intuneRoutes({ devices, readToken: graphToken, token: deviceToken }),
  });
}

/** What really breaks, and the jobs that mend it. */
async function startWhatBreaks(
  directory: string,
  { siteToken, midToken }: Pick<WorldInfo, 'siteToken' | 'midToken'>,
  port: ReturnType<typeof portsOf>,
) {
  const site = await startWebSite({
    port: await port('site', 1),
    adminToken: siteToken,
    pools: Object.values(incidents).flatMap((one) =>
      'pool' in one ? [{ name: one.pool, ...(one.heals ? {} : { breaks: 'config' as const }) }] : [],
    ),
    farms: Object.entries(webFarms).map(([name, { servers }]) => ({ name, servers })),
    stateFile: join(directory, 'site.json'),
  });
  const mid = await startMidServers({
    port: await port('mid', 5),
    adminToken: midToken,
    names: Object.keys(midServers),
    stateFile: join(directory, 'mid.json'),
  });
  const jobs = {
    iis: iisJobs({ url: site.url, adminToken: siteToken }),
    farm: farmJobs({ url: site.url, adminToken: siteToken }),
    mid: midJobs({ url: mid.url, adminToken: midToken }),
  };
  return { site, mid, jobs };
}

/** The same work at every automation system: which one a runbook uses is a line of it. */
async function startAutomation(
  { directory, retryAfterSeconds }: WorldOptions,
  { opsToken, awxToken, jenkinsToken }: Pick<WorldInfo, 'opsToken' | 'awxToken' | 'jenkinsToken'>,
  port: ReturnType<typeof portsOf>,
  { iis, farm, mid, device }: Readonly<Record<'iis' | 'farm' | 'mid' | 'device', JobTable>>,
) {
  const jobs = { ...iis, ...farm, ...mid, ...device };
  const ops = await startOpsApi({
    port: await port('ops', 2),
    token: opsToken,
    jobs,
    stateFile: join(directory, 'ops.jsonl'),
    retryAfterSeconds: retryAfterSeconds ?? 0,
  });
  const awx = await startAwx({
    port: await port('awx', 4),
    token: awxToken,
    jobTemplates: templatesOf(jobs),
    stateFile: join(directory, 'awx.jsonl'),
  });
  const jenkins = await startJenkins({
    port: await port('jenkins', 6),
    user: jenkinsUser,
    token: jenkinsToken,
    jobs: [
      ...tableJobs(iis, ['site', 'pool']),
      ...tableJobs(farm, ['pool', 'servers']),
      ...tableJobs(mid, ['worker']),
      ...tableJobs(device, ['device', 'owner']),
    ],
    stateFile: join(directory, 'jenkins.jsonl'),
  });
  return { ops, awx, jenkins };
}

/** A job template for each job; what Ansible would do on a web server is done from the controller. */
const templatesOf = (jobs: JobTable): JobTemplate[] =>
  Object.entries(jobs).map(([name, playbook]) => ({
    name,
    asks: ['variables'],
    hosts: ['automation-controller'],
    allowSimultaneous: true,
    playbook: (values, log, signal, leave) =>
      playbook(values, log, signal, (host, result) =>
        leave.host(host, result === 'succeeded' ? { ok: 1, changed: 1 } : { failures: 1 }),
      ),
  }));

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
    AWX_URL: info.awx,
    AWX_TOKEN: info.awxToken,
    JENKINS_URL: info.jenkins,
    JENKINS_USER: jenkinsUser,
    JENKINS_TOKEN: info.jenkinsToken,
    PROBE_HOSTS: [info.site, info.mid].map((url) => new URL(url).host).join(),
    GRAPH_URL: info.graph,
    GRAPH_TOKEN: info.graphToken,
  };
}
