import { messageOf } from '../../domain/errors.ts';
import type { Scalar } from '../../domain/runbook.ts';
import type { HostOutcome, Run, RunStore } from './run-store.ts';

export type Log = (line: string) => void;
/** Says how it ended on one host. */
export type TellHost = (host: string, result: HostOutcome['result'], detail?: string) => void;
/** A job: it works, or throws with the reason it failed. It should stop soon after the signal. */
export type Job = (
  parameters: Readonly<Record<string, Scalar>>,
  log: Log,
  signal: AbortSignal,
  tell: TellHost,
) => Promise<void>;
export type JobTable = Readonly<Record<string, Job>>;

export type JobRunner = ReturnType<typeof jobRunner>;

/** A job that names no hosts has none to tell of. */
const hostsIn = (told: readonly HostOutcome[]): Pick<Run, 'hosts'> =>
  told.length === 0 ? {} : { hosts: [...told] };

const iso = () => new Date().toISOString();

/** Runs jobs and keeps their records. Jobs that a restart interrupted end as failed. */
export function jobRunner(store: RunStore, jobs: JobTable) {
  const running = new Map<string, { abort: AbortController; done: Promise<void> }>();
  let closed = false;

  for (const { id } of store.open())
    store.change(id, { status: 'failed', detail: 'interrupted by a restart', finished_at: iso() });

  const end = (id: string, status: Run['status'], detail: string, told: readonly HostOutcome[]) => {
    // After close the record stays open, as after a crash; the next start ends it.
    if (!closed) store.change(id, { status, detail, finished_at: iso(), ...hostsIn(told) });
  };
  const log = (id: string, line: string) => {
    if (!closed) store.log(id, `${iso()} ${line}\n`);
  };

  async function run(
    id: string,
    job: Job,
    parameters: Readonly<Record<string, Scalar>>,
    abort: AbortController,
  ) {
    await Promise.resolve();
    if (closed) return;
    store.change(id, { status: 'running', started_at: iso() });
    const hosts: HostOutcome[] = [];
    const tell: TellHost = (host, result, detail = '') => void hosts.push({ host, result, detail });
    try {
      await job(parameters, (line) => log(id, line), abort.signal, tell);
      end(id, 'succeeded', 'finished', hosts);
    } catch (error) {
      log(id, `stopped: ${messageOf(error)}`);
      end(id, abort.signal.aborted ? 'canceled' : 'failed', messageOf(error), hosts);
    }
  }

  return {
    start(id: string, name: string, parameters: Readonly<Record<string, Scalar>>): void {
      const job = jobs[name];
      if (job === undefined) throw new TypeError(`there is no job ${name}`);
      const abort = new AbortController();
      const done = run(id, job, parameters, abort).finally(() => running.delete(id));
      running.set(id, { abort, done });
    },
    has: (name: string) => Object.hasOwn(jobs, name),
    cancel: (id: string) => running.get(id)?.abort.abort(new Error('canceled on request')),
    /** Stops as a crash would: jobs are aborted and their records stay open. */
    async close(): Promise<void> {
      closed = true;
      const open = [...running.values()];
      for (const { abort } of open) abort.abort(new Error('the server stops'));
      await Promise.allSettled(open.map(({ done }) => done));
    },
  };
}
