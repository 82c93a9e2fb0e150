import type { Answer } from '../ops-api/loopback.ts';
import type { Execution } from './execution-store.ts';
import type { Job, Jobs } from './jobs.ts';

/** An error as Rundeck's API renders it (ApiService.renderErrorFormat). */
export const apiError = (status: number, errorCode: string, message: string, apiversion: number): Answer => ({
  status,
  json: { error: true, apiversion, errorCode, message },
});

const date = (unixtime: number) => ({ unixtime, date: `${new Date(unixtime).toISOString().slice(0, 19)}Z` });

/** A value of the argument line, quoted when it has blanks. */
const quoted = (value: string) => (/[\s"']/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const argString = (options: Readonly<Record<string, string>>) =>
  Object.entries(options)
    .map(([name, value]) => `-${name} ${quoted(value)}`)
    .join(' ');

/** Addresses are made from the server's own idea of its name, which clients better not follow. */
const base = 'https://rundeck.internal.example';

/** An execution, in a list and on its own. */
export function executionJson(execution: Execution, jobs: Jobs): Readonly<Record<string, unknown>> {
  const { id, project, status, customStatus, abortedby, started, ended, options, retriedBy } = execution;
  const job = jobs.get(execution.job);
  return {
    id,
    ...links('execution', String(id)),
    status,
    ...(customStatus === null ? {} : { customStatus }),
    project,
    executionType: 'user',
    user: 'handrail',
    'date-started': date(started),
    ...(ended === null ? {} : { 'date-ended': date(ended) }),
    ...(abortedby === null ? {} : { abortedby }),
    job: {
      ...(job === undefined ? {} : jobLine(job)),
      id: execution.job,
      ...(Object.keys(options).length === 0 ? {} : { options }),
    },
    description: 'script [... 1 step]',
    argstring: Object.keys(options).length === 0 ? null : argString(options),
    ...(execution.successfulNodes.length === 0 ? {} : { successfulNodes: execution.successfulNodes }),
    ...(execution.failedNodes.length === 0 ? {} : { failedNodes: execution.failedNodes }),
    ...(retriedBy === null
      ? {}
      : { retriedExecution: { id: retriedBy, status: 'running', ...links('execution', String(retriedBy)) } }),
  };
}

const links = (kind: string, id: string) => ({
  href: `${base}/api/59/${kind}/${id}`,
  permalink: `${base}/project/ops/${kind}/show/${id}`,
});

const jobLine = ({ uuid, name, group, project }: Job) => ({
  id: uuid,
  ...links('job', uuid),
  name,
  group: group === '' ? null : group,
  project,
  description: '',
});

/** A job in a list. */
export const jobRow = (job: Job): Readonly<Record<string, unknown>> => ({
  ...jobLine(job),
  scheduled: false,
  scheduleEnabled: true,
  enabled: job.executionEnabled ?? true,
});

/** A job's definition: an array of one, as all exports (job-json-v44). */
export function definition(job: Job): readonly unknown[] {
  const { uuid, name, group, options } = job;
  return [
    {
      defaultTab: 'nodes',
      description: '',
      executionEnabled: job.executionEnabled ?? true,
      id: uuid,
      loglevel: 'INFO',
      name,
      nodeFilterEditable: false,
      ...(group === '' ? {} : { group }),
      ...(options.length === 0 ? {} : { options }),
      ...(job.multipleExecutions ? { multipleExecutions: true } : {}),
      ...(job.retry === undefined ? {} : { retry: String(job.retry) }),
      nodefilters: {
        dispatch: { threadcount: '1', successOnEmptyNodeFilter: job.successOnEmptyNodeFilter ?? false },
        filter: job.nodes.join(' '),
      },
      nodesSelectedByDefault: job.nodesSelectedByDefault ?? true,
      scheduleEnabled: true,
      sequence: { commands: [{ script: '…' }], keepgoing: false, strategy: 'node-first' },
      uuid,
    },
  ];
}
