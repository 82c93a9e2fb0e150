import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { integrationUser, tenantId } from './ids.ts';
import type { Metered } from './meter.ts';
import type { WorldMessage } from './world.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const startLimitMs = 60_000;

export type World = {
  readonly url: string;
  /** Told of cards, launches and ends. */
  on(heard: (message: WorldMessage) => void): void;
  figures(): Promise<Extract<WorldMessage, { is: 'figures' }>>;
  stop(): Promise<void>;
};

/** One of the things that are measured, up and ready. */
export type Subject = {
  readonly name: string;
  readonly url: string;
  /** From the start of the process until it answered that it is ready. */
  readonly startedInMs: number;
  meter(): Promise<Metered>;
  /** CPU milliseconds and memory of processes it started itself (an engine's server); zero where /proc is missing. */
  children(): Promise<{ readonly cpuMs: number; readonly rssMb: number }>;
  stop(): Promise<void>;
};

/** Starts the outside world. `jobMs`: how long a job takes. */
export async function startWorld(jobMs: number): Promise<World> {
  const child = spawn(process.execPath, [here('world.ts')], {
    env: { ...process.env, BENCH_JOB_MS: String(jobMs) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const listeners = new Set<(message: WorldMessage) => void>();
  child.on('message', (message: WorldMessage) => {
    for (const heard of listeners) heard(message);
  });
  const next = <K extends WorldMessage['is']>(is: K): Promise<Extract<WorldMessage, { is: K }>> =>
    new Promise((resolve) => {
      const heard = (message: WorldMessage): void => {
        if (message.is !== is) return;
        listeners.delete(heard);
        resolve(message as Extract<WorldMessage, { is: K }>);
      };
      listeners.add(heard);
    });
  const { url } = await next('ready');
  return {
    url,
    on: (heard) => void listeners.add(heard),
    figures() {
      const figures = next('figures');
      child.send('figures');
      return figures;
    },
    stop: () => stopped(child),
  };
}

/** (a): the bare server over its own database file. */
export async function startBare(world: World, folder: string, secret: string): Promise<Subject> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const environment = {
    BARE_PORT: String(port),
    BARE_DB: join(folder, 'bare.db'),
    WORLD_URL: world.url,
    WEBHOOK_SECRET: secret,
  };
  return await start('bare', here('bare.ts'), port, environment, folder);
}

export type HandrailOptions = {
  readonly engine: 'local' | 'restate';
  readonly secret: string;
  /** More arguments for node, such as --cpu-prof. */
  readonly nodeArguments?: readonly string[];
};

/** (b): Handrail as it is shipped, in its sandbox mode, with the runbook of `benchRunbooks`. */
export async function startHandrail(
  world: World,
  folder: string,
  options: HandrailOptions,
): Promise<Subject> {
  const { engine, secret, nodeArguments = [] } = options;
  const runbooks = join(folder, 'runbooks');
  await mkdir(runbooks, { recursive: true });
  await benchRunbooks(runbooks);
  const port = await freePort();
  const environment = {
    HANDRAIL_MODE: 'sandbox',
    HANDRAIL_DATA: join(folder, 'data'),
    HANDRAIL_RUNBOOKS: runbooks,
    HANDRAIL_ENGINE: engine,
    PORT: String(port),
    MICROSOFT_APP_ID: '22222222-2222-4222-8222-222222222222',
    MICROSOFT_APP_TENANT_ID: tenantId,
    TEAMS_SERVICE_URL: world.url,
    SERVICENOW_URL: world.url,
    SERVICENOW_USER: integrationUser,
    SERVICENOW_PASSWORD: 'secret',
    SERVICENOW_WEBHOOK_SECRET: secret,
    OPS_API_URL: `${world.url}/ops`,
    OPS_API_TOKEN: 'ops',
    AWX_URL: `${world.url}/awx`,
    AWX_TOKEN: 'awx',
    JENKINS_URL: `${world.url}/jenkins`,
    JENKINS_USER: 'nobody',
    JENKINS_TOKEN: 'jenkins',
    PROBE_HOSTS: new URL(world.url).host,
    GRAPH_URL: world.url,
    GRAPH_TOKEN: 'graph',
  };
  const name = `handrail, ${engine}`;
  return await start(name, here('../src/main.ts'), port, environment, folder, nodeArguments);
}

/** The shipped runbook and policy, but with one probe instead of three half a second apart, and room for every run: waiting is not measured. */
async function benchRunbooks(folder: string): Promise<void> {
  const from = here('../runbooks');
  for (const file of (await readdir(from)).filter((name) => name.endsWith('.yaml'))) {
    const content = parse(await readFile(join(from, file), 'utf8'));
    for (const step of content.steps?.verification ?? [])
      if (step.http !== undefined) Object.assign(step.http, { successes: 1, attempts: 1 });
    if (content.limits !== undefined) content.limits = { perRunbook: 200, perTarget: { ops: 200 } };
    await writeFile(join(folder, file), stringify(content));
  }
}

async function start(
  name: string,
  script: string,
  port: number,
  environment: Readonly<Record<string, string>>,
  folder: string,
  nodeArguments: readonly string[] = [],
): Promise<Subject> {
  const log = openSync(join(folder, 'output.log'), 'a');
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', here('meter.ts'), ...nodeArguments, script], {
    // nothing else is inherited, so that the settings of whoever runs the bench do not change what is measured
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', log, log, 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  await whenReady(url, child, `${name} (see ${join(folder, 'output.log')})`);
  return {
    name,
    url,
    startedInMs: performance.now() - began,
    meter: () =>
      new Promise((resolve) => {
        child.once('message', resolve);
        child.send('meter');
      }),
    children: () => childrenOf(child.pid ?? 0),
    stop: () => stopped(child),
  };
}

/** Waits until `/readyz` answers 200. Throws when the process ends before, or after a minute. */
export async function whenReady(url: string, child: ChildProcess, name: string): Promise<void> {
  const until = performance.now() + startLimitMs;
  while (child.exitCode === null && performance.now() < until) {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  child.kill();
  throw new Error(`${name} did not become ready`);
}

/** Asks a process to end and waits for it; after ten seconds it is killed. */
export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatient);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** From /proc (Linux): ticks are hundredths of a second and pages 4 KiB on every machine Node.js runs on there. */
async function childrenOf(parent: number): Promise<{ cpuMs: number; rssMb: number }> {
  const found = { cpuMs: 0, rssMb: 0 };
  const pids = await readdir('/proc').catch(() => []);
  for (const pid of pids.filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // the name, in parentheses, may hold blanks
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) !== parent) continue;
    found.cpuMs += 10 * (Number(fields[11]) + Number(fields[12]));
    found.rssMb += (4 * Number(fields[21])) / 1024;
  }
  return found;
}
