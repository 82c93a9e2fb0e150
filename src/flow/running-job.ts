import { messageOf } from '../domain/errors.ts';
import { system } from '../domain/people.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { StepRecord } from '../domain/run.ts';
import type { StepResult } from '../domain/step-end.ts';
import type { JobStatus, Target } from '../ports.ts';
import { keepArtifacts } from './artifacts.ts';
import type { Deps } from './deps.ts';
import { keepEvidence, logOf } from './evidence.ts';
import { backoff, finish, isOver, later } from './finish.ts';
import { engineOrigin } from './origin.ts';
import type { Session } from './session.ts';
import { lookAt } from './sight.ts';

/** How long a job may take to stop after its time is up or it was cancelled. */
const STOP_MS = 60_000;
/** How often a job that has to stop is asked about, at least. */
const STOPPING_MS = 5_000;

/** A claimed step that runs a job, and the target it runs on. */
export type Job = {
  readonly step: Extract<PlanStep, { does: 'job' }>;
  readonly record: StepRecord;
  readonly target: Target;
};

/** How a job stands before it is asked about: `age` and `toDeadline` in milliseconds. */
type Standing = {
  readonly age: number;
  readonly toDeadline: number;
  /** It has to stop. */
  readonly urgent: boolean;
  /** It should have stopped long ago. */
  readonly overdue: boolean;
};

function standingOf(deps: Deps, { run }: Session, record: StepRecord): Standing {
  const now = deps.clock.now().getTime();
  const toDeadline = Date.parse(record.deadline) - now;
  return {
    age: now - Date.parse(record.startedAt),
    toDeadline,
    urgent: isOver(deps, record) || run.cancel !== undefined,
    overdue: toDeadline < -STOP_MS,
  };
}

/** Asks how the job is; stops it when it has to stop, and keeps what it left when it has ended. */
export async function poll(
  deps: Deps,
  session: Session,
  job: Job,
  externalId: string,
): Promise<Date | undefined> {
  const { record, target } = job;
  const standing = standingOf(deps, session, record);
  const turnIn = (ms: number) => target.turn?.(externalId, { at: later(deps, ms), urgent: standing.urgent });
  // what ends now, one way or the other, waits for nobody
  const turn = standing.overdue ? undefined : turnIn(0);
  if (turn !== undefined) return turn;
  const status = await statusOf(target, externalId);
  const pause = await answered(deps, session, job, { status, standing, externalId });
  return pause === undefined ? undefined : (turnIn(pause) ?? later(deps, pause));
}

type Answered = {
  readonly status: JobStatus | Error;
  readonly standing: Standing;
  readonly externalId: string;
};

/** Does what the answer asks for. Answers for how many milliseconds it is left alone then; undefined when it has ended. */
async function answered(
  deps: Deps,
  session: Session,
  job: Job,
  { status, standing, externalId }: Answered,
): Promise<number | undefined> {
  const { record, target } = job;
  if (status instanceof Error) {
    if (!standing.overdue) return pauseOf(standing, 1_000);
    return finish(session, record, 'unknown', `${target.name} does not answer: ${status.message}`);
  }
  if (status.state === 'succeeded' || status.state === 'failed' || status.state === 'canceled')
    return ended(deps, session, job, status);
  if (standing.overdue) return finish(session, record, 'unknown', `${target.name} did not stop it in time`);
  if (standing.urgent) await stopJob(deps, session, target, externalId);
  await lookAt(deps, session.run, job, externalId);
  return pauseOf(standing, status.pollAfterMs ?? 0);
}

/** Its end is waited for less closely with its age, but its deadline is kept. */
function pauseOf({ age, urgent, toDeadline }: Standing, atLeast: number): number {
  const pause = Math.max(atLeast, backoff(age));
  return urgent ? Math.min(pause, STOPPING_MS) : Math.min(pause, Math.max(150, toDeadline));
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
  const { runId } = session.run;
  const { externalId } = status;
  const [evidence, { files, missing }] = await Promise.all([
    logOf(deps, target, externalId).then((log) => keepEvidence(deps, runId, record.id, log)),
    keepArtifacts(deps, runId, target, externalId),
  ]);
  const { result, detail } = resultOf(session, deps, record, status);
  const report = {
    name: 'step-result',
    step: record.id,
    result,
    detail: [detail, missing].filter((text) => text !== '').join('; '),
    by: system('target'),
    origin: engineOrigin,
    ...(files.length > 0 ? { artifacts: [...files] } : {}),
    ...(status.hosts ? { hosts: [...status.hosts] } : {}),
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
