import { promises as timers } from 'node:timers';
import { AppError } from '../../domain/errors.ts';
import type { Launch, Target } from '../../ports.ts';
import { launchRefused, verdict } from './faults.ts';
import { httpCall, retry, type Sleep } from './http.ts';
import { crumbBox, type JenkinsApi, jenkinsApi } from './jenkins-api.ts';
import { type Definition, launchForm, readDefinition } from './jenkins-definition.ts';
import { buildArtifacts, jenkinsHealth } from './jenkins-evidence.ts';
import { findExecution } from './jenkins-find.ts';
import { buildPage, buildTail } from './jenkins-glance.ts';
import { executionOf } from './jenkins-job-name.ts';
import { submitLaunch } from './jenkins-launch.ts';
import { buildOf, type Keeper } from './jenkins-locate.ts';
import { buildLog } from './jenkins-log.ts';
import { executionMemory } from './jenkins-memory.ts';
import { pollExecution } from './jenkins-poll.ts';
import { cancelExecution } from './jenkins-stop.ts';
import { checkExecutionId } from './ops-api-run.ts';
import { readAhead } from './read-ahead.ts';
import { type ResolveSecret, secretValues } from './secrets.ts';

export type JenkinsSettings = {
  readonly name: string;
  /** Of Jenkins, with its context path if it has one. */
  readonly baseUrl: string;
  /** A user with the permissions Job/Read, Job/Build and Job/Cancel on the jobs. */
  readonly user: string;
  /** The user's API token. A password works too; each request that changes something costs a crumb then. */
  readonly token: string;
  /** For one exchange; a read makes at most `attempts` (3) of them, a launch one. */
  readonly timeoutMs: number;
  readonly resolveSecret: ResolveSecret;
  /** The secret references of all runbooks, so that logs of builds started before a restart are masked too. */
  readonly knownSecrets?: readonly string[];
  /** A build that has not begun after this time is cancelled; 300,000 ms without it. */
  readonly startWithinMs?: number;
  /** The string parameter that carries the execution id; every job has to define it. `EXECUTION_ID` without it. */
  readonly executionParameter?: string;
  /** A build that does not stop is terminated after this time, and killed after as much again; 15,000 ms without it. */
  readonly escalateMs?: number;
  readonly attempts?: number;
  readonly sleep?: Sleep;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/**
 * Jenkins as a target: parameterized jobs by their full name, such as `team/app/recycle`. There is no idempotency key: a
 * launch is sent once, and its queue item or build is found again by the execution id among the parameters.
 */
export function jenkinsTarget(settings: JenkinsSettings): Target {
  const { name, user, token, attempts = 3, sleep = timers.setTimeout, now = Date.now } = settings;
  const { startWithinMs = 300_000, escalateMs = 15_000, executionParameter = 'EXECUTION_ID' } = settings;
  const secrets = secretValues(name, settings.resolveSecret, settings.knownSecrets ?? [], [token]);
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
  const wire = { name, call: httpCall({ ...settings, headers: { authorization } }), attempts, sleep };
  const crumbs = crumbBox(name);
  const memory = executionMemory();
  const signedIn = async (): Promise<JenkinsApi> => jenkinsApi(wire, crumbs, await secrets.mask());
  const keeping = async (): Promise<Keeper> => ({
    api: await signedIn(),
    memory,
    parameter: executionParameter,
  });

  const ahead = readAhead<Definition>(now);
  const prepare = (launch: Launch, read?: Definition) =>
    prepareLaunch(launch, { name, secrets, keeping, read });

  return {
    name,
    idempotent: false,
    preflight: (launch) =>
      verdict(async () => {
        ahead.take(launch);
        const { definition, plan } = await prepare(launch);
        if (!plan.ok) return plan.faults;
        ahead.keep(launch, definition);
        return [];
      }),
    async launch(launch) {
      const { keeper, definition, plan } = await prepare(launch, ahead.take(launch));
      if (!plan.ok) throw launchRefused(name, launch.job, plan.faults);
      return submitLaunch(keeper, definition, launch, plan.form);
    },
    async find(executionId) {
      checkExecutionId(name, executionId);
      const keeper = await keeping();
      const execution = await findExecution(keeper, executionId);
      return execution === undefined ? undefined : pollExecution(keeper, execution, startWithinMs);
    },
    poll: async (externalId) => pollExecution(await keeping(), executionOf(name, externalId), startWithinMs),
    async cancel(externalId) {
      const keeper = await keeping();
      const execution = executionOf(name, externalId);
      await retry(() => cancelExecution(keeper, execution, { escalateMs, now }), { attempts, sleep });
    },
    tail: async (externalId) => buildTail(await keeping(), executionOf(name, externalId)),
    link(externalId) {
      const page = buildPage({ api: { name }, memory }, executionOf(name, externalId));
      return page && `${settings.baseUrl.replace(/\/+$/, '')}${page}`;
    },
    async log(externalId) {
      const keeper = await keeping();
      const build = await buildOf(keeper, executionOf(name, externalId));
      return build === undefined
        ? { text: '', truncated: false }
        : buildLog(keeper.api, build.path, `the log of ${build.subject}`);
    },
    async artifacts(externalId) {
      const keeper = await keeping();
      const build = await buildOf(keeper, executionOf(name, externalId));
      return build === undefined ? [] : buildArtifacts(keeper.api, build.path, build.subject);
    },
    async health() {
      try {
        return await jenkinsHealth(await signedIn());
      } catch (error) {
        if (error instanceof AppError) return { ok: false, why: error.message };
        throw error;
      }
    },
  };
}

type Means = {
  readonly name: string;
  readonly secrets: ReturnType<typeof secretValues>;
  readonly keeping: () => Promise<Keeper>;
  /** The job as the preflight has just read it. */
  readonly read: Definition | undefined;
};

/** What a launch would send, or why it would not be taken as it is. Secrets are resolved here and nowhere else. */
async function prepareLaunch(launch: Launch, { name, secrets, keeping, read }: Means) {
  checkExecutionId(name, launch.executionId);
  const parameters = await secrets.fill(launch.parameters);
  const secret = Object.keys(parameters).filter((key) => parameters[key] !== launch.parameters[key]);
  const keeper = await keeping();
  const definition = read ?? (await readDefinition(keeper.api, launch.job));
  const { executionId } = launch;
  const plan = launchForm(definition, { parameters, secret, executionId, parameter: keeper.parameter });
  return { keeper, definition, plan };
}
