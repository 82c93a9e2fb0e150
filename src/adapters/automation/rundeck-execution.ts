import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JobStatus } from '../../ports.ts';
import { readAnswer } from './http.ts';
import { foreignRun } from './ops-api-run.ts';
import { oneLine } from './refusal.ts';
import { isMissing, type RundeckApi, rundeckRefusal } from './rundeck-api.ts';

/** Rundeck writes ids as numbers, and as text in some answers. */
const ExecutionId = z
  .union([z.number().int().positive(), z.string().regex(/^\d{1,15}$/)])
  .transform((id) => Number(id));
const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);

/** An execution as Rundeck shows it; of the answer only ids, times and texts are used, never a URL. */
export const Execution = z.object({
  id: ExecutionId,
  status: z.string(),
  customStatus: z.string().nullish(),
  project: z.string().nullish(),
  abortedby: z.string().nullish(),
  job: z.object({ id: z.string(), options: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  'date-started': z.object({ unixtime: z.number() }).nullish(),
  successfulNodes: Names,
  failedNodes: Names,
  /** The execution that repeats this one, by the job's own retry setting. */
  retriedExecution: z.object({ id: ExecutionId }).nullish(),
});
export type Execution = z.infer<typeof Execution>;

const most = 5_000;

/** In which project executions are, as this process has seen them. Losing it costs a link to their page. */
export function projectMemory() {
  const known = new Map<number, string>();
  return {
    note({ id, project }: Pick<Execution, 'id' | 'project'>): void {
      if (typeof project === 'string' && project !== '') known.set(id, project);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
    /** Below the address of Rundeck. */
    pageOf(id: number): string | undefined {
      const project = known.get(id);
      return project && `/project/${encodeURIComponent(project)}/execution/show/${id}`;
    },
  };
}
export type ProjectMemory = ReturnType<typeof projectMemory>;

/** Was it launched with this execution id of ours? */
export const carries = ({ job }: Execution, option: string, executionId: string): boolean =>
  job?.options?.[option] === executionId;

/** The number in an id of ours. Throws `target-refused` for an id that no target of ours gave out. */
export function executionNumber(target: string, externalId: string): number {
  if (/^[1-9]\d{0,14}$/.test(externalId)) return Number(externalId);
  throw new AppError({
    code: 'target-refused',
    message: `nothing was sent to ${target}: the execution id is not one of this target`,
    fix: 'Report this as a defect of Handrail, with the run id.',
  });
}

const going: readonly string[] = ['running', 'scheduled', 'queued'];
export const isGoing = ({ status }: Pick<Execution, 'status'>): boolean => going.includes(status);

/** An execution; undefined when Rundeck says that there is none. */
async function readExecution(api: RundeckApi, id: number): Promise<Execution | undefined> {
  const subject = `execution ${id}`;
  const answer = await api.read(`/execution/${id}`, subject);
  if (isMissing(answer)) return undefined;
  if (answer.status !== 200) throw rundeckRefusal(api.name, answer, { posted: false, subject }, api.mask);
  const execution = readAnswer(api.name, answer, Execution, false);
  if (execution.id !== id) throw foreignRun(api.name, false);
  api.projects.note(execution);
  return execution;
}

const mostRetries = 20;

/**
 * An execution and those that repeat it by the job's own retry setting, in order: what they come to together is the
 * outcome. Empty when Rundeck does not know the first.
 */
export async function executionChain(api: RundeckApi, id: number): Promise<readonly Execution[]> {
  const chain: Execution[] = [];
  let next: number | undefined = id;
  while (next !== undefined && chain.length < mostRetries) {
    const execution: Execution | undefined = await readExecution(api, next);
    if (execution === undefined) break;
    if (chain[0] !== undefined && execution.job?.id !== chain[0].job?.id) throw foreignRun(api.name, false);
    chain.push(execution);
    const retry: number = execution.retriedExecution?.id ?? 0;
    next = execution.status === 'failed-with-retry' && retry > next ? retry : undefined;
  }
  return chain;
}

/** How a launch of ours is, its retries included. A status that is not documented is `unknown`. */
export async function pollExecution(api: RundeckApi, externalId: string): Promise<JobStatus> {
  const chain = await executionChain(api, executionNumber(api.name, externalId));
  const last = chain.at(-1);
  if (last === undefined)
    return {
      externalId,
      state: 'unknown',
      detail: `${api.name} does not know the execution ${externalId} (any more)`,
    };
  const { state, detail } = judge(api, last);
  const words = chain.length === 1 ? detail : `attempt ${chain.length}, execution ${last.id}: ${detail}`;
  return { externalId, state, detail: oneLine(api.mask(words)) };
}

type Verdict = Pick<JobStatus, 'state' | 'detail'>;

export function judge({ name }: RundeckApi, execution: Execution): Verdict {
  const { status, customStatus, abortedby, failedNodes } = execution;
  switch (status) {
    case 'scheduled':
    case 'queued':
      return { state: 'queued', detail: `${name} has not started it yet` };
    case 'running':
      return { state: 'running', detail: '' };
    case 'failed-with-retry':
      return { state: 'running', detail: `it failed; ${name} is to try it again by itself` };
    case 'succeeded':
      return success(execution);
    case 'failed':
      return {
        state: 'failed',
        detail: failedNodes.length === 0 ? `${name} says that it failed` : failedOn(failedNodes),
      };
    case 'timedout':
      return { state: 'failed', detail: `${name} stopped it when the job's time was over` };
    case 'aborted':
      return { state: 'canceled', detail: abortedby ? `aborted by ${abortedby}` : '' };
    case 'other':
      return customVerdict(name, customStatus ?? '');
    case 'incomplete':
      return customVerdict(name, status);
    default:
      return { state: 'unknown', detail: `${name} reports the status "${status}", which is not documented` };
  }
}

const failedOn = (nodes: readonly string[]) =>
  `failed on: ${nodes.slice(0, 5).join(', ')}${nodes.length > 5 ? ' …' : ''}`;

function success({ successfulNodes, failedNodes }: Execution): Verdict {
  if (failedNodes.length > 0)
    return {
      state: 'failed',
      detail: `${failedOn(failedNodes)}, although the execution is called successful`,
    };
  const count = successfulNodes.length;
  return { state: 'succeeded', detail: count === 0 ? '' : `${count} node${count === 1 ? '' : 's'} done` };
}

/** A job can end itself with a text of its own. `incomplete` is Rundeck's: it restarted and lost sight of the job. */
function customVerdict(name: string, status: string): Verdict {
  if (status.toLowerCase() === 'incomplete')
    return { state: 'unknown', detail: `${name} lost sight of it, as after a restart; it may have gone on` };
  return { state: 'failed', detail: `it ended with the status "${status}"` };
}
