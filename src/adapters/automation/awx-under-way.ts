import { z } from 'zod';
import type { JobStatus } from '../../ports.ts';
import { type AwxApi, awxRefusal } from './awx-api.ts';
import { Job } from './awx-job.ts';
import { externalIdOf, jobId } from './awx-job-name.ts';
import { isLate, type Patience } from './awx-poll.ts';
import { isActive, judge } from './awx-status.ts';
import { readAnswer } from './http.ts';

const Page = z.object({ results: z.array(Job) });
/** The most rows AWX shows on a page. */
const mostJobs = 200;

/**
 * The jobs among these that are waiting or running. The list of all kinds of jobs tells of 200 at once, but less of each
 * than its own page does: whatever is over, has to stop or waits too long is left to that.
 */
export async function jobsUnderWay(
  api: AwxApi,
  externalIds: readonly string[],
  patience: Patience,
): Promise<readonly JobStatus[]> {
  const found: JobStatus[] = [];
  for (let n = 0; n < externalIds.length; n += mostJobs)
    found.push(...(await page(api, externalIds.slice(n, n + mostJobs), patience)));
  return found;
}

async function page(
  api: AwxApi,
  externalIds: readonly string[],
  { startWithinMs, watch }: Patience,
): Promise<readonly JobStatus[]> {
  const subject = `${externalIds.length} jobs`;
  const ids = externalIds.map((externalId) => jobId(api.name, externalId).id).join(',');
  const query = { id__in: ids, page_size: String(mostJobs) };
  const answer = await api.read('/unified_jobs/', subject, { query });
  if (answer.status !== 200) throw awxRefusal(api.name, answer, { posted: false, subject }, api.mask);
  const at = answer.clock ?? Date.now();
  const going = readAnswer(api.name, answer, Page, false).results.filter((job) => {
    const externalId = externalIdOf(job.type, job.id);
    const ours = externalIds.includes(externalId) && watch.reasonOf(externalId) === undefined;
    return ours && isActive(job) && !isLate(job, at, startWithinMs);
  });
  return Promise.all(going.map((job) => judge(api, job)));
}
