import type { Resumes } from './after-end.ts';
import type { Phase, PlanStep } from './plan.ts';
import type { StepRecord } from './run.ts';
import { type HostResult, spellHost } from './step-end.ts';

type JobStep = Extract<PlanStep, { does: 'job' }>;
type BatchStep = JobStep & { readonly batch: NonNullable<JobStep['batch']> };

/** A step of the runbook that goes through a pool, and how far it is. */
export type Pool = {
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  readonly hosts: readonly string[];
  /** The most hosts that one of its batches takes. */
  readonly atOnce: number;
  readonly stopAfterFailures: number;
  /** How it ended on each host whose batch is over. */
  readonly ended: readonly HostResult[];
};

const isBatch = (step: PlanStep): step is BatchStep => step.does === 'job' && step.batch !== undefined;

/** The pools of a plan, in its order. */
export function poolsOf(steps: readonly PlanStep[], records: readonly StepRecord[]): Pool[] {
  const batches = steps.filter(isBatch);
  const first = batches.filter(
    ({ batch }, n) => batches.findIndex((one) => one.batch.step === batch.step) === n,
  );
  return first.map(({ phase, batch: { step, title, stopAfterFailures } }) => {
    const own = batches.filter(({ batch }) => batch.step === step);
    return {
      step,
      title,
      phase,
      stopAfterFailures,
      hosts: own.flatMap(({ batch }) => batch.hosts),
      atOnce: Math.max(...own.map(({ batch }) => batch.hosts.length)),
      ended: own.flatMap(({ id }) => records.find((one) => one.id === id)?.hosts ?? []),
    };
  });
}

const failedIn = ({ ended }: Pool): HostResult[] => ended.filter(({ result }) => result === 'failed');

/** A batch that failed, while fewer hosts of its pool have failed than may: the next batch goes on. */
export function isTolerated(
  record: StepRecord,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
): boolean {
  const pool = poolWith(record.id, steps, records);
  return record.result === 'failed' && pool !== undefined && failedIn(pool).length < pool.stopAfterFailures;
}

/** The pool that a step of the plan is a batch of. */
export function poolWith(
  id: string,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
): Pool | undefined {
  const step = steps.filter(isBatch).find((one) => one.id === id);
  return poolsOf(steps, records).find((pool) => pool.step === step?.batch.step);
}

/** The pools of a phase that are through, although some of their hosts failed: fewer than would have stopped them. */
export const partlyDone = (
  phase: Phase,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
): Pool[] => poolsOf(steps, records).filter((pool) => pool.phase === phase && failedIn(pool).length > 0);

/**
 * Whether something is left to undo for this step of the rollback: a batch whose hosts no change was begun on is passed
 * over, where the remediation went through pools.
 */
export function isToUndo(
  step: PlanStep,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
  resumes: Resumes | undefined,
): boolean {
  const touched = touchedHosts(steps, records, resumes);
  return !isBatch(step) || touched === undefined || step.batch.hosts.some((host) => touched.includes(host));
}

/**
 * The hosts on which this run, and those it continues, began a change; undefined when something else may have been changed
 * than hosts of pools.
 */
export function touchedHosts(
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
  resumes: Resumes | undefined,
): string[] | undefined {
  const changes = steps.filter(({ phase }) => phase === 'remediation');
  if (!changes.every(isBatch) || (resumes !== undefined && resumes.touched === undefined)) return undefined;
  const begun = changes.filter(({ id }) =>
    records.some((one) => one.id === id && one.result !== 'not-started'),
  );
  const own = begun.filter(isBatch).flatMap(({ batch }) => batch.hosts);
  return [...new Set([...(resumes?.touched ?? []), ...own])];
}

const MOST_NAMED = 10;

/** `Restart: 2 of 4 hosts done; web03 failed: no answer`. */
export function poolInWords({ title, hosts, ended }: Pool): string {
  const done = ended.filter(({ result }) => result === 'succeeded');
  const ill = ended.filter(({ result }) => result !== 'succeeded' && result !== 'not-started');
  const more = ill.length - MOST_NAMED;
  return [
    `${title}: ${done.length} of ${hosts.length} hosts done`,
    ...ill.slice(0, MOST_NAMED).map(spellHost),
    ...(more > 0 ? [`${more} more like that`] : []),
  ].join('; ');
}

/** The same at the end of the run, with the hosts that it did not come to. */
export function poolAtEnd(pool: Pool): string {
  const touched = new Set(
    pool.ended.filter(({ result }) => result !== 'not-started').map(({ host }) => host),
  );
  const left = pool.hosts.filter((host) => !touched.has(host));
  if (left.length === 0) return poolInWords(pool);
  const named = left.slice(0, MOST_NAMED).join(', ');
  return `${poolInWords(pool)}; not touched: ${named}${left.length > MOST_NAMED ? ' …' : ''}`;
}

/** Why a step failed: for a batch how its whole pool is, with what the target said where it told nothing of the hosts. */
export function failureInWords(
  record: StepRecord,
  steps: readonly PlanStep[],
  records: readonly StepRecord[],
): string {
  const pool = poolWith(record.id, steps, records);
  const title = steps.find(({ id }) => id === record.id)?.title ?? record.id;
  if (pool === undefined) return `${title}: ${record.detail}`;
  const told = pool.ended.some(({ result, detail }) => result !== 'succeeded' && detail !== undefined);
  return told || record.detail === '' ? poolAtEnd(pool) : `${poolAtEnd(pool)} (${record.detail})`;
}
