import type { Answer, Ask, Handler, Routes } from '../ops-api/loopback.ts';
import { type Execution, type ExecutionStore, isGoing } from './execution-store.ts';
import type { Job, Jobs } from './jobs.ts';
import { complaints, expandDates, withDefaults } from './options.ts';
import { output } from './output.ts';
import { apiError, definition, executionJson, jobRow } from './present.ts';
import type { Runner } from './runner.ts';

/** What the simulated Rundeck does differently until it is told otherwise. */
export type Disturbance = {
  /** Executions are switched off for the whole server. */
  readonly passive: boolean;
  /** Aborting fails, as when the role may not kill. */
  readonly cannotAbort: boolean;
  /** As Rundecks before option filters: the query returns every execution. */
  readonly ignoresOptionFilter: boolean;
};
export type World = {
  readonly store: ExecutionStore;
  readonly jobs: Jobs;
  readonly runner: Runner;
  readonly apiVersion: number;
  readonly disturbance: () => Disturbance;
};

/** The routes below `/api/:version`, as far as clients of jobs and executions use them. */
export function resources(world: World): Routes {
  const { store, jobs, disturbance } = world;
  const fail = (status: number, code: string, message: string) =>
    apiError(status, code, message, world.apiVersion);
  const absent = (kind: string, id: string) =>
    fail(404, 'api.error.item.doesnotexist', `${kind} does not exist: ${id}`);
  const ofJob =
    (answer: (job: Job, ask: Ask) => Answer | Promise<Answer>): Handler =>
    (ask) => {
      const job = jobs.get(ask.params['id'] ?? '');
      return job === undefined ? absent('Job ID', ask.params['id'] ?? '') : answer(job, ask);
    };
  const ofExecution =
    (answer: (execution: Execution, ask: Ask) => Answer): Handler =>
    (ask) => {
      const execution = store.get(Number(ask.params['id']));
      return execution === undefined
        ? absent('Execution ID', ask.params['id'] ?? '')
        : answer(execution, ask);
    };
  const ofProject =
    (answer: (project: string, ask: Ask) => Answer): Handler =>
    (ask) => {
      const project = ask.params['project'] ?? '';
      return jobs.projects().includes(project) ? answer(project, ask) : absent('Project', project);
    };
  return {
    'GET /api/:v/projects': () => ({
      status: 200,
      json: jobs.projects().map((name) => ({
        name,
        description: '',
        url: `https://rundeck.internal.example/api/59/project/${name}`,
      })),
    }),
    'GET /api/:v/project/:project/jobs': ofProject((project, ask) => ({
      status: 200,
      json: jobs.all.filter((job) => job.project === project && isAskedFor(job, ask.query)).map(jobRow),
    })),
    'GET /api/:v/project/:project/executions': ofProject((project, ask) =>
      executionQuery(world, project, ask.query),
    ),
    'GET /api/:v/project/:project/executions/running': (ask) => {
      const project = ask.params['project'] ?? '';
      if (project !== '*' && !jobs.projects().includes(project)) return absent('Project', project);
      const going = store.all().filter((one) => isGoing(one) && [one.project, '*'].includes(project));
      return executionPage(world, going, ask.query);
    },
    'GET /api/:v/job/:id': ofJob((job) => ({ status: 200, json: definition(job) })),
    'POST /api/:v/job/:id/run': ofJob((job, ask) => run(world, job, ask, fail)),
    'GET /api/:v/job/:id/run': () => fail(405, 'api.error.invalid.request', 'Method not allowed'),
    'GET /api/:v/execution/:id': ofExecution((execution) => ({
      status: 200,
      json: executionJson(execution, jobs),
    })),
    'GET /api/:v/execution/:id/state': ofExecution((execution) => ({
      status: 200,
      json: stateJson(execution),
    })),
    'GET /api/:v/execution/:id/output': ofExecution((execution, ask) =>
      output(execution, store.outputOf(execution.id), ask),
    ),
    'POST /api/:v/execution/:id/abort': ofExecution((execution) => abort(world, execution)),
    'GET /api/:v/system/executions/status': (ask) => {
      const { passive } = disturbance();
      const status = passive && ask.query.get('passiveAs503') === 'true' ? 503 : 200;
      return { status, json: { active: !passive, executionMode: passive ? 'passive' : 'active' } };
    },
  };
}

