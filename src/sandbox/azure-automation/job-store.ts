import { z } from 'zod';
import { openJournal } from '../ops-api/journal.ts';

const statuses = [
  'New',
  'Activating',
  'Running',
  'Completed',
  'Failed',
  'Stopped',
  'Suspended',
  'Stopping',
] as const;
export const Job = z.object({
  name: z.string(),
  jobId: z.string(),
  runbook: z.string(),
  runOn: z.string(),
  parameters: z.record(z.string(), z.string()),
  status: z.enum(statuses),
  exception: z.string().nullable(),
  created: z.string(),
  started: z.string().nullable(),
  ended: z.string().nullable(),
});
export type Job = z.infer<typeof Job>;
const Entry = z.object({ type: z.enum(['Output', 'Warning', 'Error']), time: z.string(), text: z.string() });
export type Entry = z.infer<typeof Entry>;

const Line = z.union([
  z.object({ job: Job }),
  z.object({ name: z.string(), change: Job.partial() }),
  z.object({ name: z.string(), entry: Entry }),
]);

const over: readonly Job['status'][] = ['Completed', 'Failed', 'Stopped'];
export const isOver = ({ status }: Job): boolean => over.includes(status);
/** Names do not differ by case. */
const keyOf = (name: string) => name.toLowerCase();

export type JobStore = ReturnType<typeof openJobStore>;

/** Jobs and their streams in memory and, with a file, in a journal that is on disk before anybody is answered. */
export function openJobStore(file?: string) {
  const jobs = new Map<string, Job>();
  const streams = new Map<string, Entry[]>();
  const apply = (line: z.infer<typeof Line>) => {
    if ('job' in line) {
      jobs.set(keyOf(line.job.name), line.job);
      streams.set(keyOf(line.job.name), []);
      return;
    }
    const job = jobs.get(keyOf(line.name));
    if (job === undefined) return;
    if ('change' in line) jobs.set(keyOf(line.name), Job.parse({ ...job, ...line.change }));
    else streams.get(keyOf(line.name))?.push(line.entry);
  };
  const journal = openJournal(file, Line, apply);
  const write = (line: z.infer<typeof Line>, sync: boolean) => {
    journal.append(line, sync);
    apply(line);
  };
  return {
    create: (job: Job) => write({ job }, true),
    change: (name: string, change: Partial<Job>) => write({ name, change }, true),
    write: (name: string, entry: Entry) => write({ name, entry }, false),
    get: (name: string) => jobs.get(keyOf(name)),
    all: () => [...jobs.values()],
    streamsOf: (name: string): readonly Entry[] => streams.get(keyOf(name)) ?? [],
    close: () => journal.close(),
  };
}
