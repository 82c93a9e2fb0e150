import { messageOf } from '../../domain/errors.ts';
import type { Log } from '../ops-api/job-runner.ts';
import type { Execution } from './execution-store.ts';
import { CustomStatus, type Job } from './jobs.ts';

type Ended = Pick<Execution, 'status'> &
  Partial<Pick<Execution, 'customStatus' | 'successfulNodes' | 'failedNodes'>>;

/** Plays a job's script on its nodes; what it says about a node counts, else how it ended. */
export async function play(
  job: Job,
  values: Readonly<Record<string, string>>,
  log: Log,
  signal: AbortSignal,
): Promise<Ended> {
  if (job.nodes.length === 0) return withoutNodes(job, log);
  const told = new Map<string, boolean>();
  const nodes = (otherwise: boolean) => {
    const all = [...(told.size > 0 ? told : new Map(job.nodes.map((name) => [name, otherwise])))];
    const named = (ok: boolean) => all.filter(([, how]) => how === ok).map(([name]) => name);
    return { successfulNodes: named(true), failedNodes: named(false) };
  };
  try {
    await job.script(values, log, signal, { node: (name, ok) => void told.set(name, ok) });
    const ended = nodes(true);
    return { ...ended, status: ended.failedNodes.length > 0 ? 'failed' : 'succeeded' };
  } catch (error) {
    log(messageOf(error));
    if (error instanceof CustomStatus)
      return { ...nodes(false), status: 'other', customStatus: error.message };
    return { ...nodes(false), status: 'failed' };
  }
}

function withoutNodes(job: Job, log: Log): Ended {
  if (job.successOnEmptyNodeFilter) return { status: 'succeeded' };
  log('No matched nodes: No nodes matched for the filters');
  return { status: 'failed' };
}
