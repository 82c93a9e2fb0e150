import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * What may be wrong with the service of a MID server. ServiceNow shows "Down" for each of them, because it only misses the
 * heartbeat: the service may well be running (hung), and while it upgrades itself it must not be touched.
 */
const Fault = z.enum(['hung', 'stopped', 'upgrading']);
export type WorkerFault = z.infer<typeof Fault>;

const Worker = z.object({
  fault: Fault.nullable(),
  restarts: z.number(),
  /** Records of the ECC queue that wait for it. */
  waiting: z.number(),
  log: z.array(z.string()),
});
type Worker = z.infer<typeof Worker>;

export type WorkerView = {
  readonly name: string;
  readonly service: 'running' | 'starting' | 'stopped';
  readonly readsQueue: boolean;
  readonly upgrading: boolean;
  readonly restarts: number;
  readonly waiting: number;
};

const keptLines = 300;
const lines: Readonly<Record<WorkerFault, readonly string[]>> = {
  hung: [
    'SEVERE (ECCQueueMonitor.1) Thread ECCQueueMonitor.1 has not moved for 612 seconds',
    'WARNING (HeartbeatProbe) No heartbeat could be sent: all worker threads are busy',
  ],
  stopped: ['INFO The service was stopped by the service control manager'],
  upgrading: ['INFO (UpgradeManager) Upgrade in progress: files are being replaced, step 3 of 7'],
};

/** The MID servers by name, each a service that reads a queue. With a file their state survives a restart. */
export function openWorkers(names: readonly string[], startMs: number, file?: string) {
  const stored = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const saved = z.record(z.string(), Worker).parse(JSON.parse(stored));
  const fresh = (): Worker => ({ fault: null, restarts: 0, waiting: 0, log: [] });
  const workers = new Map(names.map((name) => [name, saved[name] ?? fresh()]));
  const upAt = new Map<string, number>();

  const save = (): void => {
    if (file === undefined) return;
    writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(workers)), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const note = (worker: Worker, ...said: readonly string[]): void => {
    for (const line of said) worker.log.push(`${new Date().toISOString()} ${line}`);
    worker.log.splice(0, worker.log.length - keptLines);
    save();
  };
  const starting = (name: string) => performance.now() < (upAt.get(name) ?? 0);

  return {
    view(name: string): WorkerView | undefined {
      const worker = workers.get(name);
      if (worker === undefined) return undefined;
      const { fault, restarts, waiting } = worker;
      const up = starting(name) ? 'starting' : 'running';
      return {
        name,
        service: fault === 'stopped' ? 'stopped' : up,
        readsQueue: fault === null && up === 'running',
        upgrading: fault === 'upgrading',
        restarts,
        waiting,
      };
    },
    log: (name: string): readonly string[] => workers.get(name)?.log ?? [],
    break(name: string, fault: WorkerFault): void {
      const worker = workers.get(name);
      if (worker === undefined) return;
      worker.fault = fault;
      worker.waiting = 1_482;
      note(worker, ...lines[fault]);
    },
    /** Starts the service, and stops it first when it runs. An upgrade that is cut off leaves it broken. */
    restart(name: string): 'restarted' | 'upgrading' {
      const worker = workers.get(name);
      if (worker === undefined || worker.fault === 'upgrading') return 'upgrading';
      const before = worker.fault === 'stopped' ? 'started' : 'stopped and started';
      worker.fault = null;
      worker.waiting = 0;
      worker.restarts += 1;
      upAt.set(name, performance.now() + startMs);
      note(
        worker,
        `INFO The service was ${before}`,
        'INFO (ECCQueueMonitor.1) The queue is being read again',
      );
      return 'restarted';
    },
  };
}
