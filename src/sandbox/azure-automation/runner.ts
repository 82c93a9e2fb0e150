import { messageOf } from '../../domain/errors.ts';
import { type Entry, isOver, type Job, type JobStore } from './job-store.ts';
import { type AzureRunbook, deserialised, type Streams, Suspended } from './runbooks.ts';

type Going = { readonly abort: AbortController; readonly done: Promise<void> };
export type Runner = ReturnType<typeof jobRunner>;

const iso = () => new Date().toISOString();
const lost = 'The job was evicted and subsequently reached a Stopped state. The job cannot continue running.';

/** Runs the scripts of runbooks and keeps the records of their jobs. Those that a restart interrupted are stopped. */
export function jobRunner(store: JobStore) {
  const going = new Map<string, Going>();
  let closed = false;
  const change = (name: string, what: Partial<Job>) => {
    // after close records stay open, as after a crash; the next start ends them
    if (!closed) store.change(name, what);
  };

  for (const { name } of store.all().filter((job) => !isOver(job) && job.status !== 'Suspended'))
    store.change(name, { status: 'Stopped', exception: lost, ended: iso() });

  const streamsOf = (name: string): Streams => {
    const to = (type: Entry['type']) => (text: string) => {
      if (!closed) store.write(name, { type, time: iso(), text });
    };
    return { output: to('Output'), warning: to('Warning'), error: to('Error') };
  };

  async function run(
    { name, parameters }: Job,
    { script }: AzureRunbook,
    signal: AbortSignal,
  ): Promise<void> {
    change(name, { status: 'Running', started: iso() });
    try {
      await script(deserialised(parameters), streamsOf(name), signal);
      change(name, { status: 'Completed', ended: iso() });
    } catch (error) {
      change(name, stopped(signal, error));
    }
  }

  return {
    start(job: Job, runbook: AzureRunbook): void {
      const abort = new AbortController();
      const done = Promise.resolve()
        .then(() => run(job, runbook, abort.signal))
        .finally(() => going.delete(job.name));
      going.set(job.name, { abort, done });
    },
    /** Stops a job; one that is suspended stops at once. */
    stop({ name }: Job): void {
      const one = going.get(name);
      change(name, one === undefined ? { status: 'Stopped', ended: iso() } : { status: 'Stopping' });
      one?.abort.abort(new Error('stopped'));
    },
    /** Stops as a crash would: scripts are aborted and their records stay open. */
    async close(): Promise<void> {
      closed = true;
      const open = [...going.values()];
      for (const { abort } of open) abort.abort(new Error('the server stops'));
      await Promise.allSettled(open.map(({ done }) => done));
    },
  };
}

function stopped(signal: AbortSignal, error: unknown): Partial<Job> {
  if (signal.aborted) return { status: 'Stopped', ended: iso() };
  const exception = messageOf(error);
  return error instanceof Suspended
    ? { status: 'Suspended', exception }
    : { status: 'Failed', exception, ended: iso() };
}
