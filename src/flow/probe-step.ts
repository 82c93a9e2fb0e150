import { AppError, messageOf } from '../domain/errors.ts';
import { system } from '../domain/people.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { StepRecord } from '../domain/run.ts';
import type { ProbeResult } from '../ports.ts';
import { baselineOf, spellChecks } from './baseline.ts';
import type { Deps } from './deps.ts';
import { keepEvidence } from './evidence.ts';
import { finish, isOver } from './finish.ts';
import { engineOrigin } from './origin.ts';
import { momentOf } from './probe-moment.ts';
import type { Session } from './session.ts';

type ProbeStep = Extract<PlanStep, { does: 'probe' }>;

/**
 * Looks once. Answers when to look again while there is no verdict yet; by the deadline there is one. Probes read only, so
 * after a crash they simply run again.
 */
export async function probe(
  deps: Deps,
  session: Session,
  step: ProbeStep,
  record: StepRecord,
): Promise<Date | undefined> {
  const result = await checked(deps, session, step, record);
  if ('why' in result) return finish(session, record, 'failed', result.why);
  const { again } = result;
  if (again !== undefined && session.run.cancel)
    return finish(session, record, 'cancelled', `cancelled before it was certain: ${result.summary}`);
  if (again !== undefined && !isOver(deps, record))
    return new Date(Math.min(again.getTime(), Date.parse(record.deadline)));
  return keepVerdict(deps, session, record, result);
}

async function keepVerdict(
  deps: Deps,
  session: Session,
  record: StepRecord,
  result: ProbeResult,
): Promise<undefined> {
  const { runId } = session.run;
  const [evidence, baseline] = await Promise.all([
    keepEvidence(deps, runId, record.id, { text: spellChecks(result), truncated: false }),
    baselineOf(deps, runId, record.id),
  ]);
  const report = {
    name: 'step-result',
    step: record.id,
    result: result.healthy ? 'succeeded' : 'failed',
    detail: result.summary,
    by: system('target'),
    origin: engineOrigin,
    ...(baseline ? { baseline } : {}),
  } as const;
  await session.decide(evidence ? { ...report, evidence } : report);
}

/** Only what the probe itself throws is a failed check; a store that is away must not undo a healthy service. */
async function checked(
  deps: Deps,
  session: Session,
  step: ProbeStep,
  record: StepRecord,
): Promise<ProbeResult | { readonly why: string }> {
  try {
    return await deps.probe.check(step, momentOf(session.run, record));
  } catch (error) {
    const fix = error instanceof AppError ? ` ${error.fix}` : '';
    return { why: `${messageOf(error)}.${fix}` };
  }
}
