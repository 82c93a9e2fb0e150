import {
  type Considered,
  isOffered,
  isOld,
  olderThan,
  shapeOf,
  type Tag,
  type Unfit,
  unfit,
} from '../domain/considered.ts';
import { mayFollow } from '../domain/follow-up.ts';
import type { InboxEntry } from '../domain/inbox.ts';
import type { ConfigurationItem, Incident } from '../domain/incident.ts';
import { matchRunbooks } from '../domain/match.ts';
import { system } from '../domain/people.ts';
import type { Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { type Again, waitForReplica } from './intake-behind.ts';
import { claimLook, forgetVersion, keepConsidered, readConsidered } from './intake-considered.ts';
import { bestRunbook } from './intake-match.ts';
import {
  GONE,
  isIdle,
  isOurs,
  isUndecided,
  lookAgain,
  noItem,
  runsOf,
  throwIfPassing,
  withdraw,
} from './intake-runs.ts';
import type { Turns } from './intake-turns.ts';
import { loadRun } from './load-run.ts';
import { engineOrigin } from './origin.ts';
import { proposeRun } from './propose.ts';

/** What came of an event, in one line for the record. */
export type Done = { readonly outcome: string; readonly run?: string; readonly incident?: string };
type Judged = Done | { readonly notBefore: number };
/** Or the time before which it may not be looked at again. */
export type Came = Judged | Again;

/** After so long the incident that another process looks at is tried again. */
const ELSEWHERE_MS = 1_000;

type Looking = { readonly tag: Tag | undefined; readonly pace: Turns };
/** An incident as it is now, with what was made of it before. */
type Case = {
  readonly event: InboxEntry;
  readonly incident: Incident;
  readonly before: Considered | undefined;
  readonly shape: string;
  /** Its runs that have not ended. */
  readonly runs: readonly Run[];
};

/**
 * Reads the truth, takes back what does not fit it any more, finds the runbook, asks for a run. May be repeated at any
 * point: what was done is found again. One process looks at an incident at a time.
 */
export async function consider(deps: Deps, looking: Looking, event: InboxEntry): Promise<Came> {
  const giveBack = await claimLook(deps, event.sysId);
  if (giveBack === undefined) return { notBefore: deps.clock.now().getTime() + ELSEWHERE_MS };
  try {
    return await lookAt(deps, looking, event);
  } finally {
    await giveBack();
  }
}

async function lookAt(deps: Deps, { tag, pace }: Looking, event: InboxEntry): Promise<Came> {
  const { sysId } = event;
  const before = await readConsidered(deps, sysId);
  const old = before && oldFor(before, event);
  if (old !== undefined) return { outcome: old };
  const notBefore = pace.take('perIncident', sysId, sysId);
  if (notBefore !== undefined) return { notBefore };
  const incident = await deps.itsm.incident({ sysId });
  const again = waitForReplica(event, before, incident);
  if (again !== undefined) return again;
  if (incident === undefined) return gone(deps, before?.number);
  const { number, modCount } = incident;
  if (modCount < (before?.modCount ?? 0)) return restored(deps, { tag, pace }, { event, incident });
  // only when this very version is ours: a note of ours may have followed somebody else's change
  if (before?.modCount === modCount - 1 && deps.itsm.isOwnUpdate(incident)) {
    await keepConsidered(deps, sysId, { ...before, modCount });
    return { outcome: 'dropped: our own update', incident: number };
  }
  return settle(deps, { tag, pace }, { event, incident, before });
}

/** What a poll read is ServiceNow as it is, also when an older version stands there now. */
const oldFor = (before: Considered, { source, modCount }: InboxEntry): string | undefined =>
  source === 'poll' && modCount < before.modCount ? undefined : isOld(before, modCount);

/** A version that was read once does not come back: ServiceNow was restored or cloned over, and counts from there. */
async function restored(
  deps: Deps,
  looking: Looking,
  about: Pick<Case, 'event' | 'incident'>,
): Promise<Came> {
  await forgetVersion(deps, about.event.sysId);
  return settle(deps, looking, { ...about, before: await readConsidered(deps, about.event.sysId) });
}

/** Deleted, or hidden from us: nobody can decide on what waits, and nothing of it would start. */
async function gone(deps: Deps, number: string | undefined): Promise<Done> {
  const runs = number === undefined ? [] : await runsOf(deps, { number });
  const back = await withdraw(deps, runs.filter(isIdle), GONE);
  return { outcome: back === '' ? `dropped: ${GONE}` : `${back}; ${GONE}` };
}

/** Judges what was read, acts on it, and keeps what was made of it. */
async function settle(
  deps: Deps,
  { tag, pace }: Looking,
  { event, incident, before }: Pick<Case, 'event' | 'incident' | 'before'>,
): Promise<Came> {
  const { sysId, number, modCount } = incident;
  const { runbooks, policy } = deps.catalogue;
  const all = [...runbooks.values()].map(({ runbook }) => runbook);
  const shape = shapeOf(incident, tag, all, policy.policy);
  const runs = await runsOf(deps, incident);
  // the read may have taken so long that the claim was over and another process looked
  const newer = (await readConsidered(deps, sysId))?.modCount ?? 0;
  if (newer > modCount) return { outcome: olderThan(newer), incident: number };
  const came = await judge(deps, { tag, pace }, { event, incident, before, shape, runs });
  if ('notBefore' in came) return came;
  const offered = isOffered(incident, tag) || before?.offered === true;
  if (await keepConsidered(deps, sysId, { modCount, shape, offered, number, ...runIn(came.run) }))
    return { ...came, incident: number };
  // what was done on an older version while another process looked at a newer one: the truth is read once more
  await forgetVersion(deps, sysId);
  return { notBefore: deps.clock.now().getTime() };
}

const runIn = (run: string | undefined) => (run === undefined ? {} : { run });

/** The incident itself first: what it says is enough to take a proposal back. */
async function judge(deps: Deps, looking: Looking, about: Case): Promise<Judged> {
  const { incident, before, runs } = about;
  const not = unfit(incident, looking.tag, before);
  // the same version has to say the same again; only another one can be fit
  if (not !== undefined) return { ...(await takeBack(deps, not, runs)), ...runIn(before?.run) };
  const elsewhere = (run: Run): boolean => run.proposal?.ci.sysId !== incident.ciSysId;
  const moved = runs.filter(elsewhere);
  const why = `${incident.number} names another configuration item now`;
  const also = after(await withdraw(deps, moved.filter(isIdle), why)) + (await underWay(deps, moved));
  const came = await onItem(deps, looking, { ...about, runs: runs.filter((run) => !elsewhere(run)) });
  return 'notBefore' in came ? came : { ...came, outcome: `${came.outcome}${also}` };
}

/** The tag concerns what events proposed; an end concerns everything that has not started. */
async function takeBack(deps: Deps, { is, why }: Unfit, runs: readonly Run[]): Promise<Done> {
  const gone = runs.filter(is === 'taken-out' ? (run) => isOurs(run) && isUndecided(run) : isIdle);
  const back = await withdraw(deps, gone, why);
  const outcome = back === '' ? `dropped: ${why}` : `${back}; ${why}`;
  return { outcome: outcome + (await underWay(deps, runs)) };
}

/** The incident is one to act on, and these are its runs on the item it names. */
async function onItem(deps: Deps, { tag, pace }: Looking, about: Case): Promise<Judged> {
  const { event, incident, before, shape, runs } = about;
  if (before?.run !== undefined && before.shape === shape)
    return { outcome: `known: run ${before.run}; nothing that matters has changed`, run: before.run };
  if (event.source === 'poll' && !isOffered(incident, tag)) {
    await lookAgain(deps, runs.filter(isUndecided));
    return { outcome: `dropped: ${incident.number} is not offered to Handrail` };
  }
  const notBefore = pace.take('perCi', incident.ciSysId, incident.sysId);
  if (notBefore !== undefined) return { notBefore };
  const ci = await deps.itsm.ci(incident.ciSysId);
  if (ci === undefined) throw noItem(incident);
  return offer(deps, about, ci);
}

/** One proposal of ours at a time: the one there is, as long as its rule still names it, or the best one. */
async function offer(deps: Deps, about: Case, ci: ConfigurationItem): Promise<Done> {
  const { incident, runs } = about;
  const ours = runs.filter(isOurs);
  const unnamed = ours.filter((run) => isUndecided(run) && !isNamed(deps, run, incident, ci));
  const why = `no rule names this runbook for ${incident.number} any more`;
  const also = after(await withdraw(deps, unnamed, why));
  const left = runs.filter((run) => !unnamed.includes(run));
  // values and guardrails may differ now; people are asked anew only when the plan is another one
  await lookAgain(deps, left.filter(isUndecided));
  const there = left.find((run) => ours.includes(run));
  if (there !== undefined) return { outcome: `known: run ${there.runId}${also}`, run: there.runId };
  const done = await propose(deps, about, ci);
  return { ...done, outcome: `${done.outcome}${also}` };
}

/** The rules, or the machine that named it then, would still name the runbook of this run. */
function isNamed({ catalogue }: Deps, { proposal }: Run, incident: Incident, ci: ConfigurationItem): boolean {
  const alone = catalogue.policy.policy.suggestions;
  const all = [...catalogue.runbooks.values()];
  return matchRunbooks(all, incident, ci, proposal?.suggestion, alone).some(
    ({ loaded }) => loaded.runbook.id === proposal?.runbook.id,
  );
}

async function propose(deps: Deps, { event, incident }: Case, ci: ConfigurationItem): Promise<Done> {
  const [best, also] = bestRunbook(deps, incident, ci, event);
  if (best === undefined) return { outcome: `no runbook matches ${incident.number}${also}` };
  const { runbook } = best.loaded;
  const asked = await proposeRun(deps, {
    incident,
    runbook: runbook.id,
    by: system('servicenow'),
    origin: engineOrigin,
    reason: best.reason,
    again: (last) => mayFollow(last, runbook, incident, ci),
    ...(best.suggestion ? { suggestion: best.suggestion } : {}),
  });
  const { runId: run } = asked;
  if (asked.is === 'known') return { outcome: `known: run ${run}${also}`, run };
  if (asked.reply.ok) return { outcome: `${await endOf(deps, run)}${also}`, run };
  throwIfPassing(asked.reply);
  return { outcome: `refused: ${asked.reply.refusal.code}${also}` };
}

/** A proposal that the guardrails end at once is one that says why: an item that is retired, for instance. */
async function endOf(deps: Deps, runId: string): Promise<string> {
  const { closed } = await loadRun(deps, runId);
  return closed === undefined
    ? `proposed: run ${runId}`
    : `${closed.outcome}: run ${runId}; ${closed.reason}`;
}

const after = (said: string): string => (said === '' ? '' : `; ${said}`);

/** What has started is not stopped by a ticket: people are told by the run, and may cancel it. */
async function underWay(deps: Deps, runs: readonly Run[]): Promise<string> {
  const going = runs.filter((run) => !isIdle(run));
  await lookAgain(deps, going);
  return going.map(({ runId }) => `; run ${runId} is under way and goes on`).join('');
}
