import { messageOf } from '../domain/errors.ts';
import type { TaggedIncident } from '../ports.ts';
import type { Deps } from './deps.ts';
import type { Intake } from './intake.ts';
import { readConsidered } from './intake-considered.ts';
import { GONE, isIdle, withdraw } from './intake-runs.ts';
import { loadRun } from './load-run.ts';
import { openRuns } from './projection.ts';

/** So many pages of tagged incidents a round; the next round goes on where this one stopped. */
const MOST_PAGES = 10;
/** So many waiting runs a round whose incident is not on those pages, and so many of them at the same time. */
const MOST_RUNS = 200;
const AT_ONCE = 8;

/** What a round came upon, for the log. */
export type Round = { readonly looked: number; readonly news: number };

/**
 * Finds what no event told: tagged incidents that never arrived, or changed while we were away, and incidents of waiting
 * runs that were closed or untagged. Each goes the way of an event, so that both together make one proposal.
 * Rounds are called one after the other. Throws AppError `itsm-unreachable` or `itsm-refused` when the tagged ones could not
 * be listed, after all else.
 */
export function reconciliation(deps: Deps, events: Pick<Intake, 'notice'>): () => Promise<Round> {
  let page: string | undefined;
  let run = 0;
  return async () => {
    const seen = new Set<string>();
    // without the tag, incidents of waiting runs are looked after all the same
    const [tagged] = await Promise.allSettled([lookAtTagged(seen)]);
    const { looked, news } = await lookAtWaiting(seen);
    if (tagged.status === 'rejected') throw tagged.reason;
    return { looked: seen.size + looked, news: tagged.value + news };
  };

  async function lookAtTagged(seen: Set<string>): Promise<number> {
    let news = 0;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const { incidents, after } = await deps.itsm.tagged(page);
      for (const { sysId } of incidents) seen.add(sysId);
      news += await tell(deps, events, incidents);
      page = after;
      if (page === undefined) break;
    }
    return news;
  }

  async function lookAtWaiting(seen: ReadonlySet<string>): Promise<Round> {
    const open = await openRuns(deps);
    const some = open.slice(run, run + MOST_RUNS);
    run = run + MOST_RUNS < open.length ? run + MOST_RUNS : 0;
    const { looked, changed } = await changedUnder(deps, some, seen);
    return { looked, news: await tell(deps, events, changed) };
  }
}

/** Hands on what is another version than was considered: newer, or of a ServiceNow that was restored. Answers how many of them no earlier round had handed on. */
async function tell(
  deps: Deps,
  events: Pick<Intake, 'notice'>,
  incidents: readonly TaggedIncident[],
): Promise<number> {
  const newer = await inPortions(incidents, async (one) => {
    const before = await readConsidered(deps, one.sysId);
    if (before !== undefined && before.modCount === one.modCount) return [];
    return (await events.notice(one)) ? [one] : [];
  });
  return newer.length;
}

/** The incidents of runs that wait, read one by one: they carry no tag any more, are closed or gone, or never had one. */
async function changedUnder(deps: Deps, runIds: readonly string[], seen: ReadonlySet<string>) {
  const waiting = await inPortions(runIds, async (id) => {
    const run = await loadRun(deps, id);
    const sysId = run.proposal?.incident.sysId ?? '';
    return run.proposal !== undefined && isIdle(run) && !seen.has(sysId) ? [{ sysId, run }] : [];
  });
  const of = Map.groupBy(waiting, ({ sysId }) => sysId);
  const changed = await inPortions([...of], async ([sysId, runs]) => {
    // one that cannot be read must not hide the others
    try {
      const incident = await deps.itsm.incident({ sysId });
      if (incident !== undefined) return [{ sysId, modCount: incident.modCount }];
      await withdraw(
        deps,
        runs.map(({ run }) => run),
        GONE,
      );
    } catch (error) {
      deps.report('warn', 'the incident of a waiting run could not be read', {
        sysId,
        why: messageOf(error),
      });
    }
    return [];
  });
  return { looked: of.size, changed };
}

async function inPortions<T, R>(all: readonly T[], each: (one: T) => Promise<readonly R[]>): Promise<R[]> {
  const found: R[] = [];
  for (let n = 0; n < all.length; n += AT_ONCE)
    found.push(...(await Promise.all(all.slice(n, n + AT_ONCE).map(each))).flat());
  return found;
}
