import {
  type Ballot,
  fills,
  type Handed,
  type Item,
  inGroup,
  isDown,
  mayRule,
  type Needed,
  needed,
  type Outside,
  problems,
  type Standing,
  standing,
  tooOld,
} from './rules.ts';
import type { GroupName } from './scenario.ts';
import { AUTO_UNTIL } from './scenario.ts';
import type { Asked, State } from './state.ts';

/** Who counts as having asked: the person who did, or else the first who confirmed the values. */
export const askerOf = ({ asker, confirmers }: State): string | undefined => asker ?? confirmers[0];
export const involved = ({ asker, confirmers }: State, who: string): boolean =>
  who === asker || confirmers.includes(who);

export function itemNow({ proposed }: State, outside: Outside): Item {
  const { environment, pool } = outside.situation;
  return isDown(outside, 'ci') && proposed !== undefined ? proposed : { environment, pool };
}

/** The value as it would be now; undefined while somebody has to confirm or fill it in. */
function poolNow(state: State, outside: Outside): string | undefined {
  const known = state.pool;
  if (known.chosen) return known.open ? undefined : known.value;
  const { pool } = itemNow(state, outside);
  if (pool === '') return undefined;
  const open = pool === known.value ? known.open : outside.scenario.confirmed;
  return open ? undefined : pool;
}

/** What would run now, as text; undefined while a value is missing. */
export function planNow(state: State, outside: Outside): string | undefined {
  const pool = poolNow(state, outside);
  const { environment } = itemNow(state, outside);
  const tier = environment === 'production' ? 'high' : 'low';
  return pool && JSON.stringify([environment, tier, pool, state.drain.value, outside.situation.edition]);
}

export const placesOf = (state: State, outside: Outside): Needed[] =>
  needed(
    outside,
    itemNow(state, outside),
    [state.asker, ...state.confirmers].flatMap((one) => one ?? []),
  );

/** Everybody who has to agree has agreed; each person fills one place. */
export function approved(asked: Asked | undefined, state: State, outside: Outside): boolean {
  if (asked === undefined) return false;
  if (asked.rule || asked.glass !== undefined) return true;
  const yes = asked.votes.filter(({ verb }) => verb === 'approve');
  // who has come back speaks for themselves: whoever stood in for them counts no more
  const counts = yes.filter(({ instead }) => instead === undefined || yes.every(({ by }) => by !== instead));
  const names = asked.places.map(({ group }): string => group);
  const ballots: Ballot[] = [...new Set(counts.map(({ by }) => by))].map((by) => {
    const groups = counts.findLast((one) => one.by === by)?.groups ?? [];
    return { by, groups: asked.escalated && groups.includes('managers') ? names : groups };
  });
  const places = asked.places.flatMap(({ group, number }) => Array.from({ length: number }, () => group));
  if (!fills(places, ballots)) return false;
  if (!outside.scenario.fourEyes || asked.phase === 'rollback') return true;
  const eyes = new Set([...yes.map(({ by }) => by), ...((askerOf(state) ?? '') ? [askerOf(state)] : [])]);
  return eyes.size >= 2;
}

/** The question that is open now. */
export function openNow(state: State, outside: Outside): Asked | undefined {
  const { asked, rollback, outcome, steps } = state;
  if (outcome !== undefined) return undefined;
  if (rollback !== undefined && !approved(rollback, state, outside)) return rollback;
  if (rollback !== undefined || steps.length > 0) return undefined;
  return asked !== undefined && !approved(asked, state, outside) ? asked : undefined;
}

export type Says = {
  readonly by: string | undefined;
  readonly tenant: string;
  /** Undefined: typed without naming a plan. */
  readonly revision: number | undefined;
  readonly forged: boolean;
};

/** The question somebody answers, if it is the one they were shown and there is still time. */
function answered(state: State, outside: Outside, says: Says, names: 'first' | 'current'): Asked | undefined {
  const asked = openNow(state, outside);
  if (says.by === undefined || says.tenant !== 'tenant-1' || asked === undefined) return undefined;
  const shown = says.revision ?? (names === 'first' ? 1 : asked.revision);
  if (shown !== asked.revision || says.forged) return undefined;
  return outside.situation.now < asked.expires ? asked : undefined;
}

export type Mandate = { readonly groups: readonly GroupName[]; readonly instead?: string };

/** In which groups somebody's vote counts: their own, or those of a colleague who let them. */
export function mandate(state: State, outside: Outside, asked: Asked, who: string): Mandate | undefined {
  if (isDown(outside, 'groups')) return undefined;
  const names: GroupName[] = [
    ...asked.places.map(({ group }) => group),
    ...(asked.escalated ? ['managers' as const] : []),
  ];
  const of = (person: string) => names.filter((group) => inGroup(outside, person, group));
  if (of(who).length > 0) return { groups: of(who) };
  if (isDown(outside, 'control')) return undefined;
  const { now } = outside.situation;
  const from = outside.delegations.find(
    (one) => one.to === who && now < one.until && mayHandOn(state, asked, one) && of(one.from).length > 0,
  )?.from;
  return from === undefined ? undefined : { groups: of(from), instead: from };
}

