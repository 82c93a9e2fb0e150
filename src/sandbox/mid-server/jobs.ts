import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Admin, adminCall } from '../ops-api/admin-call.ts';
import type { Job, JobTable, Log } from '../ops-api/job-runner.ts';

export type MidAdmin = Admin & {
  /** How long a restarted service may take until it reads the queue; 10 s without it. */
  readonly upWithinMs?: number;
};

const Parameters = z.object({ worker: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/) });
const Worker = z.object({
  service: z.string(),
  readsQueue: z.boolean(),
  upgrading: z.boolean(),
  waiting: z.number(),
});
const WorkerLog = z.object({ lines: z.array(z.string()) });

/**
 * The jobs an integration team would have for its MID servers: `mid-collect-logs` (evidence, changes nothing) and
 * `mid-restart`. Each takes the parameter `worker`.
 */
export function midJobs(admin: MidAdmin): JobTable {
  return {
    'mid-collect-logs': onWorker(async (worker, log, signal) => {
      const now = Worker.parse(await adminCall(admin, 'GET', `workers/${worker}`, signal));
      log(`the service of ${worker} is ${now.service}, whatever ServiceNow shows`);
      log(`reads the queue: ${now.readsQueue ? 'yes' : 'no'}; waiting: ${now.waiting}`);
      log(`upgrade in progress: ${now.upgrading ? 'yes' : 'no'}`);
      const { lines } = WorkerLog.parse(await adminCall(admin, 'GET', `workers/${worker}/log`, signal));
      log(`agent0.log.0, ${lines.length} lines:`);
      for (const line of lines) log(`  ${line}`);
    }),
    'mid-restart': onWorker(async (worker, log, signal) => {
      const before = Worker.parse(await adminCall(admin, 'GET', `workers/${worker}`, signal));
      // the CMDB was asked before; the host itself is asked last, because an upgrade can begin at any time
      if (before.upgrading)
        throw new Error(`an upgrade of ${worker} is in progress; it must not be interrupted`);
      log(`the service is ${before.service}: ${before.service === 'stopped' ? 'starting' : 'restarting'} it`);
      await adminCall(admin, 'POST', `workers/${worker}/restart`, signal);
      await readingAgain(admin, worker, log, signal);
    }),
  };
}

const onWorker =
  (work: (worker: string, log: Log, signal: AbortSignal) => Promise<void>): Job =>
  (parameters, log, signal) => {
    const parsed = Parameters.safeParse(parameters);
    if (!parsed.success)
      return Promise.reject(new Error('the parameter worker is missing or not the name of a MID server'));
    return work(parsed.data.worker, log, signal);
  };

async function readingAgain(admin: MidAdmin, worker: string, log: Log, signal: AbortSignal): Promise<void> {
  const until = performance.now() + (admin.upWithinMs ?? 10_000);
  while (performance.now() < until) {
    const { readsQueue } = Worker.parse(await adminCall(admin, 'GET', `workers/${worker}`, signal));
    if (readsQueue) {
      log(`${worker} reads its queue again`);
      return;
    }
    await delay(50, undefined, { signal });
  }
  throw new Error(`the service of ${worker} did not start in time`);
}
