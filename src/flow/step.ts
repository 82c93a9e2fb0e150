import { AppError, messageOf } from '../domain/errors.ts';
import type { StepResult } from '../domain/events.ts';
import { system } from '../domain/people.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { StepRecord } from '../domain/run.ts';
import type { JobStatus, ProbeResult, Target } from '../ports.ts';
import type { Deps } from './deps.ts';
import { keepEvidence, logOf } from './evidence.ts';
import { engineOrigin } from './origin.ts';
import { momentOf } from './probe-moment.ts';
import type { Session } from './session.ts';

/** How long a target may need until a job it accepted can be found. */
const SETTLE_MS = 5_000;
/** Past this age a launch that never arrived is not sent any more: the approval was for now. */
const RELAUNCH_MS = 120_000;
/** How long a job may take to stop after its time is up or it was cancelled. */
const STOP_MS = 60_000;

type Claim = { readonly step: PlanStep; readonly record: StepRecord };
type Job = {
  readonly step: Extract<PlanStep, { does: 'job' }>;
  readonly record: StepRecord;
  readonly target: Target;
};

/** Brings the claimed step one move forward. Answers when to look again; undefined when the step ended or moved on. */
export async function continueStep(
  deps: Deps,
  session: Session,
  { step, record }: Claim,
): Promise<Date | undefined> {
  if (step.does === 'probe') return probe(deps, session, step, record);
  const target = deps.targets.get(step.target);
  if (target === undefined)
    return finish(session, record, 'not-started', `target ${step.target} is not configured`);
  const job = { step, record, target };
  if (record.externalId !== undefined) return poll(deps, session, job, record.externalId);
  return session.claimed.delete(record.executionId)
    ? launch(deps, session, job)
    : reconcile(deps, session, job);
}

/** The claim is stored, so the call may leave (invariant 6). */
async function launch(deps: Deps, session: Session, job: Job): Promise<Date | undefined> {
  const { step, record, target } = job;
  const { executionId } = record;
  let status: JobStatus;
  try {
    status = await target.launch({
      job: step.job,
      parameters: step.with,
      executionId,
      runId: session.run.runId,
    });
  } catch (error) {
    if (error instanceof AppError && !error.maybeApplied)
      return finish(session, record, 'not-started', `${error.message}. ${error.fix}`);
    deps.report('warn', 'a launch was not answered', {
      run: session.run.runId,
      step: step.id,
      why: messageOf(error),
    });
    return later(deps, 1_000);
  }
  return launched(session, record, status);
}

/** After a crash or a lost answer: find out before anything else is done. */
async function reconcile(deps: Deps, session: Session, job: Job): Promise<Date | undefined> {
  const { record, target } = job;
  const age = deps.clock.now().getTime() - Date.parse(record.startedAt);
  let found: JobStatus | undefined;
  try {
    found = await target.find(record.executionId);
  } catch (error) {
    if (isOver(deps, record))
      return finish(
        session,
        record,
        'unknown',
        `${target.name} cannot say whether it ran: ${messageOf(error)}`,
      );
    return later(deps, backoff(age));
  }
  if (found) return launched(session, record, found);
  if (age < SETTLE_MS) return later(deps, SETTLE_MS - age);
  if (!target.idempotent)
    return finish(
      session,
      record,
      'unknown',
      `${target.name} does not know this execution, but it may have run`,
    );
  if (session.run.cancel) return finish(session, record, 'cancelled', 'cancelled before it was started');
  if (age < RELAUNCH_MS) return launch(deps, session, job);
  return finish(session, record, 'not-started', `${target.name} never received it`);
}

async function launched(session: Session, record: StepRecord, status: JobStatus): Promise<undefined> {
  const { externalId } = status;
  await session.decide({
    name: 'step-launched',
    step: record.id,
    externalId,
    by: system('target'),
    origin: engineOrigin,
  });
}

