import { AppError, messageOf } from '../domain/errors.ts';
import type { Baseline } from '../domain/events.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { ProbeSpec } from '../domain/probe.ts';
import type { Run, StepRecord } from '../domain/run.ts';
import type { ProbeResult } from '../ports.ts';
import type { Deps } from './deps.ts';
import { evidenceUnder, keepEvidence } from './evidence.ts';
import { momentOf } from './probe-moment.ts';

/** A service that is not well may take its time to answer; what comes later is not waited for. */
const WITHIN_MS = 5_000;

/** What cannot be read any more once the change is made. */
type Passing = Extract<PlanStep, { readonly http: unknown } | { readonly deviceCompliance: unknown }>;
const isPassing = (step: PlanStep): step is Passing => 'http' in step || 'deviceCompliance' in step;

const nameOf = (step: string): string => `${step}.before`;

/**
 * Looks once, before anything is launched, at what a verification will look at; metrics can still be read later. It is
 * told beside the verdict and decides nothing, so whatever goes wrong here holds up nothing.
 */
export async function keepBaselines(deps: Deps, run: Run, record: StepRecord): Promise<void> {
  const steps = (run.approval?.plan.steps ?? []).filter(isPassing);
  await Promise.all(
    steps.map(async (step) => {
      try {
        const text = await lookAt(deps, run, record, step);
        await keepEvidence(deps, run.runId, nameOf(step.id), { text, truncated: false });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        deps.report('warn', 'how it was before could not be kept', { run: run.runId, why: messageOf(error) });
      }
    }),
  );
}

async function lookAt(deps: Deps, run: Run, record: StepRecord, step: Passing): Promise<string> {
  return spellChecks(await deps.probe.check(once(step), momentOf(run, record)));
}

function once(step: Passing): ProbeSpec {
  if ('deviceCompliance' in step) return { deviceCompliance: step.deviceCompliance };
  const { http } = step;
  return { http: { ...http, attempts: 1, successes: 1, within: Math.min(http.within, WITHIN_MS) } };
}

/** A probe's result as it is kept: what it came to, then one line a check. */
export const spellChecks = ({ summary, checks }: ProbeResult): string =>
  [summary, ...checks.map((check) => JSON.stringify(check))].join('\n');

/** How it was before the run, where that was kept. */
export async function baselineOf(deps: Deps, runId: string, step: string): Promise<Baseline | undefined> {
  const kept = await evidenceUnder(deps, runId, nameOf(step));
  return kept && { summary: kept.text.split('\n', 1)[0] ?? '', evidence: kept.evidence };
}
