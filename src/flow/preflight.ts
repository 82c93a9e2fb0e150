import { AppError, messageOf } from '../domain/errors.ts';
import type { Plan, PlanStep } from '../domain/plan.ts';
import type { Run, StepRecord } from '../domain/run.ts';
import type { Launch } from '../ports.ts';
import type { Deps } from './deps.ts';
import { within } from './within.ts';

/** So long all targets together may take, their own retries included. */
const PATIENCE_MS = 10_000;

type JobStep = Extract<PlanStep, { does: 'job' }>;
type No = { readonly reason: string; readonly fix: string };

/** No target is known to have taken anything of the run. */
export const isFirstLaunch = ({ steps }: Run): boolean =>
  steps.every(({ externalId }) => externalId === undefined);

/**
 * Asks, side by side, whether everything the plan may launch would be taken as it is, its rollback included: what fails
 * half-way would have been known before. Answers why nothing may be launched, and what to do; undefined when all is well.
 * Only a step that must not fail speaks for the others; an optional one speaks for itself.
 */
export async function refusalAhead(
  deps: Deps,
  { runId, approval }: Run,
  record: StepRecord,
): Promise<string | undefined> {
  const concerned = jobsOf(approval?.plan).filter(
    (step, n, all) => step.id === record.id || (!step.optional && isFirstOfItsPool(step, n, all)),
  );
  const answers = await Promise.all(
    concerned.map((step) =>
      refusalOf(deps, step, { ...launchOf(step), executionId: record.executionId, runId }),
    ),
  );
  const n = answers.findIndex((no) => no !== undefined);
  const [step, no] = [concerned[n], answers[n]];
  if (step === undefined || no === undefined) return undefined;
  const whose = step.id === record.id ? '' : `${step.title} could not be launched: `;
  return `${whose}${no.reason}. ${no.fix}`;
}

/** The batches of a pool differ in nothing but their hosts, and none is larger than the first. */
const isFirstOfItsPool = ({ batch }: JobStep, n: number, all: readonly JobStep[]): boolean =>
  batch === undefined || all.findIndex((one) => one.batch?.step === batch.step) === n;

const jobsOf = (plan: Plan | undefined): JobStep[] =>
  (plan?.steps ?? []).filter((step): step is JobStep => step.does === 'job');

const launchOf = (step: JobStep): Pick<Launch, 'job' | 'parameters'> => ({
  job: step.job,
  parameters: step.with,
});

/** A target that cannot say what it would take is not trusted to take anything. */
async function refusalOf({ targets }: Deps, step: JobStep, launch: Launch): Promise<No | undefined> {
  const target = targets.get(step.target);
  if (target === undefined)
    return {
      reason: `target ${step.target} is not configured`,
      fix: 'Have an operator configure it, or correct the runbook.',
    };
  try {
    const answer = await within(PATIENCE_MS, Promise.resolve(target.preflight?.(launch)));
    return answer?.ok === false ? answer : undefined;
  } catch (error) {
    if (error instanceof AppError) return { reason: error.message, fix: error.fix };
    const fix = `Check that ${target.name} is up and not too busy, then ask for the run again.`;
    return { reason: `${target.name} did not answer: ${messageOf(error)}`, fix };
  }
}
