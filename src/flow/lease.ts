import { chainOf } from '../domain/after-end.ts';
import type { Holders } from '../domain/facts.ts';
import type { Run } from '../domain/run.ts';
import { type Runbook, targetsOf } from '../domain/runbook.ts';
import type { StateItem } from '../ports.ts';
import type { Deps } from './deps.ts';
import { loadRun } from './load-run.ts';

/**
 * Something that only so many runs may have at the same time: a configuration item, or the places of a runbook or target.
 * A place of an hour is kept for that long by a run that changed something, also past its end.
 */
type Place = {
  readonly name: string;
  readonly room: number;
  /** Seconds it is kept: an hour from the latest moment at which the first change can begin. */
  readonly ofAnHour?: number;
};
type Taken =
  | { readonly ok: true }
  /** `full`: not an item or a place that comes free, but the hour is used up. */
  | { readonly ok: false; readonly holder: string; readonly full: boolean };

/** As many places as one page of the store shows. */
const MOST_PLACES = 500;
const HOUR_SECONDS = 3_600;

const itemPlace = (ci: string): Place => ({ name: ci, room: 1 });
const runbookPlaces = (id: string) => `runbook:${id}`;
const targetPlaces = (name: string) => `target:${name}`;
const hourOf = (name: string) => `hour:${name}`;

/**
 * Takes everything a run needs, always in the same order, so that no two runs wait for each other. Leases outlive a crash
 * and are taken over when their holder has ended.
 */
export async function takeLeases(deps: Deps, run: Run): Promise<Taken> {
  const had: string[] = [];
  for (const place of placesOf(deps, run)) {
    const taken = await take(deps, place, run);
    if (!taken.ok) {
      // whoever waits holds nothing: others can go on meanwhile
      for (const name of had.reverse()) await release(deps, name, run.runId);
      return taken;
    }
    had.push(place.name);
  }
  return { ok: true };
}

/** One run at a time on an item; as many as the policy says with a runbook and on a target. */
function placesOf(deps: Deps, run: Run): Place[] {
  const { limits } = deps.catalogue.policy.policy;
  const runbook = deps.catalogue.runbooks.get(run.proposal?.runbook.id ?? '')?.runbook;
  const of = (name: string, room: number | undefined): Place[] =>
    room === undefined ? [] : [{ name, room }];
  const ofAnHour = (name: string, room: number | undefined): Place[] =>
    of(name, room).map((place) => ({ ...place, ofAnHour: HOUR_SECONDS + untilFirstChange(run) }));
  const targets = runbook === undefined ? [] : targetsOf(runbook).sort();
  return [
    itemPlace(ciOf(run)),
    ...(runbook === undefined ? [] : of(runbookPlaces(runbook.id), limits.perRunbook)),
    ...targets.flatMap((target) => of(targetPlaces(target), limits.perTarget[target])),
    // the guardrail counts what has begun; of those that are about to begin, no more than there is room for go on
    ...ofAnHour(hourOf('all'), limits.perHour),
    ...(runbook === undefined ? [] : ofAnHour(hourOf(runbookPlaces(runbook.id)), limits.perRunbookPerHour)),
  ];
}

async function take(deps: Deps, place: Place, { runId, proposal }: Run): Promise<Taken> {
  const { name, ofAnHour } = place;
  // the place of an hour that a run it continues had is not one more
  const own = [runId, ...chainOf(proposal?.resumes)];
  let holder = '';
  for (const seat of await seatsToTry(deps, place, own)) {
    const lease = leaseItem(place, seat, runId);
    const taken = await takeSeat(deps, lease, (by) => ofAnHour === undefined || own.includes(by));
    if (taken === 'taken') return { ok: true };
    holder = taken.holder;
  }
  // a place of an hour is looked for again, at the time that the guardrail says
  if (!ofAnHour) await queue(deps, name, runId);
  return { ok: false, holder, full: ofAnHour !== undefined };
}

/**
 * With one place there is nothing to choose; of many, first the one we have, then free ones, then those of others. A place
 * of an hour is nobody else's before the hour is over, so one of those is enough to say who has it.
 */
async function seatsToTry(
  deps: Deps,
  { name, room, ofAnHour }: Place,
  own: readonly string[],
): Promise<number[]> {
  if (room === 1) return [0];
  const held = new Map(
    (await leasesOf(deps, name)).map(({ item }) => [
      Number(item.id.slice('lease-'.length)),
      String(item.body),
    ]),
  );
  const rank = (seat: number) => (own.includes(held.get(seat) ?? '') ? 0 : held.has(seat) ? 2 : 1);
  const seats = Array.from({ length: room }, (_, seat) => seat).sort((a, b) => rank(a) - rank(b) || a - b);
  const open = seats.filter((seat) => rank(seat) < 2);
  return ofAnHour ? (open.length > 0 ? open : seats.slice(0, 1)) : seats;
}

