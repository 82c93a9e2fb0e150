import { messageOf } from '../../domain/errors.ts';
import { isActive, type Job, type JobStore } from './job-store.ts';
import { perform } from './playbook.ts';
import { combined, passwordVariables } from './survey.ts';
import type { Template, Templates } from './templates.ts';
import { turns } from './turn.ts';
import { followNodes } from './workflow.ts';

/** What the simulated AWX does wrong on demand, until it is told otherwise. */
export type Disturbance = {
  /** Jobs stay in `pending`, as without capacity. */
  readonly stuckPending: boolean;
  /** No host matches: the playbook does nothing and the job is successful. */
  readonly zeroHosts: boolean;
  /** Fields and variables that launches ignore although the template asks for them. */
  readonly ignore: readonly string[];
  /** Events are not saved yet: a finished job has no host summaries. */
  readonly eventsLate: boolean;
};

type Values = Record<string, unknown>;
type Prompted = { readonly limit?: string; readonly job_type?: string };
type Going = { readonly abort: AbortController; readonly done: Promise<void> };
export type Runner = ReturnType<typeof jobRunner>;

const iso = () => new Date().toISOString();
const interrupted =
  'Task was marked as running at system start up. The system must have not shut down properly, so it has been marked as failed.';

/** A job's record before it has an id. Passwords of a survey are not kept. */
function record(template: Template, values: Values, prompted: Prompted, workflow: Job['workflow']) {
  const hidden = Object.fromEntries(
    passwordVariables(template)
      .filter((name) => Object.hasOwn(values, name))
      .map((name) => [name, '$encrypted$']),
  );
  return {
    type: template.kind === 'job' ? ('job' as const) : ('workflow_job' as const),
    template: template.id,
    name: template.name,
    status: 'pending' as const,
    launch_type: workflow === null ? ('manual' as const) : ('workflow' as const),
    created: iso(),
    started: null,
    finished: null,
    canceled_on: null,
    job_explanation: '',
    extra_vars: { ...values, ...hidden },
    limit: prompted.limit ?? '',
    job_type: prompted.job_type ?? 'run',
    artifacts: {},
    hosts: {},
    workflow,
  };
}

/** Changes records and wakes who waits. After close records stay open, as after a crash; the next start ends them. */
function recorder(store: JobStore, wake: () => void) {
  let closed = false;
  const change = (id: number, what: Partial<Job>) => {
    if (closed) return;
    store.change(id, what);
    wake();
  };
  return {
    change,
    recordsOf: (id: number) => ({
      change: (what: Partial<Job>) => change(id, what),
      log: (line: string) => {
        if (!closed) store.log(id, line);
      },
    }),
    close: () => {
      closed = true;
    },
  };
}

/** What a job says that stopped: it was told to, or something went wrong. */
function stopped(job: Job | undefined, signal: AbortSignal, error: unknown): Partial<Job> {
  if (signal.aborted) return { status: 'canceled', canceled_on: job?.canceled_on ?? iso(), finished: iso() };
  return { status: 'error', job_explanation: messageOf(error), finished: iso() };
}

/** Runs jobs and keeps their records. Jobs that a restart interrupted end as failed, as AWX does it. */
export function jobRunner(store: JobStore, templates: Templates, disturbance: () => Disturbance) {
  const going = new Map<number, Going>();
  const queue = turns();
  const { change, recordsOf, close } = recorder(store, queue.wake);

  for (const { id } of store.all().filter(isActive))
    store.change(id, { status: 'failed', job_explanation: interrupted, finished: iso() });

  const busy = (template: Template, id: number) =>
    !template.allowSimultaneous &&
    store.all().some((one) => one.template === template.id && one.id < id && isActive(one));

  async function work(job: Job, template: Template, values: Values, launched: Values, signal: AbortSignal) {
    const { id } = job;
    if (template.kind === 'job') {
      const { zeroHosts } = disturbance();
      return perform(template, { job, values, signal, zeroHosts, ...recordsOf(id) });
    }
    const status = await followNodes(template, signal, async ({ identifier, template: name }) => {
      // what was given to the workflow goes to its nodes, whether their templates ask for it or not
      const node = start(templates.jobNamed(name), launched, {}, { job: id, node: identifier });
      const stop = () => cancel(node.id);
      signal.addEventListener('abort', stop, { once: true });
      await node.done;
      return store.get(node.id)?.status ?? 'failed';
    });
    change(id, { status, finished: iso() });
  }

  async function run(id: number, template: Template, values: Values, launched: Values, signal: AbortSignal) {
    try {
      await queue.wait(() => disturbance().stuckPending || busy(template, id), signal);
      change(id, { status: 'running', started: iso() });
      const job = store.get(id);
      if (job !== undefined) await work(job, template, values, launched, signal);
    } catch (error) {
      change(id, stopped(store.get(id), signal, error));
    }
  }

  /** Makes a job of a template and starts it when its turn comes. `launched` are the variables given at launch. */
  function start(template: Template, launched: Values, prompted: Prompted, workflow: Job['workflow'] = null) {
    const values = combined(template, launched);
    const { id } = store.create(record(template, values, prompted, workflow));
    const abort = new AbortController();
    const done = Promise.resolve()
      .then(() => run(id, template, values, launched, abort.signal))
      .finally(() => going.delete(id));
    going.set(id, { abort, done });
    return { id, done };
  }

  function cancel(id: number): void {
    if (going.has(id)) change(id, { canceled_on: iso() });
    going.get(id)?.abort.abort(new Error('canceled'));
  }

  return {
    start: (template: Template, launched: Values, prompted: Prompted): number =>
      start(template, launched, prompted).id,
    cancel,
    /** The disturbance is another now. */
    lookAgain: queue.wake,
    /** Stops as a crash would: jobs are aborted and their records stay open. */
    async close(): Promise<void> {
      close();
      const open = [...going.values()];
      for (const { abort } of open) abort.abort(new Error('the server stops'));
      await Promise.allSettled(open.map(({ done }) => done));
    },
  };
}
