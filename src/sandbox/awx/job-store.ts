import { z } from 'zod';
import { openJournal } from '../ops-api/journal.ts';

const Stats = z.object({ ok: z.number(), changed: z.number(), failures: z.number(), dark: z.number() });
export const Job = z.object({
  id: z.number(),
  type: z.enum(['job', 'workflow_job']),
  template: z.number(),
  name: z.string(),
  status: z.enum(['new', 'pending', 'waiting', 'running', 'successful', 'failed', 'error', 'canceled']),
  launch_type: z.enum(['manual', 'relaunch', 'workflow']),
  created: z.string(),
  started: z.string().nullable(),
  finished: z.string().nullable(),
  canceled_on: z.string().nullable(),
  job_explanation: z.string(),
  /** Passwords of a survey read `$encrypted$`: they are in memory only. */
  extra_vars: z.record(z.string(), z.unknown()),
  limit: z.string(),
  job_type: z.string(),
  artifacts: z.record(z.string(), z.unknown()),
  hosts: z.record(z.string(), Stats),
  /** The workflow job this one belongs to, and its node there. */
  workflow: z.object({ job: z.number(), node: z.string() }).nullable(),
});
export type Job = z.infer<typeof Job>;
export type Stats = z.infer<typeof Stats>;

const Line = z.union([
  z.object({ job: Job }),
  z.object({ id: z.number(), change: Job.partial() }),
  z.object({ id: z.number(), log: z.string() }),
]);

const active: readonly Job['status'][] = ['new', 'pending', 'waiting', 'running'];
export const isActive = (job: Job): boolean => active.includes(job.status);
/** The first id: real installations have run jobs before. */
const firstId = 1001;

export type JobStore = ReturnType<typeof openJobStore>;

/** Jobs and their output in memory and, with a file, in a journal that is on disk before anybody is answered. */
export function openJobStore(file?: string) {
  const jobs = new Map<number, Job>();
  const output = new Map<number, string[]>();
  const apply = (line: z.infer<typeof Line>) => {
    if ('job' in line) {
      jobs.set(line.job.id, line.job);
      return;
    }
    const job = jobs.get(line.id);
    if (job === undefined) return;
    if ('change' in line) jobs.set(line.id, Job.parse({ ...job, ...line.change }));
    else if (output.get(line.id)?.push(line.log) === undefined) output.set(line.id, [line.log]);
  };
  const journal = openJournal(file, Line, apply);
  const write = (line: z.infer<typeof Line>, sync: boolean) => {
    journal.append(line, sync);
    apply(line);
  };
  return {
    create(job: Omit<Job, 'id'>): Job {
      const made = { ...job, id: firstId + jobs.size };
      write({ job: made }, true);
      return made;
    },
    change: (id: number, change: Partial<Job>) => write({ id, change }, true),
    log: (id: number, text: string) => write({ id, log: text }, false),
    get: (id: number) => jobs.get(id),
    all: () => [...jobs.values()],
    /** Lines of output, without their ends. */
    outputOf: (id: number): readonly string[] => output.get(id) ?? [],
    close: () => journal.close(),
  };
}
