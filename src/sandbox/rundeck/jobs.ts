import { createHash } from 'node:crypto';
import type { Log } from '../ops-api/job-runner.ts';

/** What a script leaves behind besides its log. */
export type Leave = {
  /** How it went on one node. Without any call the script went as it ended on every node of the job. */
  readonly node: (name: string, ok: boolean) => void;
};
/** What a job does: it works, or throws with the reason it failed. A job of the simulated ops-runbook API fits as well. */
export type Script = (
  options: Readonly<Record<string, string>>,
  log: Log,
  signal: AbortSignal,
  leave: Leave,
) => Promise<void>;

/** Thrown by a script, it ends the execution with a status of its own, as the flow control step does. */
export class CustomStatus extends Error {}

/** An option of a job, in Rundeck's words (job-json format). */
export type JobOption = {
  readonly name: string;
  readonly required?: boolean;
  readonly value?: string;
  readonly values?: readonly string[];
  readonly enforced?: boolean;
  readonly regex?: string;
  readonly secure?: boolean;
  readonly valueExposed?: boolean;
  readonly multivalued?: boolean;
  readonly delimiter?: string;
  readonly storagePath?: string;
  readonly type?: 'text' | 'file';
};
export type RundeckJob = {
  readonly name: string;
  readonly group?: string;
  /** `ops` without it. */
  readonly project?: string;
  readonly uuid?: string;
  readonly script: Script;
  readonly options?: readonly JobOption[];
  /** The nodes its filter matches; the server itself without it. */
  readonly nodes?: readonly string[];
  /** Otherwise a second execution is refused while one goes on. */
  readonly multipleExecutions?: boolean;
  readonly executionEnabled?: boolean;
  readonly nodesSelectedByDefault?: boolean;
  readonly successOnEmptyNodeFilter?: boolean;
  /** How often a failed execution is repeated by Rundeck itself. */
  readonly retry?: number;
  /** It is stopped after this time. */
  readonly timeoutMs?: number;
  /** The token may read it and not run it. */
  readonly mayNotRun?: boolean;
};
export type Job = Required<Pick<RundeckJob, 'project' | 'group' | 'uuid' | 'options' | 'nodes'>> & RundeckJob;
export type Jobs = ReturnType<typeof jobTable>;

/** Jobs with their UUIDs: the same ones after a restart. */
export function jobTable(jobs: readonly RundeckJob[]) {
  const all: readonly Job[] = jobs.map((job, n) => ({
    project: 'ops',
    group: '',
    options: [],
    nodes: ['rundeck-server'],
    uuid: uuidOf(`${n} ${job.project ?? 'ops'}/${job.group ?? ''}/${job.name}`),
    ...job,
  }));
  return {
    all,
    get: (uuid: string): Job | undefined => all.find((job) => job.uuid === uuid),
    projects: (): readonly string[] => [...new Set(all.map(({ project }) => project))],
  };
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [8, 4, 4, 4, 12]
    .map((length, n, all) => {
      const start = all.slice(0, n).reduce((sum, one) => sum + one, 0);
      return hex.slice(start, start + length);
    })
    .join('-');
}
