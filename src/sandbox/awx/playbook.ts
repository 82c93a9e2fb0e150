import { messageOf } from '../../domain/errors.ts';
import type { Scalar } from '../../domain/runbook.ts';
import type { Job, Stats } from './job-store.ts';
import type { HostStats, Template } from './templates.ts';

type JobTemplate = Extract<Template, { kind: 'job' }>;
export type Performance = {
  readonly job: Job;
  readonly values: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly zeroHosts: boolean;
  readonly log: (line: string) => void;
  readonly change: (what: Partial<Job>) => void;
};

const stars = (n: number) => '*'.repeat(n);

/** Plays a job's playbook on the hosts of its inventory that fit its limit. Without a host nothing runs, which is a success to Ansible. */
export async function perform(template: JobTemplate, performance: Performance): Promise<void> {
  const { job, log, change, signal } = performance;
  const hosts = performance.zeroHosts ? [] : (template.hosts ?? []).filter((host) => fits(host, job.limit));
  log(`PLAY [${template.name}] ${stars(40)}`);
  if (hosts.length === 0) log('skipping: no hosts matched');
  const { stats, fault } = await play(template, hosts, performance);
  if (fault !== undefined) log(`fatal: [${hosts[0]}]: FAILED! => {"msg": ${JSON.stringify(fault)}}`);
  recap(stats, log);
  signal.throwIfAborted();
  const failed = Object.values(stats).some(({ failures, dark }) => failures + dark > 0);
  const status = failed || fault !== undefined ? 'failed' : 'successful';
  change({ status, finished: new Date().toISOString(), hosts: stats });
}

type Played = { readonly stats: Record<string, Stats>; readonly fault: string | undefined };

async function play(
  template: JobTemplate,
  hosts: readonly string[],
  { values, log, signal, change }: Performance,
): Promise<Played> {
  const told: Record<string, Stats> = {};
  const leave = {
    artifacts: (artifacts: Readonly<Record<string, unknown>>) => change({ artifacts: { ...artifacts } }),
    host: (name: string, stats: HostStats) => {
      told[name] = { ...unharmed, ...stats };
    },
  };
  const stats = (otherwise: Stats) =>
    Object.keys(told).length > 0 ? told : Object.fromEntries(hosts.map((host) => [host, otherwise]));
  if (hosts.length === 0) return { stats: {}, fault: undefined };
  try {
    await template.playbook(values as Record<string, Scalar>, log, signal, leave);
    return { stats: stats({ ...unharmed, ok: 1 }), fault: undefined };
  } catch (error) {
    return { stats: stats({ ...unharmed, failures: 1 }), fault: messageOf(error) };
  }
}

const unharmed: Stats = { ok: 0, changed: 0, failures: 0, dark: 0 };

/** A host of a limit: names, `*` or `all`, separated by commas. */
function fits(host: string, limit: string): boolean {
  if (limit === '') return true;
  return limit.split(/[,:]/).some((pattern) => pattern === host || pattern === '*' || pattern === 'all');
}

function recap(stats: Readonly<Record<string, Stats>>, log: (line: string) => void): void {
  log(`PLAY RECAP ${stars(60)}`);
  for (const [host, { ok, changed, dark, failures }] of Object.entries(stats))
    log(`${host} : ok=${ok} changed=${changed} unreachable=${dark} failed=${failures}`);
}
