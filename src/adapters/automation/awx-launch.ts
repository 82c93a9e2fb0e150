import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JobStatus, Launch } from '../../ports.ts';
import { type AwxApi, awxRefusal } from './awx-api.ts';
import { carries, Job } from './awx-job.ts';
import { externalIdOf, jobPath, resources } from './awx-job-name.ts';
import type { LaunchBody } from './awx-launch-body.ts';
import { isActive } from './awx-status.ts';
import type { Definition } from './awx-template.ts';
import type { Watch } from './awx-watch.ts';
import { readAnswer } from './http.ts';

const Launched = Job.extend({ ignored_fields: z.record(z.string(), z.unknown()).default({}) });

/**
 * Launches, once: AWX knows no idempotency key, so a launch that was sent is never sent again. A job that starts although
 * AWX ignored a field would do something nobody approved: it is cancelled, and reported as failed whatever becomes of it.
 */
export async function submitLaunch(
  api: AwxApi,
  { kind, id }: Definition,
  { launch, body, variable, watch }: { launch: Launch; body: LaunchBody; variable: string; watch: Watch },
): Promise<JobStatus> {
  const { templates, words } = resources[kind];
  const answer = await api.post(`${templates}/${id}/launch/`, body);
  const subject = `${words} ${launch.job}`;
  if (answer.status !== 201) throw awxRefusal(api.name, answer, { posted: true, subject }, api.mask);
  const job = readAnswer(api.name, answer, Launched, true);
  if ((job.unified_job_template ?? id) !== id) throw foreign(api.name, subject);
  const ignored = Object.keys(job.ignored_fields);
  if (!carries(job, variable, launch.executionId)) ignored.push(variable);
  const externalId = externalIdOf(job.type, job.id);
  if (ignored.length === 0) return { externalId, state: 'queued', detail: '' };
  const reason = `${api.name} ignored ${[...new Set(ignored)].join(', ')}`;
  watch.condemn(externalId, reason);
  return stopIgnoring(api, job, reason);
}

const looks = 10;
const lookEveryMs = 500;

/** Cancels a job that must not run. One that is stopped before it began is as if it had never been launched. */
async function stopIgnoring(api: AwxApi, { type, id }: Job, reason: string): Promise<JobStatus> {
  const path = jobPath({ kind: type === 'job' ? 'job' : 'workflow', id });
  if (await stoppedBeforeStart(api, path)) throw neverBegan(api.name, reason, id);
  return { externalId: externalIdOf(type, id), state: 'running', detail: `${reason}; it is being cancelled` };
}

async function stoppedBeforeStart(api: AwxApi, path: string): Promise<boolean> {
  try {
    await api.post(`${path}/cancel/`);
    for (let n = 0; n < looks; n += 1) {
      const job = await api.get(`${path}/`, 'the job to be cancelled', Job);
      if (!isActive(job)) return job.status === 'canceled' && (job.started ?? null) === null;
      await api.sleep(lookEveryMs);
    }
    return false;
  } catch (error) {
    // the job is known and condemned: whatever AWX cannot say now, the polls to come will find out
    if (error instanceof AppError) return false;
    throw error;
  }
}

const neverBegan = (name: string, reason: string, id: number) =>
  new AppError({
    code: 'target-refused',
    message: `${reason}, so job ${id} was cancelled before it began`,
    fix: `Tick "Prompt on launch" for these fields on the template of ${name}; somebody changed it just now.`,
  });

const foreign = (name: string, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} answered with a job of another template than ${subject}`,
    fix: `Check what stands between Handrail and ${name}; it mixes up answers.`,
    maybeApplied: true,
  });
