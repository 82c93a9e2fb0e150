import { z } from 'zod';
import type { JobStatus } from '../../ports.ts';
import { type AzureApi, allRows, azureRefusal, isMissing } from './azure-automation-api.ts';
import { isSame } from './azure-automation-runbook.ts';
import { type Answer, readAnswer } from './http.ts';
import { checkExecutionId, foreignRun } from './ops-api-run.ts';
import { oneLine } from './refusal.ts';

/** A job as Azure shows it; of the answer only names, times and texts are used, never a URL. */
const Job = z.object({
  name: z.string(),
  properties: z.object({
    status: z.string(),
    statusDetails: z.string().nullish(),
    exception: z.string().nullish(),
    runbook: z.object({ name: z.string().nullish() }).nullish(),
    runOn: z.string().nullish(),
    parameters: z.record(z.string(), z.string().nullish()).nullish(),
  }),
});
export type Job = z.infer<typeof Job>;

/** The path of a job: its name is our execution id. Throws `target-refused` for an id that no target of ours gave out. */
export function jobPath(target: string, jobName: string): string {
  checkExecutionId(target, jobName);
  return `/jobs/${jobName.toLowerCase()}`;
}

/** A job in an answer, checked to be the one asked for. `posted`: the request wanted something to happen. */
export function jobOf(name: string, answer: Answer, jobName: string, posted: boolean): Job {
  const job = readAnswer(name, answer, Job, posted);
  if (!isSame(job.name, jobName)) throw foreignRun(name, posted);
  return job;
}

/** The job of this name; undefined when Azure says that there is none. */
export async function readJob(api: AzureApi, jobName: string): Promise<Job | undefined> {
  const subject = `job ${jobName}`;
  const answer = await api.read(jobPath(api.name, jobName), subject);
  if (isMissing(answer)) return undefined;
  if (answer.status !== 200) throw azureRefusal(api.name, answer, { posted: false, subject }, api.mask);
  return jobOf(api.name, answer, jobName, false);
}

/** How a job is. A status that is not documented is `unknown`. */
export async function pollJob(api: AzureApi, jobName: string): Promise<JobStatus> {
  const job = await readJob(api, jobName);
  if (job !== undefined) return statusOf(api, jobName, job);
  const detail = `${api.name} does not know the job ${jobName} (any more)`;
  return { externalId: jobName, state: 'unknown', detail };
}

type Verdict = Pick<JobStatus, 'state' | 'detail'>;

export async function statusOf(api: AzureApi, jobName: string, job: Job): Promise<JobStatus> {
  const { state, detail } =
    job.properties.status === 'Completed' ? await completed(api, jobName) : judge(api, job);
  return { externalId: jobName, state, detail: oneLine(api.mask(detail)) };
}

const over: readonly string[] = ['Completed', 'Failed', 'Stopped'];
export const isOver = ({ properties }: Job): boolean => over.includes(properties.status);

function judge({ name }: AzureApi, { properties }: Job): Verdict {
  const { status, exception, statusDetails } = properties;
  const said = exception || (statusDetails === 'None' ? '' : (statusDetails ?? ''));
  const because = (words: string) => (said === '' ? words : `${words}: ${said}`);
  switch (status) {
    case 'New':
    case 'Activating':
      return { state: 'queued', detail: `${name} has not started it yet` };
    case 'Running':
    case 'Resuming':
      return { state: 'running', detail: said };
    case 'Stopping':
    case 'Suspending':
      return { state: 'running', detail: `it is ${status.toLowerCase()}` };
    case 'Failed':
      return { state: 'failed', detail: said || `${name} says that it failed` };
    case 'Stopped':
      return { state: 'canceled', detail: said };
    // none of these ends by itself, and each can go on when somebody or something lets it
    case 'Suspended':
      return {
        state: 'unknown',
        detail: because('it is suspended until somebody resumes or stops it in Azure'),
      };
    case 'Blocked':
      return { state: 'unknown', detail: because('it is blocked, and does not go on by itself') };
    case 'Disconnected':
      return {
        state: 'unknown',
        detail: because(`${name} lost the worker that runs it; it may have gone on`),
      };
    case 'Removing':
      return { state: 'unknown', detail: because(`${name} is removing it, so its end will not be known`) };
    default:
      return { state: 'unknown', detail: `${name} reports the status "${status}", which is not documented` };
  }
}

/** A record of one of a job's streams. The summary may be cut. */
export const Stream = z.object({
  properties: z.object({
    streamType: z.string().nullish(),
    time: z.string().nullish(),
    summary: z.string().nullish(),
  }),
});
export type Stream = z.infer<typeof Stream>;

/** Records of one type, oldest first. Azure may ignore the filter, so every row is checked. */
export async function streams(api: AzureApi, jobName: string, type: 'Error' | 'Warning') {
  const { rows, complete } = await allRows(
    api,
    `${jobPath(api.name, jobName)}/streams`,
    `the streams of job ${jobName}`,
    Stream,
    { $filter: `properties/streamType eq '${type}'` },
  );
  return { rows: rows.filter(({ properties }) => properties.streamType === type), complete };
}

/** PowerShell goes on after most errors, and Azure calls that completed. A job that wrote errors did not do what it should. */
async function completed(api: AzureApi, jobName: string): Promise<Verdict> {
  const { rows, complete } = await streams(api, jobName, 'Error');
  const [first] = rows;
  if (first === undefined && complete) return { state: 'succeeded', detail: '' };
  if (first === undefined)
    return { state: 'unknown', detail: 'it has too many records to say whether there are errors among them' };
  const count = `${rows.length} error${rows.length === 1 ? '' : 's'}`;
  const detail = `it wrote ${count}, although Azure calls it completed: ${first.properties.summary ?? ''}`;
  return { state: 'failed', detail };
}
