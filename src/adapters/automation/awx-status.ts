import type { HostResult } from '../../domain/step-end.ts';
import type { JobStatus } from '../../ports.ts';
import { type AwxApi, allRows, firstRows } from './awx-api.ts';
import { HostSummary, Job, Node } from './awx-job.ts';
import { externalIdOf } from './awx-job-name.ts';
import { oneLine } from './refusal.ts';

type Verdict = Pick<JobStatus, 'state' | 'detail' | 'hosts'>;

const started: readonly string[] = ['new', 'pending', 'waiting'];
export const isQueued = (job: Job): boolean => started.includes(job.status);
export const isActive = (job: Job): boolean => isQueued(job) || job.status === 'running';

/** What AWX says about a job, checked against what its playbook did. A status that is not documented is `unknown`. */
export async function judge(api: AwxApi, job: Job): Promise<JobStatus> {
  const { detail, ...rest } = await verdict(api, job);
  return { externalId: externalIdOf(job.type, job.id), ...rest, detail: oneLine(api.mask(detail)) };
}

async function verdict(api: AwxApi, job: Job): Promise<Verdict> {
  const said = job.job_explanation ?? '';
  switch (job.status) {
    case 'new':
    case 'pending':
    case 'waiting':
      return { state: 'queued', detail: said || `${api.name} has not started it yet` };
    case 'running':
      return { state: 'running', detail: said };
    case 'successful':
      return success(api, job);
    case 'failed':
    case 'error':
      return failure(api, job);
    case 'canceled':
      return { state: 'canceled', detail: said };
    default:
      return {
        state: 'unknown',
        detail: `${api.name} reports the status "${job.status}", which is not documented`,
      };
  }
}

const success = (api: AwxApi, job: Job): Promise<Verdict> =>
  job.type === 'job' ? hostVerdict(api, job) : workflowVerdict(api, job.id, 0);

/** Ansible calls it success when no host matched. Nothing was done then, so it is a failure here. */
async function hostVerdict(api: AwxApi, job: Job): Promise<Verdict> {
  const { count, results } = await hostSummaries(api, job.id);
  if (count === 0 && job.event_processing_finished === false)
    return { state: 'running', detail: 'it is over; its results are still being saved' };
  if (count === 0)
    return {
      state: 'failed',
      detail:
        'no host matched, so nothing was done: check the inventory, the limit and the hosts of the playbook',
    };
  const bad = unhealthy(results);
  const hosts = results.map(hostResult);
  if (bad !== '') return { state: 'failed', detail: `${bad}, although the job is called successful`, hosts };
  const changed = results.filter((host) => host.changed > 0).length;
  return {
    state: 'succeeded',
    detail: `${count} host${count === 1 ? '' : 's'} done, ${changed} changed`,
    hosts,
  };
}

function hostResult({ host_name: host, failures, dark }: HostSummary): HostResult {
  if (dark > 0) return { host, result: 'failed', detail: 'unreachable' };
  if (failures === 0) return { host, result: 'succeeded' };
  return { host, result: 'failed', detail: `${failures} task${failures === 1 ? '' : 's'} failed` };
}

/** Hosts of a job, failed ones first, at most 200 of them. */
export const hostSummaries = (api: AwxApi, id: number) =>
  firstRows(api, `/jobs/${id}/job_host_summaries/`, `the hosts of job ${id}`, HostSummary, {
    order_by: '-failed',
  });

const unhealthy = (hosts: readonly HostSummary[]): string => {
  const named = (kind: 'failures' | 'dark', words: string) => {
    const names = hosts.filter((host) => host[kind] > 0).map((host) => host.host_name);
    return names.length === 0
      ? []
      : [`${words}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`];
  };
  return [...named('failures', 'failed on'), ...named('dark', 'unreachable')].join('; ');
};

/** Why it failed: AWX's own words, and the hosts or nodes concerned, as far as they can be read. */
async function failure(api: AwxApi, job: Job): Promise<Verdict> {
  const said = job.job_explanation || (job.result_traceback ?? '').trim().split('\n').at(-1) || '';
  const hosts = job.type === 'job' ? await failedHosts(api, job.id) : [];
  const where = job.type === 'job' ? unhealthy(hosts) : await failedNodes(api, job.id);
  const detail = [said, where].filter((part) => part !== '').join('; ') || `${api.name} says that it failed`;
  return { state: 'failed', detail, ...(hosts.length === 0 ? {} : { hosts: hosts.map(hostResult) }) };
}

/** What cannot be read says nothing: that the job failed is known. */
const unread =
  <T>(nothing: T) =>
  (error: unknown): T => {
    if (error instanceof Error) return nothing;
    throw error;
  };
const failedHosts = (api: AwxApi, id: number): Promise<readonly HostSummary[]> =>
  hostSummaries(api, id).then(({ results }) => results, unread<readonly HostSummary[]>([]));
const failedNodes = (api: AwxApi, id: number): Promise<string> =>
  nodesOf(api, id).then((nodes) => {
    const bad = nodes.flatMap(({ identifier, summary_fields: { job } }) =>
      job !== undefined && job.status !== 'successful' ? [`${job.name} (${identifier}): ${job.status}`] : [],
    );
    return bad.slice(0, 5).join('; ');
  }, unread(''));

export const nodesOf = (api: AwxApi, id: number): Promise<readonly Node[]> =>
  allRows(api, `/workflow_jobs/${id}/workflow_nodes/`, `the nodes of workflow job ${id}`, Node);

const deepest = 5;

/** A workflow did something when one of its nodes ran, and every playbook that is called successful had a host. */
async function workflowVerdict(api: AwxApi, id: number, depth: number): Promise<Verdict> {
  const ran = (await nodesOf(api, id)).filter((node) => node.job !== null && node.job !== undefined);
  if (ran.length === 0)
    return { state: 'failed', detail: 'no node of the workflow ran, so nothing was done' };
  for (const node of ran) {
    const found = await nodeVerdict(api, node, depth);
    if (found.state !== 'succeeded')
      return {
        ...found,
        detail: `node ${node.summary_fields.job?.name ?? node.identifier}: ${found.detail}`,
      };
  }
  return {
    state: 'succeeded',
    detail: `${ran.length} node${ran.length === 1 ? '' : 's'} of the workflow done`,
  };
}

async function nodeVerdict(api: AwxApi, { job: id, summary_fields }: Node, depth: number): Promise<Verdict> {
  const done: Verdict = { state: 'succeeded', detail: '' };
  const { status, type } = summary_fields.job ?? { status: '', type: '' };
  // a failed node of a successful workflow was meant to be caught by another node
  if (id === null || id === undefined || status !== 'successful') return done;
  if (type === 'workflow_job' && depth >= deepest)
    return { state: 'unknown', detail: 'its workflows are nested too deep to be checked' };
  if (type === 'workflow_job') return workflowVerdict(api, id, depth + 1);
  if (type !== 'job') return done;
  return hostVerdict(api, await api.get(`/jobs/${id}/`, `job ${id}`, Job));
}
