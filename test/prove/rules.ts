import {
  APPROVAL_MS,
  AUTO_UNTIL,
  COOLDOWN_MS,
  FREEZE,
  type GroupName,
  MINUTE,
  SCHEDULE_MS,
  type Scenario,
  WINDOW,
} from './scenario.ts';
import type { Situation, Source, Who } from './situation.ts';

/**
 * The rules once more, written down from the design and nothing else: no code of the product is used here. Small, slow
 * and plain, because it is what the product is measured against.
 */
export type Outside = {
  readonly scenario: Scenario;
  readonly situation: Situation;
  readonly stopped: boolean;
  readonly delegations: readonly Handed[];
};
export type Handed = { readonly from: string; readonly to: string; readonly until: number };

export type Problem =
  | { readonly what: string; readonly kind: 'unknown' | 'never' | 'stop' }
  | { readonly what: string; readonly kind: 'calendar'; readonly until: number };

/** What is known of the item: what was read when the run was proposed serves while the CMDB does not answer. */
export type Item = { readonly environment: Situation['environment']; readonly pool: Situation['pool'] };

const isDown = ({ situation }: Outside, source: Source): boolean => situation.down.includes(source);
export const inGroup = ({ situation }: Outside, who: string, group: GroupName): boolean =>
  who in situation.groups && situation.groups[who as Who].includes(group);
const membersOf = (outside: Outside, group: GroupName): string[] =>
  Object.keys(outside.situation.groups).filter((who) => inGroup(outside, who, group));

/** Everything that forbids a run right now. `asker` counts as having asked; `about` is the item it was proposed for. */
export function problems(outside: Outside, asker: string | undefined, about: string | undefined): Problem[] {
  const { scenario, situation, stopped } = outside;
  const found: Problem[] = [];
  const add = (what: string, kind: 'unknown' | 'never' | 'stop') => found.push({ what, kind });
  if (isDown(outside, 'control')) add('stopped', 'unknown');
  else if (stopped) add('stopped', 'stop');
  if (isDown(outside, 'incident')) add('incident', 'unknown');
  else if (situation.incident === 'resolved' || (about ?? situation.names) !== situation.names)
    add('incident', 'never');
  if (isDown(outside, 'ci')) add('environment', 'unknown');
  else if (situation.environment === 'development') add('environment', 'never');
  if (isDown(outside, 'changes')) add('conflict', 'unknown');
  found.push(...calendarProblems(outside));
  if (isDown(outside, 'history')) add('cooldown', 'unknown');
  else if (situation.ranAt !== undefined && situation.now - situation.ranAt < COOLDOWN_MS)
    add('cooldown', 'never');
  if (asker !== undefined && isDown(outside, 'groups')) add('authorised', 'unknown');
  else if (asker !== undefined && !inGroup(outside, asker, 'web-operations')) add('authorised', 'never');
  if (isDown(outside, 'ci') || (scenario.notAuthor && isDown(outside, 'people'))) add('approvers', 'unknown');
  else found.push(...scarcity(outside, asker));
  return found;
}

function calendarProblems(outside: Outside): Problem[] {
  const { scenario, situation } = outside;
  const found: Problem[] = [];
  if (isDown(outside, 'ci')) return found;
  const production = situation.environment === 'production';
  const { now } = situation;
  if (production && scenario.calendar !== 'none' && !windowOpen(scenario, now)) {
    if (isDown(outside, 'changes')) found.push({ what: 'change window', kind: 'unknown' });
    else if (!situation.change)
      found.push(
        scenario.calendar === 'windows'
          ? { what: 'change window', kind: 'calendar', until: nextOpening(now) }
          : { what: 'change window', kind: 'never' },
      );
  }
  if (production && scenario.freeze && now >= FREEZE.from && now < FREEZE.to)
    found.push({ what: 'freeze', kind: 'calendar', until: FREEZE.to });
  return found;
}

const DAY = 24 * 60 * MINUTE;
const windowOpen = ({ calendar }: Scenario, now: number): boolean =>
  calendar === 'windows' && now % DAY >= WINDOW.opens && now % DAY < WINDOW.closes;
const nextOpening = (now: number): number => {
  const today = now - (now % DAY) + WINDOW.opens;
  return today > now ? today : today + DAY;
};

