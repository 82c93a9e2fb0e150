import type { Answer, Ask, Handler, Routes } from '../ops-api/loopback.ts';
import { userName } from './access.ts';
import { isActive, type Job, type JobStore } from './job-store.ts';
import { judgeLaunch, launchForm } from './launch.ts';
import { eventRows, stdout } from './output.ts';
import { hostRows, inventory, jobDetail, jobRow, jobUrl, nodeRows, templateRow } from './present.ts';
import { detail, list, type Model, type Row } from './rows.ts';
import type { Disturbance, Runner } from './runner.ts';
import { surveySpec } from './survey.ts';
import type { Template, Templates } from './templates.ts';

export type Awx = {
  readonly store: JobStore;
  readonly runner: Runner;
  readonly templates: Templates;
  readonly disturbance: () => Disturbance;
  readonly maxStdoutBytes: number;
};
type Kind = Template['kind'];

const models = {
  job: { templates: 'job_templates', jobs: 'jobs', template: 'Job Template', type: 'job' },
  workflow: {
    templates: 'workflow_job_templates',
    jobs: 'workflow_jobs',
    template: 'Workflow Job Template',
    type: 'workflow_job',
  },
} as const;
const secretive: Model['hidden'] = [
  'extra_vars',
  'survey_spec',
  'survey_passwords',
  'job_args',
  'job_env',
  'start_args',
];
const jobFields = [
  'extra_vars',
  'job_template',
  'workflow_job_template',
  'launch_type',
  'created',
  'status',
  'created_by',
];
const missing = (what: string): Answer => detail(404, `No ${what} matches the given query.`);

/** The resources of the API below one root such as `/api/v2`. Every handler wants a signed-in user. */
export function resources(awx: Awx, root: string): Routes {
  return {
    [`GET ${root}/me/`]: (ask) => list({ name: 'User', hidden: ['password'] }, [me(root)], ask, []),
    [`GET ${root}/config/`]: () => ({
      status: 200,
      json: { time_zone: 'UTC', license_info: {}, version: '24.6.1', eula: '' },
    }),
    [`GET ${root}/inventories/`]: (ask) =>
      list(
        { name: 'Inventory', hidden: [] },
        [{ type: 'inventory', url: `${root}/inventories/1/`, ...inventory }],
        ask,
        [],
      ),
    [`GET ${root}/organizations/`]: (ask) =>
      list({ name: 'Organization', hidden: [] }, [{ id: 1, type: 'organization', name: 'Default' }], ask, []),
    ...templateRoutes(awx, root, 'job'),
    ...templateRoutes(awx, root, 'workflow'),
    ...jobRoutes(awx, root, 'job'),
    ...jobRoutes(awx, root, 'workflow'),
    [`GET ${root}/unified_jobs/`]: (ask) => {
      const rows = awx.store.all().map((job) => jobRow(job, shownIn(awx, root, job)));
      return list({ name: 'UnifiedJob', hidden: secretive }, rows, ask, jobFields);
    },
    [`GET ${root}/jobs/:id/stdout/`]: ofJob(awx, 'job', (job, ask) =>
      stdout(awx.store.outputOf(job.id), ask, awx.maxStdoutBytes, `job_${job.id}`),
    ),
    [`GET ${root}/jobs/:id/job_events/`]: ofJob(awx, 'job', (job, ask) =>
      list(
        { name: 'JobEvent', hidden: [] },
        eventRows(awx.store.outputOf(job.id), job.id, ask),
        ask,
        ['counter'],
        true,
      ),
    ),
    [`GET ${root}/jobs/:id/job_host_summaries/`]: ofJob(awx, 'job', (job, ask) => {
      const rows = awx.disturbance().eventsLate ? [] : hostRows(job, root);
      return list({ name: 'JobHostSummary', hidden: [] }, rows, ask, [
        'host_name',
        'failed',
        'dark',
        'failures',
      ]);
    }),
    [`GET ${root}/workflow_jobs/:id/workflow_nodes/`]: ofJob(awx, 'workflow', (job, ask) => {
      const rows = nodeRows(job, awx.templates.get(job.template), awx.store.all(), root);
      return list({ name: 'WorkflowJobNode', hidden: secretive }, rows, ask, ['job', 'identifier']);
    }),
  };
}

