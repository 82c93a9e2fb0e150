import { promises as timers } from 'node:timers';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Launch, Target } from '../../ports.ts';
import {
  type AzureApi,
  azureApi,
  errorCodeOf,
  type GetToken,
  isMissing,
  signed,
  type Wire,
} from './azure-automation-api.ts';
import { pollJob, readJob, statusOf } from './azure-automation-job.ts';
import { createJob, stopJob } from './azure-automation-launch.ts';
import { jobLog } from './azure-automation-log.ts';
import { type Definition, jobParameters, runbook } from './azure-automation-runbook.ts';
import { launchRefused, verdict } from './faults.ts';
import { httpCall, parseJson, type Sleep } from './http.ts';
import { checkExecutionId } from './ops-api-run.ts';
import { readAhead } from './read-ahead.ts';
import { type ResolveSecret, secretValues } from './secrets.ts';

export type AzureAutomationSettings = {
  readonly name: string;
  /** Resource id of the Automation account: /subscriptions/…/resourceGroups/…/providers/Microsoft.Automation/automationAccounts/…. */
  readonly account: string;
  /** A token for Azure Resource Manager (scope https://management.azure.com/.default); called before each request. */
  readonly getToken: GetToken;
  /** For one exchange; a call makes at most `attempts` (3) of them. */
  readonly timeoutMs: number;
  readonly resolveSecret: ResolveSecret;
  /** The secret references of all runbooks, so that logs are masked. */
  readonly knownSecrets?: readonly string[];
  /** Hybrid worker group that runs the jobs; Azure itself without it. */
  readonly runOn?: string;
  /** Of Azure Resource Manager; the public cloud without it. */
  readonly baseUrl?: string;
  readonly attempts?: number;
  readonly sleep?: Sleep;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const publicCloud = 'https://management.azure.com';

const AccountId = z
  .string()
  .regex(
    /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\w.()-]{1,90}\/providers\/Microsoft\.Automation\/automationAccounts\/[A-Za-z][A-Za-z0-9-]{4,49}$/i,
  );

/**
 * Azure Automation as a target: published runbooks by name, parameters by their declared types. A job bears our execution
 * id as its name, which makes a launch safe to repeat. Secrets are refused as parameters, because Azure shows them with
 * the job. A job that completed with records in its error stream failed. Throws `config-invalid` for an account that is no
 * resource id.
 */
export function azureAutomationTarget(settings: AzureAutomationSettings): Target {
  const { name, runOn, now = Date.now } = settings;
  const secrets = secretValues(name, settings.resolveSecret, settings.knownSecrets ?? [], []);
  const wire = wireTo(settings);
  const ahead = readAhead<Definition>(now);
  const signedIn = async (): Promise<AzureApi> => azureApi(wire, await secrets.mask());

  /** What a launch would send, or why it would not be taken as it is. */
  async function prepare(launch: Launch) {
    checkExecutionId(name, launch.executionId);
    const parameters = await secrets.fill(launch.parameters);
    const secret = Object.keys(parameters).filter((key) => parameters[key] !== launch.parameters[key]);
    const api = await signedIn();
    const definition = ahead.take(launch) ?? (await runbook(api, launch.job));
    return { api, definition, plan: jobParameters(definition, { parameters, secret }) };
  }

  return {
    name,
    idempotent: true,
    preflight: (launch) =>
      verdict(async () => {
        ahead.take(launch);
        const { definition, plan } = await prepare(launch);
        if (!plan.ok) return plan.faults;
        ahead.keep(launch, definition);
        return [];
      }),
    async launch(launch) {
      const { api, definition, plan } = await prepare(launch);
      if (!plan.ok) throw launchRefused(name, launch.job, plan.faults);
      return createJob(api, { launch, runbook: definition.name, parameters: plan.parameters, runOn });
    },
    async find(executionId) {
      const api = await signedIn();
      const job = await readJob(api, executionId);
      return job === undefined ? undefined : statusOf(api, executionId, job);
    },
    async poll(externalId) {
      return pollJob(await signedIn(), externalId);
    },
    async cancel(externalId) {
      await stopJob(await signedIn(), externalId);
    },
    link: () => portalPage(settings),
    async log(externalId) {
      return jobLog(await signedIn(), externalId);
    },
    async health() {
      try {
        return await accountHealth(await signedIn());
      } catch (error) {
        if (error instanceof AppError) return { ok: false, why: error.message };
        throw error;
      }
    },
  };
}

/** The jobs of the account in the portal of the public cloud; other clouds have portals of their own. */
function portalPage({ account, baseUrl = publicCloud }: AzureAutomationSettings): string | undefined {
  const isPublic = new URL(baseUrl).origin === publicCloud;
  return isPublic ? `https://portal.azure.com/#resource${encodeURI(account)}/jobs` : undefined;
}

function wireTo(settings: AzureAutomationSettings): Wire {
  const { name, account, getToken, timeoutMs, attempts = 3, sleep = timers.setTimeout } = settings;
  if (!AccountId.safeParse(account).success)
    throw new AppError({
      code: 'config-invalid',
      message: `the account of target ${name} is no resource id of an Automation account`,
      fix: `Set the account of ${name} to its resource id, as "JSON view" of the account in the Azure portal shows it.`,
    });
  const baseUrl = settings.baseUrl ?? publicCloud;
  const call = signed(name, httpCall({ name, baseUrl, timeoutMs, headers: {} }), getToken, timeoutMs);
  return { name, call, account, attempts, sleep };
}

const Account = z.object({ properties: z.object({ state: z.string().nullish() }).nullish() });

/** The account is there, in order, and we are let in. */
async function accountHealth(api: AzureApi): Promise<{ ok: true } | { ok: false; why: string }> {
  const answer = await api.read('', 'the Automation account');
  if (answer.status === 401) return { ok: false, why: `Azure does not accept our token for ${api.name}` };
  if (isMissing(answer) || answer.status === 404)
    return {
      ok: false,
      why: `there is no Automation account behind ${api.name} (${errorCodeOf(answer) ?? 404})`,
    };
  const account = Account.safeParse(parseJson(answer.text));
  if (answer.status !== 200 || !account.success)
    return { ok: false, why: `${api.name} answered ${answer.status} when asked for the Automation account` };
  const state = account.data.properties?.state ?? 'Ok';
  return state === 'Ok'
    ? { ok: true }
    : { ok: false, why: `the Automation account of ${api.name} is ${state}` };
}
