import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JobStatus, Launch } from '../../ports.ts';
import { readAnswer, retry, type Sleep } from './http.ts';
import { foreignRun } from './ops-api-run.ts';
import { oneLine } from './refusal.ts';
import { type RundeckApi, rundeckRefusal } from './rundeck-api.ts';
import { carries, Execution, executionChain, isGoing, judge } from './rundeck-execution.ts';

/**
 * Runs a job, once: Rundeck knows no idempotency key, so a launch that was sent is never sent again. An answer that does
 * not show our execution id is not believed: it is about another execution, or about one that could not be found again.
 */
export async function submitRun(
  api: RundeckApi,
  key: string,
  { launch, options, option }: { launch: Launch; options: Readonly<Record<string, string>>; option: string },
): Promise<JobStatus> {
  const answer = await api.post(`/job/${encodeURIComponent(key)}/run`, { options });
  const subject = `job ${launch.job}`;
  if (answer.status !== 200) throw rundeckRefusal(api.name, answer, { posted: true, subject }, api.mask);
  const execution = readAnswer(api.name, answer, Execution, true);
  if (execution.job?.id !== key || !carries(execution, option, launch.executionId))
    throw foreignExecution(api.name, subject, option);
  const { state, detail } = judge(api, execution);
  return { externalId: String(execution.id), state, detail: oneLine(api.mask(detail)) };
}

const foreignExecution = (name: string, subject: string, option: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} answered with an execution that is not the one asked for (${subject})`,
    fix: `Check that the executions of ${name} show the option ${option}, and what stands between Handrail and ${name}.`,
    maybeApplied: true,
  });

const Aborted = z.object({
  abort: z.object({ status: z.string(), reason: z.string().nullish() }),
  execution: Execution.pick({ id: true, status: true }),
});

/** Asks Rundeck to abort an execution, or the one that repeats it. Safe to repeat. */
export async function abortExecution(
  api: RundeckApi,
  id: number,
  patience: { readonly attempts: number; readonly sleep: Sleep },
): Promise<void> {
  const last = (await executionChain(api, id)).at(-1)?.id ?? id;
  await retry(() => abort(api, last), patience);
}

async function abort(api: RundeckApi, id: number): Promise<void> {
  const subject = `execution ${id}`;
  const answer = await api.post(`/execution/${id}/abort`);
  if (answer.status !== 200) throw rundeckRefusal(api.name, answer, { posted: true, subject }, api.mask);
  const { abort: result, execution } = readAnswer(api.name, answer, Aborted, true);
  if (execution.id !== id) throw foreignRun(api.name, true);
  // one that is over cannot be aborted, which the next poll tells
  if (result.status === 'pending' || result.status === 'aborted' || !isGoing(execution)) return;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} could not abort ${subject}: ${oneLine(api.mask(result.reason ?? 'no reason given'))}`,
    fix: `Abort execution ${id} in Rundeck, and allow the roles of the token to kill the job.`,
    retryable: true,
    maybeApplied: true,
  });
}