/** One lease: ours when it is free, or, where it may be taken over, when whoever has it has ended. */
async function takeSeat(
  deps: Deps,
  lease: StateItem,
  mayTakeOver: (holder: string) => boolean,
): Promise<'taken' | { readonly holder: string }> {
  for (let tries = 0; tries < 5; tries++) {
    if ((await deps.state.put(lease, 'new')).ok) return 'taken';
    const held = await deps.state.get(lease.pk, lease.id);
    if (held === undefined) continue;
    const holder = String(held.item.body);
    if (holder === lease.body) return 'taken';
    if (!mayTakeOver(holder) || (await loadRun(deps, holder)).closed === undefined) return { holder };
    if ((await deps.state.put(lease, { etag: held.etag })).ok) return 'taken';
  }
  return { holder: '' };
}

/** Gives back what is not used up and wakes the runs that wait for it. Leases that are not ours are left alone. */
export async function releaseLeases(deps: Deps, run: Run): Promise<void> {
  for (const { name, ofAnHour } of placesOf(deps, run).reverse())
    if (ofAnHour === undefined || !mayHaveChanged(run)) await release(deps, name, run.runId);
}

/** So many seconds its diagnostics may take. */
const untilFirstChange = ({ approval }: Run): number =>
  (approval?.plan.steps ?? [])
    .filter(({ phase }) => phase === 'diagnostics')
    .reduce((sum, { timeout }) => sum + Math.ceil(timeout / 1_000), 0);

const mayHaveChanged = ({ steps }: Run): boolean =>
  steps.some(({ phase, result }) => phase === 'remediation' && result !== 'not-started');

async function release(deps: Deps, name: string, runId: string): Promise<void> {
  const leases = await leasesOf(deps, name);
  const own = leases.filter(({ item }) => String(item.body) === runId);
  for (const { item, etag } of own) await deps.state.remove(item.pk, item.id, etag);
  // somebody else's lease: whoever waits, waits for that one
  if (own.length === 0 && leases.length > 0) return;
  const waiting = await deps.state.list({ where: { kind: 'lease-wait', ci: name }, limit: 100 });
  for (const { item } of waiting.items) {
    await deps.state.remove(item.pk, item.id);
    await deps.engine.wake(item.id);
  }
}

/** Who has what a run of this runbook on this item would need, that run not counted. */
export async function holdersOf(deps: Deps, ci: string, runId: string, runbook: Runbook): Promise<Holders> {
  const { limits } = deps.catalogue.policy.policy;
  const others = async (name: string) =>
    (await leasesOf(deps, name)).map(({ item }) => String(item.body)).filter((holder) => holder !== runId);
  const targets = targetsOf(runbook).filter((name) => Object.hasOwn(limits.perTarget, name));
  const [item, sameRunbook, ...perTarget] = await Promise.all([
    others(ci),
    limits.perRunbook === undefined ? [] : others(runbookPlaces(runbook.id)),
    ...targets.map((name) => others(targetPlaces(name))),
  ]);
  return {
    ci: item?.[0] ?? '',
    runbook: sameRunbook ?? [],
    targets: Object.fromEntries(targets.map((name, n) => [name, perTarget[n] ?? []])),
  };
}

const ciOf = (run: Run): string => run.proposal?.ci.sysId ?? '';

const leasesOf = async (deps: Deps, name: string) =>
  (await deps.state.list({ where: { kind: 'lease', ci: name }, limit: MOST_PLACES })).items;

const leaseItem = ({ name, ofAnHour }: Place, seat: number, runId: string): StateItem => ({
  pk: `lease:${name}`,
  id: `lease-${seat}`,
  kind: 'lease',
  k: `lease|${name}|${seat}`,
  ci: name,
  ...(ofAnHour === undefined ? {} : { ttl: ofAnHour }),
  body: runId,
});

async function queue(deps: Deps, name: string, runId: string): Promise<void> {
  const item = {
    pk: `lease-wait:${name}`,
    id: runId,
    kind: 'lease-wait',
    k: `lease-wait|${name}|${runId}`,
    ci: name,
    body: null,
  };
  await deps.state.put(item, 'any');
}