/** `-` as a group stands for jobs at the top. */
function isAskedFor(job: Job, query: URLSearchParams): boolean {
  const name = query.get('jobExactFilter');
  const group = query.get('groupPathExact');
  return (
    (name === null || job.name === name) && (group === null || job.group === (group === '-' ? '' : group))
  );
}

function executionQuery(world: World, project: string, query: URLSearchParams): Answer {
  const { store, disturbance } = world;
  const wanted = disturbance().ignoresOptionFilter ? null : query.get('optionFilter');
  const found = store
    .all()
    .filter((one) => one.project === project && (wanted === null || carriesArgument(one, wanted)));
  return executionPage(world, found, query);
}

/** A page of a list, newest first. */
function executionPage({ jobs }: World, found: readonly Execution[], query: URLSearchParams): Answer {
  const all = found.toSorted((a, b) => b.started - a.started || b.id - a.id);
  const max = Number(query.get('max') ?? 20);
  const offset = Number(query.get('offset') ?? 0);
  const executions = all.slice(offset, offset + max).map((one) => executionJson(one, jobs));
  return {
    status: 200,
    json: { paging: { count: executions.length, total: all.length, offset, max }, executions },
  };
}

/** An option filter reads as an argument line does: `-name value`. */
function carriesArgument({ options }: Execution, filter: string): boolean {
  const [, name = '', value = ''] = /^-(\S+) (.*)$/.exec(filter) ?? [];
  return options[name] === value;
}

async function run(
  { runner, store, jobs, disturbance }: World,
  job: Job,
  ask: Ask,
  fail: (status: number, code: string, message: string) => Answer,
): Promise<Answer> {
  if (job.mayNotRun)
    return fail(403, 'api.error.item.unauthorized', `Not authorized for action "Run" for Job ID ${job.uuid}`);
  if (disturbance().passive) return fail(400, 'api.error.job.disabled', 'Executions are disabled.');
  if (job.executionEnabled === false)
    return fail(400, 'api.error.job.disabled', 'Executions are disabled for the job.');
  const busy = () => store.all().some((one) => one.job === job.uuid && isGoing(one));
  const limit = `Job "${job.name}" {{Job ${job.uuid}}}: Limit of running executions has been reached.`;
  if (!job.multipleExecutions && busy()) return fail(409, 'api.error.execution.conflict', limit);
  const values = withDefaults(job, optionsOf(ask.json));
  const wrong = complaints(job, values);
  if (wrong.length > 0)
    return fail(400, 'api.error.job.options-invalid', `Job options were not valid: ${wrong.join('\n')}`);
  await ask.beforeCommit();
  return { status: 200, json: executionJson(runner.start(job, expandDates(values)), jobs) };
}

/** The options of a JSON body. Anything that is no text is taken as its text. */
function optionsOf(body: unknown): Record<string, string> {
  const options = typeof body === 'object' && body !== null && 'options' in body ? body.options : {};
  return Object.fromEntries(Object.entries(options ?? {}).map(([name, value]) => [name, String(value)]));
}

/** Aborting takes effect later; of one that is over it fails, with status 200. */
function abort({ runner, disturbance }: World, execution: Execution): Answer {
  const { id, status } = execution;
  const about = { id: String(id), status, href: `https://rundeck.internal.example/api/59/execution/${id}` };
  if (!isGoing(execution))
    return {
      status: 200,
      json: { abort: { status: 'failed', reason: 'Job is not running' }, execution: about },
    };
  if (disturbance().cannotAbort)
    return { status: 200, json: { abort: { status: 'failed', reason: 'unauthorized' }, execution: about } };
  runner.abort(id);
  return { status: 200, json: { abort: { status: 'pending' }, execution: about } };
}

function stateJson(execution: Execution): unknown {
  const states = [
    ...execution.successfulNodes.map((name) => [name, 'SUCCEEDED'] as const),
    ...execution.failedNodes.map((name) => [name, 'FAILED'] as const),
  ];
  const ended: Readonly<Record<string, string>> = {
    succeeded: 'SUCCEEDED',
    aborted: 'ABORTED',
    running: 'RUNNING',
  };
  return {
    executionId: execution.id,
    executionState: ended[execution.status] ?? 'FAILED',
    completed: !isGoing(execution),
    startTime: new Date(execution.started).toISOString(),
    stepCount: 1,
    allNodes: states.map(([name]) => name),
    nodes: Object.fromEntries(
      states.map(([name, executionState]) => [name, [{ executionState, stepctx: '1' }]]),
    ),
  };
}
