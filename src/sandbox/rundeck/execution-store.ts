import { z } from 'zod';
import { openJournal } from '../ops-api/journal.ts';

export const statuses = [
  'scheduled',
  'running',
  'succeeded',
  'failed',
  'aborted',
  'timedout',
  'failed-with-retry',
  'other',
] as const;
export const Execution = z.object({
  id: z.number(),
  project: z.string(),
  job: z.string(),
  status: z.enum(statuses),
  customStatus: z.string().nullable(),
  abortedby: z.string().nullable(),
  started: z.number(),
  ended: z.number().nullable(),
  /** Values of secure options are in memory only. */
  options: z.record(z.string(), z.string()),
  successfulNodes: z.array(z.string()),
  failedNodes: z.array(z.string()),
  attempt: z.number(),
  retriedBy: z.number().nullable(),
});
export type Execution = z.infer<typeof Execution>;
export type Entry = { readonly at: number; readonly node: string; readonly log: string };

const Line = z.union([
  z.object({ execution: Execution }),
  z.object({ id: z.number(), change: Execution.partial() }),
  z.object({ id: z.number(), at: z.number(), node: z.string(), log: z.string() }),
]);

export const isGoing = ({ status }: Execution): boolean => status === 'running' || status === 'scheduled';
/** The first id: real installations have run jobs before. */
const firstId = 1001;

export type ExecutionStore = ReturnType<typeof openExecutionStore>;

/** Executions and their output in memory and, with a file, in a journal that is on disk before anybody is answered. */
export function openExecutionStore(file?: string) {
  const executions = new Map<number, Execution>();
  const output = new Map<number, Entry[]>();
  const apply = (line: z.infer<typeof Line>) => {
    if ('execution' in line) {
      executions.set(line.execution.id, line.execution);
      output.set(line.execution.id, []);
      return;
    }
    const execution = executions.get(line.id);
    if (execution === undefined) return;
    if ('change' in line) executions.set(line.id, Execution.parse({ ...execution, ...line.change }));
    else output.get(line.id)?.push({ at: line.at, node: line.node, log: line.log });
  };
  const journal = openJournal(file, Line, apply);
  const write = (line: z.infer<typeof Line>, sync: boolean) => {
    journal.append(line, sync);
    apply(line);
  };
  return {
    create(execution: Omit<Execution, 'id'>): Execution {
      const made = { ...execution, id: firstId + executions.size };
      write({ execution: made }, true);
      return made;
    },
    change: (id: number, change: Partial<Execution>) => write({ id, change }, true),
    log: (id: number, node: string, log: string) => write({ id, at: Date.now(), node, log }, false),
    get: (id: number) => executions.get(id),
    all: () => [...executions.values()],
    outputOf: (id: number): readonly Entry[] => output.get(id) ?? [],
    close: () => journal.close(),
  };
}
