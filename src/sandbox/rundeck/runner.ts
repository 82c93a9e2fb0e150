import { type Execution, type ExecutionStore, isGoing } from './execution-store.ts';
import type { Job } from './jobs.ts';
import { withoutSecure } from './options.ts';
import { play } from './play.ts';

type Values = Readonly<Record<string, string>>;
type Going = { readonly abort: AbortController; readonly done: Promise<void> };
type Reason = 'aborted' | 'timedout';
export type Runner = ReturnType<typeof executionRunner>;

/** The user of the token. */
const user = 'handrail';

/** An execution's record before it has an id. */
const record = (job: Job, values: Values, attempt: number): Omit<Execution, 'id'> => ({
  project: job.project,
  job: job.uuid,
  status: 'running',
  customStatus: null,
  abortedby: null,
  started: Date.now(),
  ended: null,
  options: withoutSecure(job, values),
  successfulNodes: [],
  failedNodes: [],
  attempt,
  retriedBy: null,
});

/** Plays a job until its end, its abortion, or the end of its time. */
async function playInTime(
  job: Job,
  values: Values,
  log: (line: string) => void,
  abort: AbortController,
): Promise<Partial<Execution>> {
  const { timeoutMs } = job;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort.abort('timedout' satisfies Reason), timeoutMs);
  const ended = await play(job, values, log, abort.signal);
  clearTimeout(timer);
  if (!abort.signal.aborted) return ended;
  const status = abort.signal.reason as Reason;
  return { ...ended, status, abortedby: status === 'aborted' ? user : null };
}

/** Runs jobs and keeps the records of their executions. Those that a restart interrupted are `incomplete`, as in Rundeck. */
export function executionRunner(store: ExecutionStore) {
  const going = new Map<number, Going>();
  let closed = false;

  for (const { id } of store.all().filter(isGoing))
    store.change(id, { status: 'other', customStatus: 'incomplete', ended: Date.now() });

  async function run(execution: Execution, job: Job, values: Values, abort: AbortController): Promise<void> {
    const { id, attempt } = execution;
    const log = (line: string) => {
      if (!closed) store.log(id, job.nodes[0] ?? '', line);
    };
    const final = await playInTime(job, values, log, abort);
    // after close records stay open, as after a crash; the next start ends them
    if (closed) return;
    const failed = final.status === 'failed' || final.status === 'timedout';
    if (!failed || attempt >= (job.retry ?? 0)) {
      store.change(id, { ...final, ended: Date.now() });
      return;
    }
    const retriedBy = start(job, values, attempt + 1).id;
    store.change(id, { ...final, status: 'failed-with-retry', ended: Date.now(), retriedBy });
  }

  function start(job: Job, values: Values, attempt = 0): Execution {
    const execution = store.create(record(job, values, attempt));
    const abort = new AbortController();
    const done = Promise.resolve()
      .then(() => run(execution, job, values, abort))
      .finally(() => going.delete(execution.id));
    going.set(execution.id, { abort, done });
    return execution;
  }

  return {
    start: (job: Job, values: Values): Execution => start(job, values),
    abort: (id: number): void => going.get(id)?.abort.abort('aborted' satisfies Reason),
    /** Stops as a crash would: jobs are aborted and their records stay open. */
    async close(): Promise<void> {
      closed = true;
      const open = [...going.values()];
      for (const { abort } of open) abort.abort('aborted' satisfies Reason);
      await Promise.allSettled(open.map(({ done }) => done));
    },
  };
}
