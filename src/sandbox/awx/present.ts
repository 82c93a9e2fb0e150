import { isActive, type Job } from './job-store.ts';
import type { Row } from './rows.ts';
import { asksFor, type Prompt, prompts, type Template, workflowPrompts } from './templates.ts';

const user = { id: 1, username: 'handrail', first_name: '', last_name: '' };
const organization = (template: Template | undefined) => ({
  id: 1,
  name: template?.organization ?? 'Default',
  description: '',
});
const brief = ({ id, name }: Template) => ({ id, name, description: '' });
const seconds = ({ started, finished }: Job) =>
  started === null ? 0 : (Date.parse(finished ?? new Date().toISOString()) - Date.parse(started)) / 1_000;

/** `ask_limit_on_launch` and its like. */
export const flags = (template: Template): Record<string, boolean> => {
  const known: readonly Prompt[] =
    template.kind === 'job' ? (Object.keys(prompts) as Prompt[]) : workflowPrompts;
  return Object.fromEntries(known.map((prompt) => [`ask_${prompt}_on_launch`, asksFor(template, prompt)]));
};

/** A template as lists and its own page show it. `root` is the API's prefix with its version. */
export function templateRow(template: Template, root: string): Row {
  const job = template.kind === 'job';
  const url = `${root}/${job ? 'job_templates' : 'workflow_job_templates'}/${template.id}/`;
  return {
    id: template.id,
    type: job ? 'job_template' : 'workflow_job_template',
    url,
    related: {
      launch: `${url}launch/`,
      survey_spec: `${url}survey_spec/`,
      ...(job
        ? { jobs: `${url}jobs/` }
        : { workflow_jobs: `${url}workflow_jobs/`, workflow_nodes: `${url}workflow_nodes/` }),
    },
    summary_fields: {
      organization: organization(template),
      created_by: user,
      user_capabilities: {
        edit: false,
        delete: false,
        start: !template.mayNotStart,
        schedule: false,
        copy: false,
      },
      ...(job ? { inventory: template.hosts === null ? undefined : inventory, credentials: [] } : {}),
    },
    created: '2026-01-05T09:00:00.000000Z',
    modified: '2026-01-05T09:00:00.000000Z',
    name: template.name,
    description: '',
    organization: 1,
    status: 'never updated',
    limit: '',
    extra_vars: JSON.stringify(template.extraVars ?? {}),
    survey_enabled: (template.survey ?? []).length > 0,
    allow_simultaneous: template.allowSimultaneous ?? false,
    ...(job
      ? {
          job_type: 'run',
          inventory: template.hosts === null ? null : inventory.id,
          project: 6,
          playbook: 'site.yml',
          verbosity: 0,
          job_slice_count: 1,
        }
      : { inventory: null, scm_branch: null }),
    ...flags(template),
  };
}

export const inventory = { id: 1, name: 'Servers', description: '', kind: '' };

type Shown = { readonly template: Template | undefined; readonly root: string };

export const jobUrl = ({ type, id }: Pick<Job, 'type' | 'id'>, root: string): string =>
  `${root}/${type === 'job' ? 'jobs' : 'workflow_jobs'}/${id}/`;

const jobLinks = ({ type, template, workflow }: Job, url: string, root: string) => ({
  cancel: `${url}cancel/`,
  relaunch: `${url}relaunch/`,
  ...(type === 'job'
    ? {
        stdout: `${url}stdout/`,
        job_events: `${url}job_events/`,
        job_host_summaries: `${url}job_host_summaries/`,
        job_template: `${root}/job_templates/${template}/`,
      }
    : {
        workflow_nodes: `${url}workflow_nodes/`,
        workflow_job_template: `${root}/workflow_job_templates/${template}/`,
      }),
  ...(workflow === null ? {} : { source_workflow_job: `${root}/workflow_jobs/${workflow.job}/` }),
});

function jobSummaries({ type, workflow }: Job, template: Template | undefined) {
  const key = type === 'job' ? 'job_template' : 'workflow_job_template';
  return {
    organization: organization(template),
    ...(template && { unified_job_template: { ...brief(template), unified_job_type: type } }),
    ...(template && { [key]: brief(template) }),
    created_by: user,
    user_capabilities: { delete: false, start: true },
    ...(workflow && { source_workflow_job: { id: workflow.job } }),
  };
}

