import { AppError } from '../../domain/errors.ts';
import type { JobStatus, Launch } from '../../ports.ts';
import type { Answer } from './http.ts';
import type { Definition } from './jenkins-definition.ts';
import { externalIdOf } from './jenkins-job-name.ts';
import type { Keeper } from './jenkins-locate.ts';
import { isJenkins, jenkinsRefusal } from './jenkins-refusal.ts';
import { carries, itemTree, QueueItem } from './jenkins-run.ts';

/**
 * Starts a build, once: Jenkins knows no idempotency key, so a launch that was sent is never sent again. Of the address
 * in the answer only the id of the queue item is used; its host may be anything (a proxy, Jenkins's own idea of itself).
 */
export async function submitLaunch(
  keeper: Keeper,
  { path }: Definition,
  { job, executionId }: Launch,
  form: URLSearchParams,
): Promise<JobStatus> {
  const { api, memory } = keeper;
  const subject = `job ${job}`;
  // noted before it is sent: should the answer be lost, it is known where to look
  memory.note(executionId, { job });
  const answer = await api.post(`${path}/buildWithParameters`, { query: { delay: '0sec' }, form });
  if (isVeto(answer)) throw vetoed(api.name, subject);
  const queueId = queueIdIn(answer);
  if ((answer.status !== 201 && answer.status !== 303) || !isJenkins(answer))
    throw jenkinsRefusal(api.name, answer, { posted: true, subject }, api.mask);
  if (queueId === undefined) throw unnamed(api.name, subject);
  if (answer.status === 303) await checkExisting(keeper, queueId, executionId);
  return { externalId: externalIdOf({ queueId, executionId, job }), state: 'queued', detail: '' };
}

const location = (answer: Answer): string => answer.header('location')[0] ?? '';

function queueIdIn(answer: Answer): number | undefined {
  const id = /\/queue\/item\/(\d{1,15})\/?$/.exec(location(answer))?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Sent back to the page of the job: something in Jenkins said no, and nothing was queued (ParametersDefinitionProperty). */
const isVeto = (answer: Answer): boolean =>
  answer.status === 302 && isJenkins(answer) && /(^|\/)\.$/.test(location(answer));

/** An equal launch was queued already. It is ours when it carries our execution id, otherwise nothing was started for us. */
async function checkExisting(
  { api, parameter }: Keeper,
  queueId: number,
  executionId: string,
): Promise<void> {
  const found = await existing(api, queueId);
  if (carries(found, parameter, executionId)) return;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} joined the launch to queue item ${queueId}, which is of another execution`,
    fix: `Check that the job still has the string parameter ${parameter}: builds are told apart by it.`,
  });
}

async function existing(api: Keeper['api'], queueId: number): Promise<QueueItem> {
  try {
    return (await api.get(`/queue/item/${queueId}`, itemTree, `queue item ${queueId}`, QueueItem)).value;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError({
      code: error.code,
      message: error.message,
      fix: error.fix,
      retryable: error.retryable,
      maybeApplied: true,
      cause: error,
    });
  }
}

const vetoed = (name: string, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} put no build of ${subject} into its queue: something in Jenkins said no`,
    fix: `Look into the log of ${name}: a plugin refuses builds, or Jenkins is about to shut down.`,
  });

const unnamed = (name: string, subject: string) =>
  new AppError({
    code: 'target-refused',
    message: `${name} started ${subject} without saying where`,
    fix: `Check that nothing in front of ${name} takes the Location header away; look up the build before anything else.`,
    maybeApplied: true,
  });