async function poll(deps: Deps, session: Session, job: Job, externalId: string): Promise<Date | undefined> {
  const { record, target } = job;
  const now = deps.clock.now().getTime();
  const age = now - Date.parse(record.startedAt);
  const overdue = now > Date.parse(record.deadline) + STOP_MS;
  const status = await statusOf(target, externalId);
  if (status instanceof Error) {
    if (overdue)
      return finish(session, record, 'unknown', `${target.name} does not answer: ${status.message}`);
    return later(deps, Math.max(1_000, backoff(age)));
  }
  if (status.state === 'succeeded' || status.state === 'failed' || status.state === 'canceled')
    return ended(deps, session, job, status);
  if (overdue) return finish(session, record, 'unknown', `${target.name} did not stop it in time`);
  if (isOver(deps, record) || session.run.cancel) await stopJob(deps, session, target, externalId);
  return later(deps, Math.max(status.pollAfterMs ?? 0, backoff(age)));
}

/** What the target says, or why it said nothing. Only its own failure is caught here: ours must not look like it. */
async function statusOf(target: Target, externalId: string): Promise<JobStatus | Error> {
  try {
    return await target.poll(externalId);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function stopJob(deps: Deps, { run }: Session, target: Target, externalId: string): Promise<void> {
  try {
    await target.cancel(externalId);
  } catch (error) {
    deps.report('warn', 'a job could not be asked to stop yet', { run: run.runId, why: messageOf(error) });
  }
}

async function ended(deps: Deps, session: Session, job: Job, status: JobStatus): Promise<undefined> {
  const { record, target } = job;
  const evidence = await keepEvidence(
    deps,
    session.run.runId,
    record.id,
    await logOf(deps, target, status.externalId),
  );
  const { result, detail } = resultOf(session, deps, record, status);
  const report = {
    name: 'step-result',
    step: record.id,
    result,
    detail,
    by: system('target'),
    origin: engineOrigin,
  } as const;
  await session.decide(evidence ? { ...report, evidence } : report);
}

function resultOf(
  session: Session,
  deps: Deps,
  record: StepRecord,
  status: JobStatus,
): { result: StepResult; detail: string } {
  if (status.state === 'succeeded') return { result: 'succeeded', detail: status.detail };
  if (status.state === 'canceled' && session.run.cancel)
    return { result: 'cancelled', detail: status.detail };
  if (status.state === 'canceled' && isOver(deps, record))
    return { result: 'failed', detail: 'took too long and was stopped' };
  if (status.state === 'canceled')
    return { result: 'failed', detail: status.detail || 'was cancelled at the target' };
  return { result: 'failed', detail: status.detail || 'the target says it failed' };
}

/** Probes read only, so after a crash they simply run again. */
async function probe(
  deps: Deps,
  session: Session,
  step: Extract<PlanStep, { does: 'probe' }>,
  record: StepRecord,
): Promise<undefined> {
  const result = await checked(deps, session, step, record);
  if ('why' in result) return finish(session, record, 'failed', result.why);
  const { healthy, summary, checks } = result;
  const text = `${summary}\n${checks.map((c) => JSON.stringify(c)).join('\n')}`;
  const evidence = await keepEvidence(deps, session.run.runId, record.id, { text, truncated: false });
  const report = {
    name: 'step-result',
    step: record.id,
    result: healthy ? 'succeeded' : 'failed',
    detail: summary,
    by: system('target'),
    origin: engineOrigin,
  } as const;
  await session.decide(evidence ? { ...report, evidence } : report);
}

/** Only what the probe itself throws is a failed check; a store that is away must not undo a healthy service. */
async function checked(
  deps: Deps,
  session: Session,
  step: Extract<PlanStep, { does: 'probe' }>,
  record: StepRecord,
): Promise<ProbeResult | { readonly why: string }> {
  try {
    return await deps.probe.check(step, momentOf(session.run, record));
  } catch (error) {
    const fix = error instanceof AppError ? ` ${error.fix}` : '';
    return { why: `${messageOf(error)}.${fix}` };
  }
}

async function finish(
  session: Session,
  record: StepRecord,
  result: StepResult,
  detail: string,
): Promise<undefined> {
  await session.decide({
    name: 'step-result',
    step: record.id,
    result,
    detail,
    by: system('engine'),
    origin: engineOrigin,
  });
}

const isOver = (deps: Deps, record: StepRecord): boolean =>
  deps.clock.now().getTime() >= Date.parse(record.deadline);
const later = (deps: Deps, ms: number): Date => new Date(deps.clock.now().getTime() + ms);
/** Asks often at first, then less: half the age, between 150 ms and 5 s. */
const backoff = (ageMs: number): number => Math.min(5_000, Math.max(150, ageMs / 2));
