import { stripVTControlCharacters } from 'node:util';
import type { AwxApi } from './awx-api.ts';
import type { JobId } from './awx-job-name.ts';
import { Events } from './awx-log.ts';
import { nodesOf } from './awx-status.ts';
import { glanceLines, lastLines } from './glance.ts';

/** The last lines of a job's output, from its newest events; of a workflow, which of its nodes are where. */
export async function jobTail(api: AwxApi, { kind, id }: JobId): Promise<string> {
  if (kind === 'workflow') return workflowTail(api, id);
  const query = { order_by: '-counter', no_truncate: '1', limit: String(glanceLines) };
  const { results } = await api.get(`/jobs/${id}/job_events/`, `the events of job ${id}`, Events, query);
  const written = results.map(({ stdout }) => stdout).filter((stdout) => stdout !== '');
  const text = written
    .reverse()
    .map((stdout) => `${stripVTControlCharacters(stdout.replaceAll('\r\n', '\n'))}\n`);
  return lastLines(text.join(''), results.length < glanceLines, api.mask);
}

async function workflowTail(api: AwxApi, id: number): Promise<string> {
  const ran = (await nodesOf(api, id)).flatMap(({ identifier, summary_fields: { job } }) =>
    job === undefined ? [] : [`${job.name} (${identifier}): ${job.status}\n`],
  );
  return lastLines(ran.join(''), true, api.mask);
}

/** Pages of AWX itself, and of Automation Platform, whose pages are elsewhere. */
export function jobPage(base: string, prefix: string, { kind, id }: JobId): string {
  const type = kind === 'job' ? 'playbook' : 'workflow';
  return prefix === '/api/v2'
    ? `${base}/#/jobs/${type}/${id}`
    : `${base}/execution/jobs/${type}/${id}/output`;
}
