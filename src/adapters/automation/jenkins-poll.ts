import type { JobStatus } from '../../ports.ts';
import { type Execution, externalIdOf } from './jenkins-job-name.ts';
import { type Keeper, locate } from './jenkins-locate.ts';
import type { QueueItem } from './jenkins-run.ts';
import { judge } from './jenkins-status.ts';
import { cancelItem } from './jenkins-stop.ts';
import { oneLine } from './refusal.ts';

/** How an execution is. Sees to it that one which waits too long in the queue is cancelled: its approval was for now. */
export async function pollExecution(
  keeper: Keeper,
  execution: Execution,
  startWithinMs: number,
): Promise<JobStatus> {
  const externalId = externalIdOf(execution);
  const place = await locate(keeper, execution);
  switch (place.at) {
    case 'build':
      return judge(keeper.api.name, externalId, place.build, keeper.api.mask);
    case 'queue':
      return waiting(keeper, execution, { ...place, startWithinMs });
    case 'cancelled':
      return { externalId, state: 'canceled', detail: whyCancelled(keeper, execution, startWithinMs) };
    case 'nowhere':
      return { externalId, state: 'unknown', detail: oneLine(place.why) };
  }
}

type Wait = { readonly item: QueueItem; readonly clock: number; readonly startWithinMs: number };

/** `clock`: now by Jenkins's own clock, so that a wrong clock here cancels nothing. */
async function waiting(
  keeper: Keeper,
  execution: Execution,
  { item, clock, startWithinMs }: Wait,
): Promise<JobStatus> {
  const { api, memory } = keeper;
  const { executionId, job } = execution;
  const queued = { externalId: externalIdOf(execution), state: 'queued' } as const;
  if (clock - (item.inQueueSince ?? clock) <= startWithinMs)
    return { ...queued, detail: oneLine(api.mask(item.why ?? `${api.name} has not started it yet`)) };
  memory.note(executionId, { job, late: true });
  await cancelItem(api, item.id, `queue item ${item.id}`);
  return { ...queued, detail: `${tooLate(startWithinMs)}, so it is being cancelled` };
}

const tooLate = (startWithinMs: number) => `it did not start within ${words(startWithinMs)}`;

function whyCancelled({ memory }: Keeper, { executionId }: Execution, startWithinMs: number): string {
  return memory.get(executionId)?.late === true
    ? `${tooLate(startWithinMs)}, so it was cancelled`
    : 'it was cancelled in the queue, before it began';
}

const words = (ms: number) => (ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1_000} s`);
