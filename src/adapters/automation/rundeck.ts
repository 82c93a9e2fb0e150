import { promises as timers } from 'node:timers';
import { AppError } from '../../domain/errors.ts';
import type { Launch, Target } from '../../ports.ts';
import { launchRefused, verdict } from './faults.ts';
import { httpCall, type Sleep } from './http.ts';
import { checkExecutionId } from './ops-api-run.ts';
import { readAhead } from './read-ahead.ts';
import { type RundeckApi, rundeckApi, type Wire } from './rundeck-api.ts';
import { executionArtifacts, rundeckHealth } from './rundeck-evidence.ts';
import { executionNumber, pollExecution, projectMemory } from './rundeck-execution.ts';
import { findExecution } from './rundeck-find.ts';
import { type Definition, jobReader, jobRef } from './rundeck-job.ts';
import { abortExecution, submitRun } from './rundeck-launch.ts';
import { executionLog, executionTail } from './rundeck-log.ts';
import { runOptions } from './rundeck-options.ts';
import { executionsUnderWay } from './rundeck-under-way.ts';
import { type ResolveSecret, secretValues } from './secrets.ts';

/** The first API version that shows jobs as JSON, options included. */
const oldestApi = 44;

export type RundeckSettings = {
  readonly name: string;
  /** Of the server, without /api. */
  readonly baseUrl: string;
  /** API token of a user whose roles may read, view, run and kill the jobs. */
  readonly token: string;
  /** For one exchange; a read makes at most `attempts` (3) of them, a launch one. */
  readonly timeoutMs: number;
  readonly resolveSecret: ResolveSecret;
  /** The secret references of all runbooks, so that logs of jobs launched before a restart are masked too. */
  readonly knownSecrets?: readonly string[];
  /** 44 without it, which is also the oldest that will do. */
  readonly apiVersion?: number;
  /** The option that carries the execution id; jobs need not define it. `handrail_execution_id` without it. */
  readonly executionOption?: string;
  /** Where a lost execution is looked for; all projects that the token may see without it. */
  readonly projects?: readonly string[];
  /** How far back a lost execution is looked for; 48 h without it. */
  readonly lookBackMs?: number;
  readonly attempts?: number;
  readonly sleep?: Sleep;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/**
 * Rundeck as a target: jobs by UUID or by `project/group/name`; parameters are options of the job. There is no idempotency
 * key: a launch is sent once, and the execution is found again by our execution id, which it keeps as an option.
 * Throws `config-invalid` for an API version that is too old.
 */
export function rundeckTarget(settings: RundeckSettings): Target {
  const { name, token, attempts = 3, sleep = timers.setTimeout, now = Date.now } = settings;
  const option = settings.executionOption ?? 'handrail_execution_id';
  const secrets = secretValues(name, settings.resolveSecret, settings.knownSecrets ?? [], [token]);
  const wire = wireTo(settings, { attempts, sleep });
  const jobs = jobReader(now);
  const ahead = readAhead<Definition>(now);
  const signedIn = async (): Promise<RundeckApi> => rundeckApi(wire, await secrets.mask());

  /** What a launch would send, or why it would not be taken as it is. Secrets are resolved here and nowhere else. */
  async function prepare(launch: Launch) {
    checkExecutionId(name, launch.executionId);
    const ref = jobRef(name, launch.job);
    const parameters = await secrets.fill(launch.parameters);
    const secret = Object.keys(parameters).filter((key) => parameters[key] !== launch.parameters[key]);
    const api = await signedIn();
    const definition = ahead.take(launch) ?? (await jobs.definition(api, ref));
    const plan = runOptions(definition, { parameters, secret, executionId: launch.executionId, option });
    return { api, definition, plan };
  }

  return {
    name,
    idempotent: false,
    preflight: (launch) =>
      verdict(async () => {
        jobs.forget(launch.job);
        ahead.take(launch);
        const { definition, plan } = await prepare(launch);
        if (!plan.ok) return plan.faults;
        ahead.keep(launch, definition);
        return [];
      }),
    async launch(launch) {
      const { api, definition, plan } = await prepare(launch);
      if (!plan.ok) throw launchRefused(name, launch.job, plan.faults);
      return submitRun(api, definition.key, { launch, options: plan.options, option });
    },
    async find(executionId) {
      checkExecutionId(name, executionId);
      const api = await signedIn();
      const since = now() - (settings.lookBackMs ?? 172_800_000);
      const found = await findExecution(api, { executionId, option, projects: settings.projects, since });
      return found === undefined ? undefined : pollExecution(api, String(found.id));
    },
    poll: async (externalId) => pollExecution(await signedIn(), externalId),
    underWay: async (externalIds) => executionsUnderWay(await signedIn(), externalIds),
    async cancel(externalId) {
      const id = executionNumber(name, externalId);
      await abortExecution(await signedIn(), id, { attempts, sleep });
    },
    tail: async (externalId) => executionTail(await signedIn(), executionNumber(name, externalId)),
    link(externalId) {
      const page = wire.projects.pageOf(executionNumber(name, externalId));
      return page && `${settings.baseUrl.replace(/\/+$/, '')}${page}`;
    },
    log: async (externalId) => executionLog(await signedIn(), executionNumber(name, externalId)),
    async artifacts(externalId) {
      const id = executionNumber(name, externalId);
      return executionArtifacts(await signedIn(), id);
    },
    async health() {
      try {
        return await rundeckHealth(await signedIn());
      } catch (error) {
        if (error instanceof AppError) return { ok: false, why: error.message };
        throw error;
      }
    },
  };
}

function wireTo(settings: RundeckSettings, patience: { attempts: number; sleep: Sleep }): Wire {
  const { name, token, apiVersion = oldestApi } = settings;
  if (!Number.isInteger(apiVersion) || apiVersion < oldestApi)
    throw new AppError({
      code: 'config-invalid',
      message: `the API version ${apiVersion} of target ${name} is too old`,
      fix: `Set the API version of ${name} to ${oldestApi} or newer; older ones do not tell what options a job has.`,
    });
  return {
    name,
    apiVersion,
    projects: projectMemory(),
    call: httpCall({ ...settings, headers: { 'x-rundeck-auth-token': token } }),
    ...patience,
  };
}
