import { AppError } from '../../domain/errors.ts';

/** A template as a runbook names it. */
export type JobName = {
  readonly kind: 'job' | 'workflow';
  /** As it stands in the runbook, for people. */
  readonly written: string;
} & (
  | { readonly id: number }
  | { readonly id?: undefined; readonly title: string; readonly organization?: string }
);

/** Resources of each kind of template. */
export const resources = {
  job: { templates: '/job_templates', jobs: '/jobs', type: 'job', words: 'job template' },
  workflow: {
    templates: '/workflow_job_templates',
    jobs: '/workflow_jobs',
    type: 'workflow_job',
    words: 'workflow job template',
  },
} as const;

/**
 * Reads what a runbook's `job` says: `Recycle pool`, `job:Recycle pool`, `workflow:Recycle and test`, each by name or by
 * id (`job:42`, `workflow:12`), a name also with its organization as AWX writes it (`job:Recycle pool++Web team`). Without
 * a kind it is a job template.
 */
export function jobName(target: string, written: string): JobName {
  const [, prefix = 'job', rest = ''] = /^(?:(job|workflow):)?(.*)$/s.exec(written) ?? [];
  const kind = prefix === 'workflow' ? 'workflow' : 'job';
  const named = rest.trim();
  if (/^\d{1,15}$/.test(named)) return { kind, written, id: Number(named) };
  const [title = '', organization, ...more] = named.split('++');
  if (title === '' || organization === '' || more.length > 0)
    throw new AppError({
      code: 'target-refused',
      message: `"${written}" names no template of ${target}`,
      fix: 'Write job:<name or id> or workflow:<name or id> in the runbook, a name with ++<organization> if need be.',
    });
  return { kind, written, title, ...(organization === undefined ? {} : { organization }) };
}

/** The id of a job of ours, such as `job-42`: the kind is part of it, because AWX asks for jobs and workflow jobs apart. */
export type JobId = { readonly kind: 'job' | 'workflow'; readonly id: number };
export const externalIdOf = (type: 'job' | 'workflow_job', id: number): string => `${type}-${id}`;

/** Throws `target-refused` for an id that no target of ours gave out. */
export function jobId(target: string, externalId: string): JobId {
  const [, type, digits] = /^(job|workflow_job)-(\d{1,15})$/.exec(externalId) ?? [];
  if (digits !== undefined) return { kind: type === 'job' ? 'job' : 'workflow', id: Number(digits) };
  throw new AppError({
    code: 'target-refused',
    message: `nothing was sent to ${target}: the job id is not one of this target`,
    fix: 'Report this as a defect of Handrail, with the run id.',
  });
}

export const jobPath = ({ kind, id }: JobId): string => `${resources[kind].jobs}/${id}`;
