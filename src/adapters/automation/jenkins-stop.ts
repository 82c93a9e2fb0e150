import { AppError } from '../../domain/errors.ts';
import type { Answer } from './http.ts';
import type { JenkinsApi } from './jenkins-api.ts';
import { type Execution, jobPath } from './jenkins-job-name.ts';
import { type Keeper, locate, type Place } from './jenkins-locate.ts';
import { isJenkins, isMissing, jenkinsRefusal } from './jenkins-refusal.ts';
import type { Build } from './jenkins-run.ts';

/**
 * Takes an item out of the queue; false when it was not there any more (404, or 500 for one that became a build). Safe to
 * repeat.
 */
export async function cancelItem(api: JenkinsApi, id: number, subject: string): Promise<boolean> {
  const answer = await api.post('/queue/cancelItem', { query: { id: String(id) } });
  // 302: Jenkins before 2.453
  if (isDone(answer)) return true;
  if (isMissing(answer) || (answer.status === 500 && isJenkins(answer))) return false;
  throw jenkinsRefusal(api.name, answer, { posted: true, subject }, api.mask);
}

/** Done, or done and sent back to a page. */
const isDone = (answer: Answer): boolean => answer.status >= 200 && answer.status < 400 && isJenkins(answer);

export type Patience = {
  /** A build that does not stop is told so more firmly after this time, and again after as much. */
  readonly escalateMs: number;
  readonly now: () => number;
};

/** Asks Jenkins to end an execution, wherever it is; the polls to come tell what became of it. Safe to repeat. */
export async function cancelExecution(
  keeper: Keeper,
  execution: Execution,
  patience: Patience,
): Promise<void> {
  let place = await locate(keeper, execution);
  if (place.at === 'queue' && !(await cancelItem(keeper.api, place.item.id, 'the queue item')))
    // it left the queue meanwhile
    place = await locate(keeper, execution);
  if (place.at === 'build') await stopBuild(keeper, execution, place.build, patience);
  if (place.at === 'nowhere') throw lost(keeper, place);
}

const levels = ['stop', 'term', 'kill'] as const;

/** As the page of Jenkins offers it to people: stop, then terminate, then kill, each only after the one before had time. */
async function stopBuild(
  { api, memory }: Keeper,
  { executionId, job }: Execution,
  { building, number }: Build,
  { escalateMs, now }: Patience,
): Promise<void> {
  if (!building) return;
  const since = memory.get(executionId)?.stoppedAt ?? now();
  memory.note(executionId, { job, stoppedAt: since });
  const level = levels[Math.min(levels.length - 1, Math.floor((now() - since) / escalateMs))] ?? 'stop';
  const subject = `build ${number} of ${job}`;
  const path = `${jobPath(api.name, job)}/${number}`;
  const answer = await api.post(`${path}/${level}`);
  if (isDone(answer)) return;
  // only a pipeline can be terminated or killed
  const again = level !== 'stop' && isMissing(answer) ? await api.post(`${path}/stop`) : answer;
  if (!isDone(again)) throw jenkinsRefusal(api.name, again, { posted: true, subject }, api.mask);
}

const lost = ({ api }: Keeper, { why }: Extract<Place, { at: 'nowhere' }>) =>
  new AppError({
    code: 'target-refused',
    message: `nothing was cancelled: ${why}`,
    fix: `Look at ${api.name} whether it runs, and stop it there.`,
  });
