import { AppError } from '../../domain/errors.ts';
import type { JobStatus, Launch } from '../../ports.ts';
import { type AzureApi, azureRefusal } from './azure-automation-api.ts';
import { isOver, type Job, jobOf, jobPath, readJob, statusOf } from './azure-automation-job.ts';
import { isSame } from './azure-automation-runbook.ts';
import { retry } from './http.ts';

type Plan = {
  readonly launch: Launch;
  /** The runbook's name as Azure writes it. */
  readonly runbook: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Hybrid worker group; in Azure itself without it. */
  readonly runOn: string | undefined;
};

/**
 * Creates the job that bears our execution id as its name. There can be one of a name: a second PUT is answered 409 "Job
 * with specified id already exists" (Azure/azure-powershell issue 8921), so it is safe to ask again. Before a request that
 * may have arrived is repeated, the job is looked for.
 */
export async function createJob(api: AzureApi, plan: Plan): Promise<JobStatus> {
  let sent = false;
  return retry(async () => {
    const known = sent ? await readJob(api, plan.launch.executionId) : undefined;
    if (known !== undefined) return ours(api, known, plan);
    sent = true;
    return put(api, plan);
  }, api.patience);
}

async function put(api: AzureApi, plan: Plan): Promise<JobStatus> {
  const { launch, runbook, parameters, runOn } = plan;
  const answer = await api.send({
    method: 'PUT',
    path: jobPath(api.name, launch.executionId),
    body: {
      properties: { runbook: { name: runbook }, parameters, ...(runOn === undefined ? {} : { runOn }) },
    },
  });
  if (answer.status === 200 || answer.status === 201) {
    const made = jobOf(api.name, answer, launch.executionId, true);
    return answer.status === 201 ? statusOf(api, launch.executionId, made) : ours(api, made, plan);
  }
  if (answer.status !== 409) {
    const asked = { posted: true, subject: `runbook ${launch.job}` };
    throw azureRefusal(api.name, answer, asked, api.mask);
  }
  const job = await readJob(api, launch.executionId);
  if (job !== undefined) return ours(api, job, plan);
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} says that job ${launch.executionId} exists, and does not show it`,
    fix: `Look for the job ${launch.executionId} in the Automation account, then say what happened.`,
    retryable: true,
    maybeApplied: true,
  });
}

/** The job that bears our name has to be what we asked for. */
function ours(api: AzureApi, job: Job, { launch, runbook, parameters, runOn }: Plan): Promise<JobStatus> {
  const { properties } = job;
  const other = [
    isSame(properties.runbook?.name ?? runbook, runbook) ? [] : ['runbook'],
    hasParameters(properties.parameters, parameters) ? [] : ['parameters'],
    isSame(properties.runOn ?? '', runOn ?? '') ? [] : ['worker group'],
  ].flat();
  if (other.length === 0) return statusOf(api, launch.executionId, job);
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has a job ${launch.executionId} with another ${other.join(' and ')}`,
    fix: `Look at the job ${launch.executionId} in the Automation account; it is not what this run asked for.`,
    maybeApplied: true,
  });
}

/** An answer that shows no parameters says nothing about them. */
function hasParameters(
  shown: Job['properties']['parameters'],
  wanted: Readonly<Record<string, string>>,
): boolean {
  const have = Object.entries(shown ?? {});
  if (have.length === 0) return true;
  return (
    have.length === Object.keys(wanted).length &&
    have.every(([name, value]) => Object.hasOwn(wanted, name) && wanted[name] === value)
  );
}

/** Asks Azure to stop a job. Safe to repeat. One that is over already cannot be stopped, which the next poll tells. */
export async function stopJob(api: AzureApi, jobName: string): Promise<void> {
  const subject = `job ${jobName}`;
  await retry(async () => {
    const answer = await api.send({ method: 'POST', path: `${jobPath(api.name, jobName)}/stop` });
    if (answer.status >= 200 && answer.status < 300) return;
    const error = azureRefusal(api.name, answer, { posted: true, subject }, api.mask);
    if (answer.status !== 400 && answer.status !== 409) throw error;
    const job = await readJob(api, jobName);
    if (job === undefined || !isOver(job)) throw error;
  }, api.patience);
}
