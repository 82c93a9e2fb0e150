import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type Execution, isJobName } from './jenkins-job-name.ts';
import { buildsWith, type Keeper, several } from './jenkins-locate.ts';
import { type Build, carries, itemTree, QueueItem } from './jenkins-run.ts';

const Queue = z.object({ items: z.array(QueueItem).default([]) });
const mostJobs = 200;

/**
 * The execution with an id: in the queue, then among the builds of jobs that take such an id. The queue is read first,
 * because items move from there to the builds and never back.
 */
export async function findExecution(keeper: Keeper, executionId: string): Promise<Execution | undefined> {
  const queued = await inQueue(keeper, executionId);
  if (queued !== undefined) return queued;
  const known = keeper.memory.get(executionId)?.job;
  const jobs = known === undefined ? await jobsThatTake(keeper) : [known];
  for (const job of jobs) {
    const builds = await buildsWith(keeper, { job, executionId });
    const [build, ...more] = builds;
    if (more.length > 0) throw several(keeper.api.name, job, builds);
    if (build !== undefined) return built(keeper, { job, executionId }, build);
  }
  return undefined;
}

async function inQueue({ api, parameter }: Keeper, executionId: string): Promise<Execution | undefined> {
  const { value } = await api.get('/queue', `items[${itemTree}]`, 'the queue', Queue);
  for (const item of value.items) {
    const job = item.task?.fullName ?? '';
    if (carries(item, parameter, executionId) && isJobName(job))
      return { queueId: item.id, executionId, job };
  }
  return undefined;
}

function built({ memory }: Keeper, of: Omit<Execution, 'queueId'>, build: Build): Execution {
  memory.note(of.executionId, { job: of.job, number: build.number });
  return { ...of, queueId: Math.max(0, build.queueId ?? 0) };
}

type Item = {
  readonly fullName?: string | undefined;
  readonly jobs?: readonly Item[] | null | undefined;
  readonly property?:
    | readonly ({
        readonly parameterDefinitions?: readonly { name?: string | undefined }[] | null | undefined;
      } | null)[]
    | null
    | undefined;
};
const Item: z.ZodType<Item> = z.lazy(() =>
  z.object({
    fullName: z.string().optional(),
    jobs: z.array(Item).nullish(),
    property: z
      .array(
        z
          .object({ parameterDefinitions: z.array(z.object({ name: z.string().optional() })).nullish() })
          .nullable(),
      )
      .nullish(),
  }),
);

/** Folders in folders are looked into down to here. */
const deepest = 8;
const treeDown = (levels: number): string => {
  const own = 'fullName,property[parameterDefinitions[name]]';
  return `jobs[${own}${levels > 1 ? `,${treeDown(levels - 1)}` : ''}]`;
};

/** The jobs we see that define the parameter: after a restart it is not known which one it was. */
async function jobsThatTake({ api, parameter }: Keeper): Promise<readonly string[]> {
  const { value } = await api.get('', treeDown(deepest), 'its jobs', Item);
  const jobs = flattened(value).flatMap(({ fullName = '', property }) => {
    const names = (property ?? []).flatMap((one) => one?.parameterDefinitions ?? []).map(({ name }) => name);
    return names.includes(parameter) && isJobName(fullName) ? [fullName] : [];
  });
  if (jobs.length <= mostJobs) return jobs;
  throw new AppError({
    code: 'target-refused',
    message: `${api.name} has ${jobs.length} jobs with a parameter ${parameter}, too many to look through`,
    fix: `Look for the execution id among the builds of the job in ${api.name}, then say what happened.`,
  });
}

const flattened = (item: Item): readonly Item[] => [item, ...(item.jobs ?? []).flatMap(flattened)];
