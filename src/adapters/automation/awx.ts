import { promises as timers } from 'node:timers';
import { AppError } from '../../domain/errors.ts';
import type { Launch, Target } from '../../ports.ts';
import { type ApiPrefix, type AwxApi, awxApi, findPrefix, type Wire } from './awx-api.ts';
import { awxHealth, jobArtifacts } from './awx-evidence.ts';
import { findJob } from './awx-find.ts';
import { jobPage, jobTail } from './awx-glance.ts';
import { type JobId, jobId, jobName } from './awx-job-name.ts';
import { submitLaunch } from './awx-launch.ts';
import { launchBody } from './awx-launch-body.ts';
import { jobLog } from './awx-log.ts';
import { cancelJob, pollJob } from './awx-poll.ts';
import { type Definition, templateReader } from './awx-template.ts';
import { jobsUnderWay } from './awx-under-way.ts';
import { watchList } from './awx-watch.ts';
import { type Fault, launchRefused, verdict } from './faults.ts';
import { httpCall, retry, type Sleep } from './http.ts';
import { checkExecutionId } from './ops-api-run.ts';
import { readAhead } from './read-ahead.ts';
import { type ResolveSecret, secretValues } from './secrets.ts';

export type AwxSettings = {
  readonly name: string;
  /** Of the server, without /api. */
  readonly baseUrl: string;
  /** OAuth2 token of a user who may read and execute the templates. */
  readonly token: string;
  /** For one exchange; a read makes at most `attempts` (3) of them, a launch one. */
  readonly timeoutMs: number;
  readonly resolveSecret: ResolveSecret;
  /** The secret references of all runbooks, so that logs of jobs launched before a restart are masked too. */
  readonly knownSecrets?: readonly string[];
  /** Where the API begins; without it AWX and Automation Platform are told apart by asking. */
  readonly apiPrefix?: ApiPrefix;
  /** The variable that carries the execution id; every template has to take it. `runbook_execution_id` without it. */
  readonly executionVariable?: string;
  /** A job that has not begun after this time is cancelled; 300,000 ms without it. */
  readonly startWithinMs?: number;
  /** How far back a lost job is looked for; 48 h without it. */
  readonly lookBackMs?: number;
  readonly attempts?: number;
  readonly sleep?: Sleep;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/**
 * AWX or Automation Platform as a target: job templates and workflow templates, as `jobName` reads them. Parameters are
 * variables of the playbook, those called `launch.limit` and the like fields of the launch. There is no idempotency key:
 * a launch is sent once, and the job is found again by its execution id among the variables.
 */
export function awxTarget(settings: AwxSettings): Target {
  const { name, token, attempts = 3, sleep = timers.setTimeout, now = Date.now } = settings;
  const variable = settings.executionVariable ?? 'runbook_execution_id';
  const secrets = secretValues(name, settings.resolveSecret, settings.knownSecrets ?? [], [token]);
  const wire = wireTo(settings, { attempts, sleep });
  const templates = templateReader(now);
  const ahead = readAhead<Definition>(now);
  const watch = watchList();
  const patience = { startWithinMs: settings.startWithinMs ?? 300_000, watch };
  const signedIn = async (): Promise<AwxApi> => awxApi(wire, await secrets.mask());

  /** What a launch would send, or why it would not be taken as it is. Secrets are resolved here and nowhere else. */
  async function prepare(launch: Launch) {
    checkExecutionId(name, launch.executionId);
    const wanted = jobName(name, launch.job);
    const parameters = await secrets.fill(launch.parameters);
    const secret = Object.keys(parameters).filter((key) => parameters[key] !== launch.parameters[key]);
    const api = await signedIn();
    const definition = ahead.take(launch) ?? (await templates.definition(api, wanted));
    const plan = launchBody(definition, { parameters, secret, executionId: launch.executionId, variable });
    return { api, wanted, definition, plan };
  }

  return {
    name,
    idempotent: false,
    preflight: (launch) =>
      verdict(async () => {
        templates.forget(launch.job);
        ahead.take(launch);
        const { api, wanted, definition, plan } = await prepare(launch);
        const may = await templates.mayStart(api, wanted, definition.id);
        const faults = may === false ? [mayNotStart(name, launch.job)] : [];
        if (!plan.ok) return [...plan.faults, ...faults];
        if (may !== false) ahead.keep(launch, definition);
        return faults;
      }),
    async launch(launch) {
      const { api, definition, plan } = await prepare(launch);
      if (!plan.ok) throw launchRefused(name, launch.job, plan.faults);
      return submitLaunch(api, definition, { launch, body: plan.body, variable, watch });
    },
    async find(executionId) {
      checkExecutionId(name, executionId);
      const api = await signedIn();
      const since = new Date(now() - (settings.lookBackMs ?? 172_800_000));
      const job = await findJob(api, { executionId, variable, since });
      if (job === undefined) return undefined;
      // a list shows less than the job's own page
      return pollJob(api, { kind: job.type === 'job' ? 'job' : 'workflow', id: job.id }, patience);
    },
    poll: async (externalId) => pollJob(await signedIn(), jobId(name, externalId), patience),
    underWay: async (externalIds) => jobsUnderWay(await signedIn(), externalIds, patience),
    async cancel(externalId) {
      const api = await signedIn();
      await retry(() => cancelJob(api, jobId(name, externalId)), { attempts, sleep });
    },
    tail: async (externalId) => jobTail(await signedIn(), jobId(name, externalId)),
    link: (externalId) => wire.pageOf(jobId(name, externalId)),
    log: async (externalId) => jobLog(await signedIn(), jobId(name, externalId)),
    artifacts: async (externalId) => jobArtifacts(await signedIn(), jobId(name, externalId)),
    async health() {
      try {
        return await awxHealth(await signedIn());
      } catch (error) {
        if (error instanceof AppError) return { ok: false, why: error.message };
        throw error;
      }
    },
  };
}

type Pages = { readonly pageOf: (job: JobId) => string | undefined };

/** `pageOf` knows no page before it is known which of the two products it is. */
function wireTo(
  { apiPrefix, ...settings }: AwxSettings,
  patience: { attempts: number; sleep: Sleep },
): Wire & Pages {
  const headers = { authorization: `Bearer ${settings.token}` };
  const wire = { name: settings.name, call: httpCall({ ...settings, headers }), ...patience };
  const find = findPrefix(wire);
  let known = apiPrefix;
  const prefix = async () => {
    known ??= await find();
    return known;
  };
  const base = settings.baseUrl.replace(/\/+$/, '');
  return { ...wire, prefix, pageOf: (job) => (known === undefined ? undefined : jobPage(base, known, job)) };
}

const mayNotStart = (name: string, job: string): Fault => ({
  reason: `our user at ${name} may not start ${job}`,
  fix: 'Give the user of the token the role "Execute" on the template.',
});
