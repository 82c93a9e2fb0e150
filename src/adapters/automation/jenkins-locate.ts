import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JenkinsApi } from './jenkins-api.ts';
import { type Execution, jobPath } from './jenkins-job-name.ts';
import type { Memory } from './jenkins-memory.ts';
import { Build, buildTree, carries, itemTree, QueueItem } from './jenkins-run.ts';

/** What is shared by everything that looks after executions. */
export type Keeper = {
  readonly api: JenkinsApi;
  readonly memory: Memory;
  /** The parameter that carries the execution id. */
  readonly parameter: string;
};
/** Where an execution is now. `clock` is Jenkins's own, in milliseconds since 1970. */
export type Place =
  | { readonly at: 'queue' | 'cancelled'; readonly item: QueueItem; readonly clock: number }
  | { readonly at: 'build'; readonly build: Build }
  | { readonly at: 'nowhere'; readonly why: string };

/**
 * Finds an execution: by the number of its build where it is known, by its queue item as long as there is one, and then
 * among the builds of the job. The execution id decides each time; ids of the queue are given out again after a crash.
 */
export async function locate(keeper: Keeper, execution: Execution): Promise<Place> {
  const number = keeper.memory.get(execution.executionId)?.number;
  if (number !== undefined) return buildNumbered(keeper, execution, number);
  const { api, parameter } = keeper;
  const path = `/queue/item/${execution.queueId}`;
  const read = await api.look(path, itemTree, `queue item ${execution.queueId}`, QueueItem);
  if (read === undefined || !carries(read.value, parameter, execution.executionId))
    return amongBuilds(keeper, execution, read?.value);
  const { value: item, clock } = read;
  if (item.cancelled === true) return { at: 'cancelled', item, clock };
  // an item that has just left the queue may have no build yet
  if (item.executable === null || item.executable === undefined) return { at: 'queue', item, clock };
  return buildNumbered(keeper, execution, item.executable.number);
}

async function buildNumbered(
  { api, memory, parameter }: Keeper,
  { job, executionId }: Execution,
  number: number,
): Promise<Place> {
  const path = `${jobPath(api.name, job)}/${number}`;
  const read = await api.look(path, buildTree, `build ${number} of ${job}`, Build);
  if (read === undefined)
    return { at: 'nowhere', why: `${api.name} does not know build ${number} of ${job} (any more)` };
  if (read.value.number !== number || !carries(read.value, parameter, executionId))
    throw new AppError({
      code: 'target-refused',
      message: `${api.name} answered with a build that is not the one asked for`,
      fix: `Check what stands between Handrail and ${api.name}; it mixes up answers.`,
    });
  memory.note(executionId, { job, number });
  return { at: 'build', build: read.value };
}

const Builds = z.object({ allBuilds: z.array(Build).default([]) });
const pageSize = 100;
const mostPages = 5;

/** Builds of a job that carry an execution id, among the newest 500; looked for no longer than until one is found. */
export async function buildsWith(
  { api, parameter }: Pick<Keeper, 'api' | 'parameter'>,
  { job, executionId }: Pick<Execution, 'job' | 'executionId'>,
): Promise<readonly Build[]> {
  for (let page = 0; page < mostPages; page += 1) {
    const range = `{${page * pageSize},${(page + 1) * pageSize}}`;
    const tree = `allBuilds[${buildTree}]${range}`;
    const read = await api.look(jobPath(api.name, job), tree, `the builds of ${job}`, Builds);
    const builds = read?.value.allBuilds ?? [];
    const found = builds.filter((build) => carries(build, parameter, executionId));
    if (found.length > 0 || builds.length < pageSize) return found;
  }
  return [];
}

/** The queue item is gone or somebody else's: the build has to be found by the execution id. */
async function amongBuilds(
  keeper: Keeper,
  execution: Execution,
  item: QueueItem | undefined,
): Promise<Place> {
  const { api, memory, parameter } = keeper;
  const { job, executionId, queueId } = execution;
  const found = await buildsWith(keeper, execution);
  // a person who rebuilds a build passes its parameters on
  const ours = found.length > 1 ? found.filter((build) => build.queueId === queueId) : found;
  if (found.length > 1 && ours.length !== 1) throw several(api.name, job, found);
  const [build] = ours;
  if (build !== undefined) {
    memory.note(executionId, { job, number: build.number });
    return { at: 'build', build };
  }
  const strange = item?.task?.fullName === job;
  return {
    at: 'nowhere',
    why: strange
      ? `${api.name} shows queue item ${queueId} of ${job} without our ${parameter}: somebody changed the job, or ${api.name} lost its queue`
      : `${api.name} knows neither queue item ${queueId} nor a build of ${job} with our ${parameter} (any more)`,
  };
}

export const several = (name: string, job: string, builds: readonly Build[]): AppError =>
  new AppError({
    code: 'target-refused',
    message: `${name} has ${builds.length} builds of ${job} with one execution id: ${builds.map(({ number }) => number).join(', ')}`,
    fix: 'Somebody started a copy by hand (rebuild or replay). Look at these builds in Jenkins, then say what happened.',
  });

/** The build of an execution, and its address; undefined for one that has not begun, or never will. */
export async function buildOf(
  keeper: Keeper,
  execution: Execution,
): Promise<{ readonly path: string; readonly subject: string } | undefined> {
  const { name } = keeper.api;
  const place = await locate(keeper, execution);
  if (place.at === 'nowhere')
    throw new AppError({
      code: 'target-refused',
      message: `there is no log and no file to be had: ${place.why}`,
      fix: `Look into ${name}: the build or its job was deleted there.`,
    });
  if (place.at !== 'build') return undefined;
  const { number } = place.build;
  const { job } = execution;
  return { path: `${jobPath(name, job)}/${number}`, subject: `build ${number} of ${job}` };
}