function mayHandOn(state: State, asked: Asked, { from }: Handed): boolean {
  if (involved(state, from) || asked.authors.includes(from)) return false;
  return !asked.votes.some(({ by, instead }) => by === from || instead === from);
}

/** Whether an approval counts at this moment. */
export function mayApprove(state: State, outside: Outside, says: Says): boolean {
  const asked = answered(state, outside, says, 'first');
  const { by = '' } = says;
  if (asked === undefined || has(asked, by, 'approve') || involved(state, by)) return false;
  if (asked.authors.includes(by) || mandate(state, outside, asked, by) === undefined) return false;
  if (asked.phase === 'rollback') return true;
  const stands = standing(outside, problems(outside, askerOf(state), state.about));
  return planNow(state, outside) === asked.plan && isForVotes(stands, asked);
}

/** A limit is waited for; a window only when it is the one people were asked about. */
function isForVotes(stands: Standing, { opens }: Asked): boolean {
  if (stands.is === 'clear') return true;
  if (stands.is !== 'waits' || stands.stopped) return false;
  return stands.opens === undefined || (opens !== undefined && stands.opens <= opens);
}

export function mayReject(state: State, outside: Outside, says: Says): boolean {
  const asked = answered(state, outside, says, 'current');
  const { by = '' } = says;
  if (asked === undefined || has(asked, by, 'reject') || involved(state, by)) return false;
  return mandate(state, outside, asked, by) !== undefined;
}

export const has = ({ votes }: Asked, who: string, verb: 'approve' | 'reject'): boolean =>
  votes.some((one) => one.by === who && one.verb === verb);

/** An approver may make the plan smaller: whoever may approve it, whatever the guardrails say at the moment. */
export function mayNarrow(state: State, outside: Outside, says: Says): boolean {
  const asked = answered(state, outside, says, 'first');
  const { by = '' } = says;
  if (asked?.phase !== 'run' || involved(state, by) || asked.authors.includes(by)) return false;
  return mandate(state, outside, asked, by) !== undefined;
}

const breakable = ['change window', 'cooldown'];

/** What somebody may go past alone; undefined when they may not break the glass. */
export function mayBreak(state: State, outside: Outside, says: Says): string[] | undefined {
  const asked = answered(state, outside, says, 'first');
  const { by = '' } = says;
  if (
    asked?.phase !== 'run' ||
    !outside.scenario.glass ||
    itemNow(state, outside).environment !== 'production'
  )
    return undefined;
  if (isDown(outside, 'groups') || !inGroup(outside, by, 'commanders')) return undefined;
  if (planNow(state, outside) !== asked.plan) return undefined;
  const found = problems(outside, askerOf(state), state.about);
  const broken = found.filter(({ what, kind }) => kind !== 'unknown' && breakable.includes(what));
  const names = broken.map(({ what }) => what);
  const stands = standing(outside, found, names);
  const on =
    stands.is === 'clear' || (stands.is === 'waits' && !stands.stopped && stands.opens === undefined);
  return on ? names : undefined;
}

/** Whether the first step may start at this moment. */
export const mayStart = (state: State, outside: Outside): boolean =>
  state.steps.length === 0 && mayChange(state, outside);

/** What has to hold at the start, and again at a first change that a stop held back. */
export function mayChange(state: State, outside: Outside): boolean {
  const { asked, outcome } = state;
  if (asked === undefined || outcome !== undefined) return false;
  if (!approved(asked, state, outside) || planNow(state, outside) !== asked.plan) return false;
  const { now } = outside.situation;
  // a rule's approval is for now as well, and only as long as the rule lasts
  if (tooOld(now, asked.decided) || (asked.rule && now >= AUTO_UNTIL)) return false;
  const found = problems(outside, askerOf(state), state.about);
  return standing(outside, found, asked.glass?.broken).is === 'clear';
}

/** Whether a step after the first may start: the one before it went well, and nothing holds it back. */
export function mayGoOn(state: State, outside: Outside, phase: string): boolean {
  const { steps, outcome, asked, rollback } = state;
  if (outcome !== undefined || steps.some(({ result }) => result === undefined)) return false;
  if (phase === 'rollback') return !outside.scenario.rollbackApproval || approved(rollback, state, outside);
  if (state.cancelled || steps.some(({ result }) => result !== 'succeeded')) return false;
  if (phase !== 'remediation') return true;
  return approved(asked, state, outside) && !outside.stopped && !isDown(outside, 'control');
}

/** Whether a policy rule may approve this plan at this moment. */
export const mayDecideAlone = (state: State, outside: Outside): boolean =>
  mayRule(
    outside,
    itemNow(state, outside),
    problems(outside, askerOf(state), state.about),
    state.pool.chosen || state.drain.chosen,
  );
