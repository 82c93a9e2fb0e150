import { AppError } from '../../domain/errors.ts';

/** A folder or job: what Jenkins allows in a name, less what has a meaning in an address. A branch is encoded: `feature%2Flogin`. */
const part = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N} ._+%~()=,-]{0,199}$/u;
const deepest = 20;

export const isJobName = (name: string): boolean => {
  const parts = name.split('/');
  return parts.length <= deepest && parts.every((one) => part.test(one));
};

/** `/job/team/job/app/job/recycle` for `team/app/recycle`. Throws `target-refused` for what no job can be called. */
export function jobPath(target: string, name: string): string {
  if (!isJobName(name))
    throw new AppError({
      code: 'target-refused',
      message: `"${name}" names no job of ${target}`,
      fix: 'Write the job with its folders in the runbook, such as team/app/recycle, a branch as feature%2Flogin.',
    });
  return name
    .split('/')
    .map((one) => `/job/${encodeURIComponent(one)}`)
    .join('');
}

/**
 * An execution of ours at Jenkins. The queue item is gone five minutes after it became a build, and its id is given out
 * again after a crash of Jenkins: so the id says too which job it is and by which execution id its build is recognised.
 */
export type Execution = { readonly queueId: number; readonly executionId: string; readonly job: string };

export const externalIdOf = ({ queueId, executionId, job }: Execution): string =>
  `queue/${queueId}/${executionId}/${job}`;

const form = /^queue\/(\d{1,15})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(.+)$/i;

/** Throws `target-refused` for an id that no target of ours gave out. */
export function executionOf(target: string, externalId: string): Execution {
  const [, queueId, executionId, job] = form.exec(externalId) ?? [];
  if (queueId !== undefined && executionId !== undefined && job !== undefined && isJobName(job))
    return { queueId: Number(queueId), executionId, job };
  throw new AppError({
    code: 'target-refused',
    message: `nothing was sent to ${target}: the job id is not one of this target`,
    fix: 'Report this as a defect of Handrail, with the run id.',
  });
}
