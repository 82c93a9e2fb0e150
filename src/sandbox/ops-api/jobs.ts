import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Scalar } from '../../domain/runbook.ts';
import { type Admin, adminCall } from './admin-call.ts';
import type { Job, JobTable, Log } from './job-runner.ts';

export type SiteAdmin = Admin & {
  /** How long a recycled pool may take until its worker is up; 10 s without it. */
  readonly upWithinMs?: number;
};

const Parameters = z.object({ pool: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/) });
export const PoolState = z.object({ state: z.string(), reason: z.string(), recycles: z.number() });
const PoolLog = z.object({ lines: z.array(z.string()), counts: z.record(z.string(), z.number()) });

/**
 * The jobs an IIS team would have, against the simulated site: `iis-snapshot-logs` (evidence, changes nothing),
 * `iis-recycle-pool`, and `iis-restore-pool-config` to go back. Each takes the parameter `pool`.
 */
export function iisJobs(site: SiteAdmin): JobTable {
  return {
    'iis-snapshot-logs': onPool(async (pool, log, signal) => {
      const { lines, counts } = PoolLog.parse(await adminCall(site, 'GET', `pools/${pool}/log`, signal));
      const state = PoolState.parse(await adminCall(site, 'GET', `pools/${pool}`, signal));
      log(`pool ${pool} is ${state.state}${state.reason === '' ? '' : `: ${state.reason}`}`);
      log(`requests by status: ${JSON.stringify(counts)}`);
      log(`error log, ${lines.length} lines:`);
      for (const line of lines) log(`  ${line}`);
    }),
    'iis-recycle-pool': onPool(async (pool, log, signal) => {
      log(`recycling pool ${pool}`);
      const { recycles } = PoolState.parse(await adminCall(site, 'POST', `pools/${pool}/recycle`, signal));
      log(`recycle ${recycles} requested, waiting for the worker process`);
      await workerUp(site, pool, log, signal);
    }),
    'iis-restore-pool-config': onPool(async (pool, log, signal) => {
      log(`restoring the last good configuration of pool ${pool}`);
      await adminCall(site, 'POST', `pools/${pool}/restore-config`, signal);
      await workerUp(site, pool, log, signal);
    }),
  };
}

const onPool =
  (work: (pool: string, log: Log, signal: AbortSignal) => Promise<void>): Job =>
  (parameters: Readonly<Record<string, Scalar>>, log, signal) => {
    const parsed = Parameters.safeParse(parameters);
    if (!parsed.success) return Promise.reject(new Error('the parameter pool is missing or not a pool name'));
    return work(parsed.data.pool, log, signal);
  };

/**
 * Waits until the pool has a worker again. A pool that broke again at once has one too, as IIS sees it: whether the
 * application answers is for the verification to find out, not for this job.
 */
export async function workerUp(site: SiteAdmin, pool: string, log: Log, signal: AbortSignal): Promise<void> {
  const until = performance.now() + (site.upWithinMs ?? 10_000);
  while (performance.now() < until) {
    const { state } = PoolState.parse(await adminCall(site, 'GET', `pools/${pool}`, signal));
    if (state !== 'starting') {
      log(`the worker process of pool ${pool} is up`);
      return;
    }
    await delay(50, undefined, { signal });
  }
  throw new Error(`the worker process of pool ${pool} did not start in time`);
}
