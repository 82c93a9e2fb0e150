import type { JobStatus } from '../../ports.ts';
import { type AwxApi, awxRefusal, isMissing } from './awx-api.ts';
import { Job } from './awx-job.ts';
import { externalIdOf, type JobId, jobPath, resources } from './awx-job-name.ts';
import { isActive, isQueued, judge } from './awx-status.ts';
import type { Watch } from './awx-watch.ts';
import { readAnswer } from './http.ts';
import { foreignRun } from './ops-api-run.ts';

export type Patience = {
  /** A job that has not begun after this time is cancelled: its approval was for now. */
  readonly startWithinMs: number;
  readonly watch: Watch;
};

/** How a job is. Sees to it that one which has to stop, or waits too long, is told so. */
export async function pollJob(api: AwxApi, of: JobId, patience: Patience): Promise<JobStatus> {
  const externalId = externalIdOf(resources[of.kind].type, of.id);
  const subject = `job ${externalId}`;
  const answer = await api.read(`${jobPath(of)}/`, subject);
  if (isMissing(answer))
    return {
      externalId,
      state: 'unknown',
      detail: `${api.name} does not know the job ${externalId} (any more)`,
    };
  if (answer.status !== 200) throw awxRefusal(api.name, answer, { posted: false, subject }, api.mask);
  const job = readAnswer(api.name, answer, Job, false);
  if (job.id !== of.id || job.type !== resources[of.kind].type) throw foreignRun(api.name, false);
  return watched(api, job, answer.clock ?? Date.now(), patience);
}

/** `at`: now by AWX's own clock, so that a wrong clock here ends no job. */
async function watched(
  api: AwxApi,
  job: Job,
  at: number,
  { startWithinMs, watch }: Patience,
): Promise<JobStatus> {
  const externalId = externalIdOf(job.type, job.id);
  const of: JobId = { kind: job.type === 'job' ? 'job' : 'workflow', id: job.id };
  const ignored = watch.reasonOf(externalId);
  if (ignored !== undefined) return condemned(api, job, of, ignored);
  const late = `it did not start within ${seconds(startWithinMs)}`;
  if (isLate(job, at, startWithinMs)) {
    await cancelJob(api, of);
    return { externalId, state: 'queued', detail: `${late}, so it is being cancelled` };
  }
  const status = await judge(api, job);
  if (status.state !== 'canceled' || !waitedInVain(job, startWithinMs)) return status;
  return { ...status, detail: `${late}, so it was cancelled` };
}

/** It has not begun, and its time to begin is over. */
export const isLate = (job: Job, at: number, startWithinMs: number): boolean =>
  isQueued(job) && at - Date.parse(job.created ?? '') > startWithinMs;

async function condemned(api: AwxApi, job: Job, of: JobId, reason: string): Promise<JobStatus> {
  if (isActive(job)) await cancelJob(api, of);
  const status = await judge(api, job);
  if (status.state === 'succeeded')
    return { ...status, state: 'failed', detail: `${reason}, and ran to its end` };
  return { ...status, detail: [`${reason}, so it has to stop`, status.detail].filter(Boolean).join('; ') };
}

/** Cancelled before it began, when its time to begin was over. */
function waitedInVain({ created, started, canceled_on }: Job, startWithinMs: number): boolean {
  if ((started ?? null) !== null) return false;
  return Date.parse(canceled_on ?? '') - Date.parse(created ?? '') > startWithinMs;
}

const seconds = (ms: number) => (ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1_000} s`);

/** Asks AWX to cancel. Safe to repeat. 405: it is over already, which the next poll tells. */
export async function cancelJob(api: AwxApi, of: JobId): Promise<void> {
  const subject = `job ${externalIdOf(resources[of.kind].type, of.id)}`;
  const answer = await api.post(`${jobPath(of)}/cancel/`);
  if (answer.status !== 202 && answer.status !== 405)
    throw awxRefusal(api.name, answer, { posted: true, subject }, api.mask);
}