/** Too few people could ever approve it. */
function scarcity(outside: Outside, asker: string | undefined): Problem[] {
  const asked = requirements(outside, outside.situation.environment).filter(({ counted }) => counted);
  if (asked.length === 0) return [];
  if (isDown(outside, 'groups')) return [{ what: 'approvers', kind: 'unknown' }];
  const short = asked.some(({ group, number }) => {
    const can = membersOf(outside, group).filter((who) => who !== asker && !isAuthor(outside, who)).length;
    return can < number(can);
  });
  return short ? [{ what: 'approvers', kind: 'never' }] : [];
}

const isAuthor = ({ scenario }: Outside, who: string): boolean => scenario.notAuthor && who === 'nadia';

type Asks = {
  readonly group: GroupName;
  /** How many of so many people. */
  readonly number: (people: number) => number;
  /** One person will be found; more have to be counted. */
  readonly counted: boolean;
};

/** Who has to agree, by the policy and the runbook. */
function requirements({ scenario }: Outside, environment: Item['environment']): Asks[] {
  const { quorum, owners } = scenario;
  const fixed = { 1: 1, 2: 2, any: 1, '2 of 3': 2 } as const;
  const own: Asks = {
    group: 'web-approvers',
    number: (people) => {
      if (quorum === 'all') return Math.max(1, people);
      if (quorum === '50%') return Math.max(1, Math.ceil(people / 2));
      return fixed[quorum];
    },
    counted: quorum !== 1 && quorum !== 'any',
  };
  if (environment !== 'production' || owners === 0) return [own];
  return [own, { group: 'service-owners', number: () => owners, counted: owners > 1 }];
}

export type Needed = { readonly group: GroupName; readonly number: number };

/** The numbers that are fixed when people are asked. Whoever may not vote is not counted. */
export function needed(outside: Outside, item: Item, barred: readonly string[]): Needed[] {
  return requirements(outside, item.environment).map(({ group, number }) => ({
    group,
    number: number(
      membersOf(outside, group).filter((who) => !barred.includes(who) && !isAuthor(outside, who)).length,
    ),
  }));
}

export type Standing =
  | { readonly is: 'clear' | 'denied' | 'unknown' }
  | { readonly is: 'waits'; readonly stopped: boolean; readonly opens: number | undefined };

/** On, no, nobody can tell, or not now. What the glass was broken for does not count, unless it cannot be read. */
export function standing(
  { scenario, situation }: Outside,
  found: readonly Problem[],
  broken: readonly string[] = [],
): Standing {
  const left = found.filter(({ what, kind }) => kind === 'unknown' || !broken.includes(what));
  if (left.length === 0) return { is: 'clear' };
  const patience = scenario.schedule ? SCHEDULE_MS : 0;
  const never = left.some(
    (one) => one.kind === 'never' || (one.kind === 'calendar' && one.until - situation.now > patience),
  );
  if (never) return { is: 'denied' };
  if (left.some(({ kind }) => kind === 'unknown')) return { is: 'unknown' };
  const opens = left.flatMap((one) => (one.kind === 'calendar' ? [one.until] : []));
  const stopped = left.some(({ kind }) => kind === 'stop');
  return { is: 'waits', stopped, opens: opens.length === 0 ? undefined : Math.max(...opens) };
}

export type Ballot = { readonly by: string; readonly groups: readonly string[] };

/** Whether people can be given to the places so that each place has one and nobody has two: by trying everything. */
export function fills(places: readonly string[], ballots: readonly Ballot[]): boolean {
  const [place, ...others] = places;
  if (place === undefined) return true;
  return ballots.some(({ groups }, n) => groups.includes(place) && fills(others, ballots.toSpliced(n, 1)));
}

/** A policy rule may decide alone: in test only, as long as it lasts, when nothing speaks against it but a stop, which start waits for. */
export const mayRule = (outside: Outside, item: Item, found: readonly Problem[], chosen: boolean): boolean =>
  outside.scenario.auto &&
  item.environment === 'test' &&
  outside.situation.now < AUTO_UNTIL &&
  found.every(({ kind }) => kind === 'stop') &&
  !chosen;

export const tooOld = (now: number, decided: number): boolean => now - decided > APPROVAL_MS;
export { isAuthor, isDown };
