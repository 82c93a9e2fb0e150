import { z } from 'zod';
import { openJournal } from '../ops-api/journal.ts';

export const results = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED'] as const;
const Value = z.object({
  name: z.string(),
  type: z.string(),
  value: z.union([z.string(), z.boolean()]).exactOptional(),
});
export const Build = z.object({
  /** Full name of the job. */
  job: z.string(),
  number: z.number(),
  queueId: z.number(),
  /** Milliseconds since 1970. */
  timestamp: z.number(),
  duration: z.number(),
  building: z.boolean(),
  result: z.enum(results).nullable(),
  parameters: z.array(Value),
  /** By relative path. */
  artifacts: z.record(z.string(), z.string()),
});
export type Build = z.infer<typeof Build>;
export type Result = (typeof results)[number];

const Line = z.union([
  z.object({ build: Build }),
  z.object({ job: z.string(), number: z.number(), change: Build.partial() }),
  z.object({ job: z.string(), number: z.number(), log: z.string() }),
]);
type Line = z.infer<typeof Line>;
type Of = { readonly job: string; readonly number: number };

export type BuildStore = ReturnType<typeof openBuildStore>;

/** Builds and their logs in memory and, with a file, in a journal that is on disk before anybody is answered. */
export function openBuildStore(file?: string) {
  const builds = new Map<string, Build[]>();
  const logs = new Map<string, string[]>();
  const key = ({ job, number }: Of) => `${job}#${number}`;
  const find = ({ job, number }: Of) => builds.get(job)?.[number - 1];

  const apply = (line: Line) => {
    if ('build' in line) {
      const all = builds.get(line.build.job) ?? [];
      builds.set(line.build.job, [...all, line.build]);
      logs.set(key(line.build), []);
      return;
    }
    const build = find(line);
    if (build === undefined) return;
    if ('log' in line) logs.get(key(line))?.push(line.log);
    else builds.get(line.job)?.splice(line.number - 1, 1, Build.parse({ ...build, ...line.change }));
  };
  const journal = openJournal(file, Line, apply);
  const write = (line: Line, sync: boolean) => {
    journal.append(line, sync);
    apply(line);
  };
  return {
    create(build: Omit<Build, 'number'>): Build {
      const made = { ...build, number: (builds.get(build.job)?.length ?? 0) + 1 };
      write({ build: made }, true);
      return made;
    },
    change: ({ job, number }: Of, change: Partial<Build>) => write({ job, number, change }, true),
    log: ({ job, number }: Of, line: string) => write({ job, number, log: `${line}\n` }, false),
    get: (job: string, number: number) => find({ job, number }),
    /** Builds of a job, newest first. */
    of: (job: string): readonly Build[] => [...(builds.get(job) ?? [])].reverse(),
    running: () => [...builds.values()].flat().filter(({ building }) => building),
    logOf: (of: Of): string => (logs.get(key(of)) ?? []).join(''),
    close: () => journal.close(),
  };
}