const me = (root: string): Row => ({
  id: 1,
  type: 'user',
  url: `${root}/users/1/`,
  username: userName,
  first_name: '',
  last_name: '',
  email: '',
  is_superuser: false,
});

function templateRoutes(awx: Awx, root: string, kind: Kind): Routes {
  const { templates: path, template: name } = models[kind];
  const own =
    (answer: (template: Template, ask: Ask) => Answer | Promise<Answer>): Handler =>
    (ask) => {
      const template = named(awx.templates, kind, ask.params['id'] ?? '');
      return template === undefined ? missing(name.replaceAll(' ', '')) : answer(template, ask);
    };
  const rows = () => awx.templates.all(kind).map((template) => templateRow(template, root));
  const hidden = [...secretive, 'host_config_key', 'webhook_key'];
  return {
    [`GET ${root}/${path}/`]: (ask) => list({ name: name.replaceAll(' ', ''), hidden }, rows(), ask, []),
    [`GET ${root}/${path}/:id/`]: own((template) => ({ status: 200, json: templateRow(template, root) })),
    [`GET ${root}/${path}/:id/survey_spec/`]: own((template) => ({
      status: 200,
      json: surveySpec(template),
    })),
    [`GET ${root}/${path}/:id/launch/`]: own(launchForm),
    [`POST ${root}/${path}/:id/launch/`]: own((template, ask) => launch(awx, root, template, ask)),
  };
}

/** A template by id, or by the named URL `Name++Organization`. */
function named(templates: Templates, kind: Kind, id: string): Template | undefined {
  const [name, organization] = id.split('++');
  return templates
    .all(kind)
    .find((one) =>
      organization === undefined
        ? String(one.id) === id
        : one.name === name && (one.organization ?? 'Default') === organization,
    );
}

async function launch(awx: Awx, root: string, template: Template, ask: Ask): Promise<Answer> {
  const judged = judgeLaunch(template, ask, awx.disturbance().ignore);
  if ('status' in judged) return judged;
  await ask.beforeCommit();
  const id = awx.runner.start(template, judged.variables, judged.fields);
  const job = awx.store.get(id);
  if (job === undefined) return detail(500, 'the job is gone');
  return {
    status: 201,
    headers: { location: jobUrl(job, root) },
    json: {
      [models[template.kind].type]: id,
      ignored_fields: judged.ignored,
      ...jobDetail(job, { template, root }, awx.disturbance().eventsLate),
    },
  };
}

function ofJob(awx: Awx, kind: Kind, answer: (job: Job, ask: Ask) => Answer): Handler {
  return (ask) => {
    const job = awx.store.get(Number(ask.params['id']));
    return job?.type === models[kind].type
      ? answer(job, ask)
      : missing(kind === 'job' ? 'Job' : 'WorkflowJob');
  };
}

const shownIn = (awx: Awx, root: string, job: Job) => ({ template: awx.templates.get(job.template), root });

function jobRoutes(awx: Awx, root: string, kind: Kind): Routes {
  const { jobs: path, type } = models[kind];
  const shown = (job: Job) => shownIn(awx, root, job);
  const model = { name: kind === 'job' ? 'Job' : 'WorkflowJob', hidden: secretive };
  return {
    [`GET ${root}/${path}/`]: (ask) => {
      const jobs = awx.store.all().filter((job) => job.type === type);
      return list(
        model,
        jobs.map((job) => jobRow(job, shown(job))),
        ask,
        jobFields,
      );
    },
    [`GET ${root}/${path}/:id/`]: ofJob(awx, kind, (job) => ({
      status: 200,
      json: jobDetail(job, shown(job), awx.disturbance().eventsLate),
    })),
    [`GET ${root}/${path}/:id/cancel/`]: ofJob(awx, kind, (job) => ({
      status: 200,
      json: { can_cancel: isActive(job) },
    })),
    [`POST ${root}/${path}/:id/cancel/`]: ofJob(awx, kind, (job) => {
      if (!isActive(job)) return detail(405, 'Method "POST" not allowed.');
      awx.runner.cancel(job.id);
      return { status: 202 };
    }),
  };
}
