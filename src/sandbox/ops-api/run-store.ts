import { z } from 'zod';
import { openJournal } from './journal.ts';

const states = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
const HostOutcome = z.object({
  host: z.string(),
  result: z.enum(['succeeded', 'failed']),
  detail: z.string(),
});
export type HostOutcome = z.infer<typeof HostOutcome>;

const Run = z.object({
  id: z.string(),
  key: z.string(),
  /** SHA-256 of the request body: parameters may hold secrets, so they are not kept. */
  fingerprint: z.string(),
  runbook: z.string(),
  execution_id: z.string(),
  reference: z.string(),
  status: z.enum(states),
  detail: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  /** How it ended on each host, for jobs that say so. */
  hosts: z.array(HostOutcome).optional(),
});
export type Run = z.infer<typeof Run>;

const Line = z.union([
  z.object({ run: Run }),
  z.object({ id: z.string(), change: Run.partial() }),
  z.object({ id: z.string(), log: z.string() }),
]);
type Line = z.infer<typeof Line>;

export type RunStore = ReturnType<typeof openRunStore>;

export const isOver = (run: Run): boolean => !['queued', 'running'].includes(run.status);

/**
 * Runs and their logs in memory and, with a file, in a journal of JSON lines that is on disk before anybody is answered.
 * A last line torn by a crash is dropped: it was never answered.
 */
export function openRunStore(file?: string) {
  const runs = new Map<string, Run>();
  const byKey = new Map<string, string>();
  const logs = new Map<string, string[]>();

  const apply = (line: Line) => {
    if ('run' in line) {
      runs.set(line.run.id, line.run);
      byKey.set(line.run.key, line.run.id);
      logs.set(line.run.id, []);
      return;
    }
    const run = runs.get(line.id);
    if (run === undefined) return;
    if ('log' in line) logs.get(line.id)?.push(line.log);
    else runs.set(line.id, { ...run, ...(line.change as Partial<Run>) });
  };
  const journal = openJournal(file, Line, apply);
  const write = (line: Line, sync: boolean) => {
    journal.append(line, sync);
    apply(line);
  };
  return {
    create: (run: Run) => write({ run }, true),
    change: (id: string, change: Partial<Run>) => write({ id, change }, true),
    log: (id: string, text: string) => write({ id, log: text }, false),
    get: (id: string) => runs.get(id),
    withKey: (key: string) => runs.get(byKey.get(key) ?? ''),
    open: () => [...runs.values()].filter((run) => !isOver(run)),
    logOf: (id: string) => (logs.get(id) ?? []).join(''),
    close: () => journal.close(),
  };
}
