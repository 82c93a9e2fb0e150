import { AppError } from '../../domain/errors.ts';
import { type AwxApi, firstRows } from './awx-api.ts';
import { carries, Job } from './awx-job.ts';
import { resources } from './awx-job-name.ts';

type Search = {
  readonly executionId: string;
  readonly variable: string;
  /** Jobs created before this time are not looked at. */
  readonly since: Date;
};

const mostPages = 50;

/**
 * The job launched with an execution id. AWX refuses to filter by variables, so the newest jobs are read and compared here.
 * Only what was launched by itself counts: a person who relaunches a job, and a workflow for its nodes, pass the same
 * variables on.
 */
export async function findJob(api: AwxApi, search: Search): Promise<Job | undefined> {
  return (await findAmong(api, '/jobs', search)) ?? findAmong(api, '/workflow_jobs', search);
}

async function findAmong(api: AwxApi, path: string, search: Search): Promise<Job | undefined> {
  let before: number | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { results } = await firstRows(api, `${path}/`, 'the latest jobs', Job, {
      launch_type: 'manual',
      created__gte: search.since.toISOString(),
      order_by: '-id',
      // by id and not by page: new jobs arrive meanwhile
      ...(before === undefined ? {} : { id__lt: String(before) }),
    });
    const found = results.filter((job) => isOurs(job, search));
    if (found.length > 1) throw several(api.name, found);
    if (found[0] !== undefined) return found[0];
    const last = Math.min(...results.map(({ id }) => id));
    if (results.length === 0 || (before !== undefined && last >= before)) return undefined;
    before = last;
  }
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has too many recent jobs to say whether one of them is ours`,
    fix: `Look for the execution id ${search.executionId} among the ${resources.job.type}s of ${api.name}, then say what happened.`,
  });
}

const isOurs = (job: Job, { executionId, variable }: Search): boolean =>
  (job.launch_type ?? 'manual') === 'manual' && carries(job, variable, executionId);

const several = (name: string, jobs: readonly Job[]) =>
  new AppError({
    code: 'target-refused',
    message: `${name} has ${jobs.length} jobs with one execution id: ${jobs.map(({ id }) => id).join(', ')}`,
    fix: 'Somebody launched a copy by hand. Look at these jobs in AWX, then say what happened.',
  });
