import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Answer, Ask, Handler, Routes } from '../ops-api/loopback.ts';
import { isOver, type Job, type JobStore } from './job-store.ts';
import { armError, automationError, jobJson, runbookJson, streamJson } from './present.ts';
import type { AzureRunbook } from './runbooks.ts';
import type { Runner } from './runner.ts';

export type World = {
  /** Resource id of the account. */
  readonly account: string;
  readonly state: string;
  readonly runbooks: readonly AzureRunbook[];
  readonly store: JobStore;
  readonly runner: Runner;
  /** How many records of a list come at once. */
  readonly pageSize: number;
};

const Creation = z.object({
  properties: z.object({
    runbook: z.object({ name: z.string() }),
    parameters: z.record(z.string(), z.string()).nullish(),
    runOn: z.string().nullish(),
  }),
});

/** The routes of one Automation account. */
export function resources(world: World): Routes {
  const { account, runbooks, store } = world;
  const named = (name: string) => runbooks.find((one) => one.name.toLowerCase() === name.toLowerCase());
  const ofJob =
    (answer: (job: Job, ask: Ask) => Answer): Handler =>
    (ask) => {
      const job = store.get(ask.params['job'] ?? '');
      return job === undefined
        ? automationError(404, 'NotFound', 'The job was not found.')
        : answer(job, ask);
    };
  return {
    [`GET ${account}`]: () => ({
      status: 200,
      json: {
        id: account,
        name: account.split('/').at(-1),
        type: 'Microsoft.Automation/AutomationAccounts',
        properties: { sku: { name: 'Basic' }, state: world.state },
      },
    }),
    [`GET ${account}/runbooks/:name`]: (ask) => {
      const runbook = named(ask.params['name'] ?? '');
      return runbook === undefined
        ? automationError(404, 'NotFound', 'The runbook was not found.')
        : { status: 200, json: runbookJson(account, runbook) };
    },
    [`GET ${account}/jobs/:job`]: ofJob((job) => ({ status: 200, json: jobJson(account, job) })),
    [`PUT ${account}/jobs/:job`]: creation(world, named),
    [`POST ${account}/jobs/:job/stop`]: ofJob((job) => {
      // what the real one says here is not documented
      if (isOver(job))
        return automationError(400, 'BadRequest', `A job that is ${job.status} cannot be stopped.`);
      world.runner.stop(job);
      return { status: 200 };
    }),
    [`GET ${account}/jobs/:job/output`]: ofJob(({ name }) => ({
      status: 200,
      text: store
        .streamsOf(name)
        .filter(({ type }) => type === 'Output')
        .map(({ text }) => `${text}\r\n`)
        .join(''),
    })),
    [`GET ${account}/jobs/:job/streams`]: ofJob((job, ask) => streamList(world, job, ask)),
  };
}

/** There is one job of a name: who comes second is told so (Azure/azure-powershell issue 8921). */
function creation(
  { account, store, runner }: World,
  named: (name: string) => AzureRunbook | undefined,
): Handler {
  /** Names that are taken, from the moment a request for them is accepted. */
  const claimed = new Set<string>();
  return async (ask) => {
    const name = ask.params['job'] ?? '';
    const body = Creation.safeParse(ask.json).data?.properties;
    if (body === undefined) return automationError(400, 'BadRequest', 'The request body is not valid.');
    if (store.get(name) !== undefined || claimed.has(name))
      return automationError(409, 'Conflict', `Job with specified id already exists. Job id: ${name}`);
    const runbook = named(body.runbook.name);
    if (runbook === undefined) return automationError(404, 'NotFound', 'The runbook was not found.');
    const refused = mayNotStart(account, runbook);
    if (refused !== undefined) return refused;
    claimed.add(name);
    await ask.beforeCommit();
    const job = newJob(name, runbook, body);
    store.create(job);
    runner.start(job, runbook);
    return { status: 201, json: jobJson(account, job) };
  };
}

function mayNotStart(account: string, { mayNotStart, state }: AzureRunbook): Answer | undefined {
  const action = 'Microsoft.Automation/automationAccounts/jobs/write';
  if (mayNotStart)
    return armError(
      403,
      'AuthorizationFailed',
      `The client does not have authorization to perform action '${action}' over scope '${account}'.`,
    );
  return state === 'New'
    ? automationError(400, 'BadRequest', 'The runbook has no published version.')
    : undefined;
}

const newJob = (
  name: string,
  runbook: AzureRunbook,
  { parameters, runOn }: z.infer<typeof Creation>['properties'],
): Job => ({
  name,
  jobId: randomUUID(),
  runbook: runbook.name,
  runOn: runOn ?? '',
  parameters: parameters ?? {},
  status: 'New',
  exception: null,
  created: new Date().toISOString(),
  started: null,
  ended: null,
});

/** A page of the streams. The link to the next one names Azure's own host and port. */
function streamList({ account, store, pageSize }: World, job: Job, ask: Ask): Answer {
  const [, type] = /^properties\/streamType eq '(\w+)'$/.exec(ask.query.get('$filter') ?? '') ?? [];
  const all = store
    .streamsOf(job.name)
    .map((entry, n) => ({ entry, n }))
    .filter(({ entry }) => type === undefined || entry.type === type);
  const from = Number(ask.query.get('$skiptoken') ?? 0);
  const rows = all.slice(from, from + pageSize);
  const query = new URLSearchParams(ask.query);
  query.set('$skiptoken', String(from + pageSize));
  const next = `https://management.azure.com:443${ask.path}?${query}`;
  return {
    status: 200,
    json: {
      value: rows.map(({ entry, n }) => streamJson(account, job, entry, n)),
      ...(from + pageSize < all.length ? { nextLink: next } : {}),
    },
  };
}
