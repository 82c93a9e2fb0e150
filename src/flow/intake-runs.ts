import type { RefusalCode, Reply } from '../domain/commands.ts';
import { AppError } from '../domain/errors.ts';
import type { Incident } from '../domain/incident.ts';
import { system } from '../domain/people.ts';
import { type Run, stateOf } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';
import { engineOrigin } from './origin.ts';

const by = { by: system('servicenow'), origin: engineOrigin };
/** An incident has a few; each page of the store shows this many. */
const MOST = 50;

/** The runs of an incident that have not ended, those under way included. */
export async function runsOf(deps: Deps, { number }: Pick<Incident, 'number'>): Promise<Run[]> {
  const where = { kind: 'run', status: 'open', incident: number };
  const { items } = await deps.state.list({ where, limit: MOST });
  const runs = await Promise.all(items.map(({ item }) => loadRun(deps, item.id)));
  return runs.filter(({ proposal, closed }) => proposal !== undefined && closed === undefined);
}

/** Why a proposal is taken back whose incident was deleted, or is hidden from us. */
export const GONE = 'the incident does not exist';

/** ServiceNow answers the same for an item that is not there yet and for one that we may not read: both can be put right. */
export const noItem = ({ number, ciSysId }: Pick<Incident, 'number' | 'ciSysId'>): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `the CMDB has no item ${ciSysId}, or Handrail may not read it`,
    fix: `Correct the configuration item of ${number}, or let the integration user read it.`,
  });

/** Nothing of it has run yet. */
export const isIdle = (run: Run): boolean =>
  ['awaiting-parameters', 'awaiting-approval', 'approved'].includes(stateOf(run));

/** Nobody has decided on it yet. */
export const isUndecided = (run: Run): boolean =>
  ['awaiting-parameters', 'awaiting-approval'].includes(stateOf(run));

/** An event proposed it, and nobody has made it theirs by confirming its values. */
export const isOurs = ({ proposal, confirmers }: Run): boolean =>
  proposal?.requester.kind === 'system' && confirmers.length === 0;

/**
 * Takes proposals back, through the one door: the ticket, the card and the requester are told by the run itself. What
 * started in this moment goes on, and is told as what had started before. Answers what came of it, for the record; '' when there was nothing to take back.
 */
export async function withdraw(deps: Deps, runs: readonly Run[], why: string): Promise<string> {
  const said: string[] = [];
  for (const run of runs) {
    const { runId } = run;
    const reply = await deps.engine.submit(runId, { name: 'withdraw', reason: why, ...by });
    said.push(reply.ok ? `withdrawn: run ${runId}` : `${reply.refusal.code}: run ${runId}`);
    if (!reply.ok) await lookAgain(deps, [run]);
  }
  return said.join('; ');
}

/**
 * The incident has changed: the runs look again at what they would do, and ask anew where that is another plan. Throws
 * AppError `itsm-unreachable` or `itsm-refused` when something could not be read.
 */
export async function lookAgain(deps: Deps, runs: readonly Run[]): Promise<void> {
  for (const { runId } of runs)
    throwIfPassing(await deps.engine.submit(runId, { name: 'reconsider', ...by }));
}

/** Refusals that say something could not be read: the event is kept and considered again. */
const passing: readonly RefusalCode[] = ['incident-unknown', 'ci-unknown', 'facts-unknown'];

/**
 * Throws for a refusal that the same command may not meet a moment later: AppError `itsm-unreachable`, or `itsm-refused`
 * where it may be one of the sources and last.
 */
export function throwIfPassing(reply: Reply): void {
  if (reply.ok || !passing.includes(reply.refusal.code)) return;
  const { message, nextAction } = reply.refusal;
  const code = reply.refusal.code === 'facts-unknown' ? 'itsm-refused' : 'itsm-unreachable';
  throw new AppError({ code, message, fix: nextAction, retryable: true });
}
