import { AppError, messageOf } from '../domain/errors.ts';
import { system } from '../domain/people.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { Run, StepRecord } from '../domain/run.ts';
import type { JobStatus } from '../ports.ts';
import { keepBaselines } from './baseline.ts';
import { readControl } from './control.ts';
import type { Deps } from './deps.ts';
import { backoff, finish, isOver, later } from './finish.ts';
import { engineOrigin } from './origin.ts';
import { isFirstLaunch, refusalAhead } from './preflight.ts';
import { probe } from './probe-step.ts';
import { type Job, poll } from './running-job.ts';
import type { Session } from './session.ts';

/** How long a target may need until a job it accepted can be found. */
const SETTLE_MS = 5_000;
/** Past this age a launch that never arrived is not sent any more: the approval was for now. */
const RELAUNCH_MS = 120_000;

type Claim = { readonly step: PlanStep; readonly record: StepRecord };

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
  const no = isFirstLaunch(session.run) ? await prepare(deps, session.run, record) : undefined;
  if (no !== undefined) return finish(session, record, 'not-started', no);
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

/** Before anything is launched: would all of it be taken, and how is what will be verified? Answers why not. */
async function prepare(deps: Deps, run: Run, record: StepRecord): Promise<string | undefined> {
  const [no] = await Promise.all([refusalAhead(deps, run, record), keepBaselines(deps, run, record)]);
  return no;
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
  if (age >= RELAUNCH_MS) return finish(session, record, 'not-started', `${target.name} never received it`);
  if (await isStopped(deps, record))
    return finish(session, record, 'not-started', 'everything was stopped before it was sent');
  return launch(deps, session, job);
}

/** The claim was made before the stop, but this change never left; undoing goes on. */
const isStopped = async (deps: Deps, { phase }: StepRecord): Promise<boolean> =>
  phase === 'remediation' && (await readControl(deps)).stopped !== undefined;

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
