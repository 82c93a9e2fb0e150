import { CONTROL } from '../domain/control.ts';
import { due, LOOK_AGAIN_MS as POSTPONED_MS } from '../domain/due.ts';
import { system } from '../domain/people.ts';
import { isSettled, reportsDue } from '../domain/reports.ts';
import { type Run, stateOf } from '../domain/run.ts';
import { wakeEveryRun } from './control.ts';
import type { Deps } from './deps.ts';
import { releaseLeases, takeLeases } from './lease.ts';
import { engineOrigin } from './origin.ts';
import { forgetIfStale, markSettled } from './projection.ts';
import { earliest, report } from './report.ts';
import { openSession, type Session } from './session.ts';
import { continueStep } from './step.ts';

/** A run that waits for another one on the same item looks again after this, even if nobody wakes it. */
const LEASE_WAIT_MS = 30_000;
/** A decision that changed nothing, because something could not be read: asked again after this. */
const STUCK_MS = 5_000;
/** How often a drive looks for new decisions while a report is on its way. */
const LOOK_AGAIN_MS = 300;
const engine = { by: system('engine'), origin: engineOrigin };

/**
 * Does what is due for a run: decides, dispatches, runs steps, tells people. May be called at any time and any number of
 * times; everything it needs to know is in the log. Answers when it wants to be called again.
 */
export async function drive(
  deps: Deps,
  runId: string,
  drawn: Map<string, string>,
): Promise<Date | undefined> {
  if (runId === CONTROL) return wakeEveryRun(deps);
  const session = await openSession(deps, runId);
  if (session.run.entries.length === 0) return forgetIfStale(deps, runId);

  if (mayHoldNeedlessly(session.run)) await releaseLeases(deps, session.run);
  await actAndReport(deps, session, drawn);
  const { next, retry } = await actAndReport(deps, session, drawn);

  if (session.run.closed) await releaseLeases(deps, session.run);
  // what was decided while the last reports were on their way has to be told too, and nothing else will wake the run
  const unsaid = retry === undefined && reportsDue(session.run).length > 0 ? deps.clock.now() : undefined;
  if (!isSettled(session.run)) return earliest(next, retry, unsaid);
  await markSettled(deps, session.run);
  drawn.delete(runId);
  deps.sights.delete(runId);
  return undefined;
}

/** It was at the point of starting and is not any more: should the process have died then, its places are still taken. */
const mayHoldNeedlessly = (run: Run): boolean =>
  run.steps.length === 0 &&
  run.closed === undefined &&
  ((stateOf(run) === 'awaiting-approval' && (run.approval?.revision ?? 1) > 1) ||
    run.postponed !== undefined);

/** Tells people and acts at the same time: neither waits for the other, and both are awaited whatever happens. */
async function actAndReport(deps: Deps, session: Session, drawn: Map<string, string>) {
  const reporting = report(deps, session, drawn);
  const [acted, reported] = await Promise.allSettled([actBeside(deps, session, reporting), reporting]);
  // a report left running would be made a second time by the next drive, so failures are thrown only now
  if (acted.status === 'rejected') throw acted.reason;
  if (reported.status === 'rejected') throw reported.reason;
  return { next: acted.value, retry: reported.value };
}

/** Acts, and goes on acting on what is decided meanwhile: a ServiceNow that answers slowly must not hold up a step. */
async function actBeside(
  deps: Deps,
  session: Session,
  reporting: Promise<unknown>,
): Promise<Date | undefined> {
  for (;;) {
    const next = await act(deps, session);
    const { length } = session.run.entries;
    // what was asked to wait for its time is not asked more often because somebody else is slow
    do {
      if (await endsWithin(reporting, LOOK_AGAIN_MS)) return next;
      await session.refresh();
    } while (session.run.entries.length === length && next !== undefined && deps.clock.now() < next);
  }
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Acts until there is nothing to do but wait. */
async function act(deps: Deps, session: Session): Promise<Date | undefined> {
  for (;;) {
    const before = session.run.entries.length;
    const next = due(session.run, deps.clock.now());
    switch (next.act) {
      case 'nothing':
        return undefined;
      case 'wait':
        return next.until;
      case 'decide':
        await session.decide({ name: next.command, ...engine });
        break;
      case 'dispatch': {
        const wait = await dispatch(deps, session);
        if (wait) return wait;
        break;
      }
      case 'step': {
        const wait = await continueStep(deps, session, next);
        if (wait) return wait;
        break;
      }
    }
    if (session.run.entries.length === before) return new Date(deps.clock.now().getTime() + STUCK_MS);
  }
}

/** Approved: one run at a time on an item, and a place where places are limited; then the last check, then the first step is claimed. */
async function dispatch(deps: Deps, session: Session): Promise<Date | undefined> {
  const lease = await takeLeases(deps, session.run);
  if (!lease.ok && !lease.full) {
    await session.decide({ name: 'wait', holder: lease.holder, ...engine });
    return new Date(deps.clock.now().getTime() + LEASE_WAIT_MS);
  }
  await session.decide({ name: 'dispatch', ...(lease.ok ? {} : { full: true }), ...engine });
  // the plan had changed and is asked for again: nobody else should wait for that
  if (session.run.steps.length > 0 || session.run.closed) return undefined;
  await releaseLeases(deps, session.run);
  return stateOf(session.run) === 'approved' ? notBefore(deps, session.run) : undefined;
}

/** When to look again after a guardrail said not now. */
function notBefore({ clock }: Deps, { postponed }: Run): Date {
  const pause = postponed === undefined ? STUCK_MS : POSTPONED_MS;
  return new Date(Math.max(clock.now().getTime() + pause, Date.parse(postponed?.until ?? '') || 0));
}
