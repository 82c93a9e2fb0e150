import type { z } from 'zod';
import type { JobStatus, Launch, Target } from '../../ports.ts';
import { glanceBytes, lastLines } from './glance.ts';
import { type Answer, type Call, httpCall, readAnswer, retry, type Sleep } from './http.ts';
import { readLog } from './log.ts';
import type { Mask } from './mask.ts';
import { checkExecutionId, foreignRun, LogAnswer, Run, RunList, runPath, statusOf } from './ops-api-run.ts';
import { isProblem, refusal } from './refusal.ts';
import { type ResolveSecret, secretValues } from './secrets.ts';

export type OpsApiSettings = {
  readonly name: string;
  readonly baseUrl: string;
  /** Bearer token. */
  readonly token: string;
  /** For one exchange; a call makes at most `attempts` (3) of them. */
  readonly timeoutMs: number;
  readonly resolveSecret: ResolveSecret;
  /** The secret references of all runbooks, so that logs of jobs launched before a restart are masked too. */
  readonly knownSecrets?: readonly string[];
  readonly attempts?: number;
  readonly sleep?: Sleep;
};

const isSuccess = ({ status }: Answer) => status >= 200 && status < 300;

/** What the calls below share. The mask is always made before a call: a secret that cannot be read must not hide a started job. */
type Api = { readonly name: string; readonly call: Call };

async function get<T>(
  { name, call }: Api,
  mask: Mask,
  path: string,
  schema: z.ZodType<T>,
  query: Record<string, string>,
): Promise<T> {
  const answer = await call({ method: 'GET', path, query });
  if (answer.status !== 200) throw refusal(name, answer, { posted: false, subject: path }, mask);
  return readAnswer(name, answer, schema, false);
}

async function submit({ name, call }: Api, mask: Mask, launch: Launch): Promise<JobStatus> {
  const answer = await call({
    method: 'POST',
    path: '/runs',
    headers: { 'idempotency-key': `"${launch.executionId}"` },
    body: {
      runbook: launch.job,
      parameters: launch.parameters,
      execution_id: launch.executionId,
      reference: launch.runId,
    },
  });
  if (!isSuccess(answer)) throw refusal(name, answer, { posted: true, subject: `job ${launch.job}` }, mask);
  const run = readAnswer(name, answer, Run, true);
  if ((run.execution_id ?? launch.executionId) !== launch.executionId) throw foreignRun(name, true);
  return statusOf(name, run, mask, answer.retryAfterMs);
}

async function find(api: Api, mask: Mask, executionId: string): Promise<JobStatus | undefined> {
  const { runs } = await get(api, mask, '/runs', RunList, { idempotency_key: executionId });
  // A server that ignores the query hands out somebody else's runs.
  if (runs.length > 1 || runs.some((run) => run.execution_id !== executionId))
    throw foreignRun(api.name, false);
  return runs[0] === undefined ? undefined : statusOf(api.name, runs[0], mask, undefined);
}

async function poll({ name, call }: Api, mask: Mask, externalId: string): Promise<JobStatus> {
  const answer = await call({ method: 'GET', path: runPath(name, externalId) });
  if (answer.status === 404 && isProblem(answer))
    return { externalId, state: 'unknown', detail: `${name} does not know the run ${externalId} (any more)` };
  if (answer.status !== 200)
    throw refusal(name, answer, { posted: false, subject: `run ${externalId}` }, mask);
  const run = readAnswer(name, answer, Run, false);
  if (run.id !== externalId) throw foreignRun(name, false);
  return statusOf(name, run, mask, answer.retryAfterMs);
}

async function cancel({ name, call }: Api, mask: Mask, externalId: string): Promise<void> {
  const answer = await call({ method: 'POST', path: `${runPath(name, externalId)}/cancel` });
  // 409: it is over already, which the next poll tells.
  if (!isSuccess(answer) && answer.status !== 409)
    throw refusal(name, answer, { posted: true, subject: `run ${externalId}` }, mask);
}

/**
 * A target that speaks the ops-runbook API: one HTTP endpoint that runs named jobs and honours `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header). The key makes every call safe to repeat.
 */
export function opsApi(settings: OpsApiSettings): Target {
  const { name, token, attempts = 3 } = settings;
  const secrets = secretValues(name, settings.resolveSecret, settings.knownSecrets ?? [], [token]);
  const api = { name, call: httpCall({ ...settings, headers: { authorization: `Bearer ${token}` } }) };
  const patiently = <T>(attempt: () => Promise<T>) =>
    retry(attempt, { attempts, ...(settings.sleep === undefined ? {} : { sleep: settings.sleep }) });

  return {
    name,
    idempotent: true,
    async launch(launch) {
      checkExecutionId(name, launch.executionId);
      const parameters = await secrets.fill(launch.parameters);
      const mask = await secrets.mask();
      return patiently(() => submit(api, mask, { ...launch, parameters }));
    },
    async find(executionId) {
      checkExecutionId(name, executionId);
      const mask = await secrets.mask();
      return patiently(() => find(api, mask, executionId));
    },
    async poll(externalId) {
      const mask = await secrets.mask();
      return patiently(() => poll(api, mask, externalId));
    },
    async cancel(externalId) {
      const mask = await secrets.mask();
      await patiently(() => cancel(api, mask, externalId));
    },
    async tail(externalId) {
      const mask = await secrets.mask();
      const path = `${runPath(name, externalId)}/log`;
      const page = (after: number) => get(api, mask, path, LogAnswer, { after: String(after) });
      const first = await page(0);
      if (first.next >= first.size) return lastLines(first.text, true, mask);
      return lastLines((await page(Math.max(0, first.size - glanceBytes - mask.longest))).text, false, mask);
    },
    async log(externalId) {
      const mask = await secrets.mask();
      const path = `${runPath(name, externalId)}/log`;
      const page = (after: number) => get(api, mask, path, LogAnswer, { after: String(after) });
      return readLog((after) => patiently(() => page(after)), mask);
    },
  };
}