const playbookFields = ({ started, artifacts }: Job) => ({
  execution_node: started === null ? '' : 'awx-task',
  playbook: 'site.yml',
  inventory: inventory.id,
  project: 6,
  verbosity: 0,
  artifacts,
});

/** A job as lists show it. */
export function jobRow(job: Job, { template, root }: Shown): Row {
  const url = jobUrl(job, root);
  const { workflow: _workflow, template: templateId, hosts: _hosts, artifacts: _artifacts, ...open } = job;
  return {
    ...open,
    url,
    related: jobLinks(job, url, root),
    summary_fields: jobSummaries(job, template),
    modified: job.finished ?? job.started ?? job.created,
    description: '',
    organization: 1,
    unified_job_template: templateId,
    [job.type === 'job' ? 'job_template' : 'workflow_job_template']: templateId,
    failed: ['failed', 'error', 'canceled'].includes(job.status),
    elapsed: seconds(job),
    extra_vars: JSON.stringify(job.extra_vars),
    launched_by: { ...user, name: user.username, type: 'user', url: `${root}/users/1/` },
    job_tags: '',
    skip_tags: '',
    allow_simultaneous: template?.allowSimultaneous ?? false,
    ...(job.type === 'job' ? playbookFields(job) : {}),
  };
}

/** A job on its own page, and in the answer to a launch. */
export function jobDetail(job: Job, shown: Shown, eventsLate: boolean) {
  const over = !isActive(job);
  return {
    ...jobRow(job, shown),
    result_traceback: '',
    job_args: '',
    job_cwd: '',
    job_env: {},
    ...(job.type === 'job'
      ? {
          event_processing_finished: over && !eventsLate,
          host_status_counts: {},
          playbook_counts: { play_count: over ? 1 : 0, task_count: 0 },
        }
      : {}),
  };
}

/** Host summaries, newest first as AWX orders them. */
export function hostRows(job: Job, root: string): Row[] {
  return Object.entries(job.hosts).map(([host_name, stats], n) => ({
    id: job.id * 100 + n,
    type: 'job_host_summary',
    url: `${root}/job_host_summaries/${job.id * 100 + n}/`,
    related: { job: jobUrl(job, root) },
    summary_fields: {
      job: { id: job.id, name: job.name, status: job.status },
      host: { id: n + 1, name: host_name },
    },
    created: job.finished ?? job.created,
    modified: job.finished ?? job.created,
    job: job.id,
    host: n + 1,
    host_name,
    processed: 1,
    skipped: 0,
    ignored: 0,
    rescued: 0,
    failed: stats.failures + stats.dark > 0,
    ...stats,
  }));
}

/** The nodes of a workflow job: those that ran have a job. */
export function nodeRows(
  job: Job,
  template: Template | undefined,
  jobs: readonly Job[],
  root: string,
): Row[] {
  if (template?.kind !== 'workflow') return [];
  return template.nodes.map((node, n) => {
    const ran = jobs.find(({ workflow }) => workflow?.job === job.id && workflow.node === node.identifier);
    const id = job.id * 100 + n;
    return {
      id,
      type: 'workflow_job_node',
      url: `${root}/workflow_job_nodes/${id}/`,
      related: { workflow_job: jobUrl(job, root), ...(ran === undefined ? {} : { job: jobUrl(ran, root) }) },
      summary_fields: {
        workflow_job: { id: job.id, name: job.name, description: '' },
        unified_job_template: { name: node.template, description: '', unified_job_type: 'job' },
        ...(ran === undefined
          ? {}
          : {
              job: {
                id: ran.id,
                name: ran.name,
                description: '',
                status: ran.status,
                failed: ran.status !== 'successful',
                elapsed: seconds(ran),
                type: ran.type,
              },
            }),
      },
      created: job.created,
      modified: job.created,
      identifier: node.identifier,
      job: ran?.id ?? null,
      workflow_job: job.id,
      do_not_run: ran === undefined && !isActive(job),
      success_nodes: [],
      failure_nodes: [],
      always_nodes: [],
      all_parents_must_converge: false,
    };
  });
}
