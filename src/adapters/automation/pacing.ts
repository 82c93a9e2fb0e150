import { AppError } from '../../domain/errors.ts';
import type { Clock, JobStatus, Target } from '../../ports.ts';
import { peacefully } from './peace.ts';
import type { Windows } from './turn-book.ts';
import { type Turn, turns } from './turns.ts';

export type Pace = {
  /** Milliseconds from one request to the next; 50 unless told. Jobs that have to stop get as many again. */
  readonly everyMs?: number;
  /** Requests under way at once; 4 unless told. */
  readonly requests?: number;
  /** Jobs one request asks about, where the target can be asked about many; 100 unless told. */
  readonly together?: number;
};
type Look = { readonly at: number; readonly told: Promise<ReadonlyMap<string, JobStatus>> };

/** What others were told longer ago is asked again. */
const staleMs = 1_000;
const keptMs = 60_000;
/** A target that does not let us ask about many is not tried again before. */
const aloneMs = 600_000;

/**
 * The same target, but all who ask how their jobs are take turns: so many requests a second, so many at once, and none
 * while it is busy or away. Where it can be asked about many jobs, those whose turn is at the same time share a request.
 * A request that fails fails for those who shared it; each of them asks again. Launches and stops are never held up.
 */
export function withPacing(target: Target, clock: Clock, pace: Pace = {}): Target {
  const { everyMs = 50, requests = 4, together = 100 } = pace;
  const now = () => clock.now().getTime();
  const { ask, isHalted, until } = peacefully(requests, now);
  const shared = sharedLooks(target, ask, now);

  /** The more wait, the more is gained by waiting for each other. */
  function windows(waiting: number): Windows {
    if (!shared.isPossible()) return { width: everyMs, room: 1 };
    const many = waiting <= 1 ? 1 : waiting <= 4 ? 5 : 10;
    return { width: many * everyMs, room: together };
  }

  const line = turns({ now, windows, isHalted, until, isMissed: shared.isStale });
  const { tail } = target;
  let nextTail = 0;

  /** Lines to look at are a luxury: what is left over when nobody else needs the target. */
  async function spare(glance: () => Promise<string | undefined>): Promise<string | undefined> {
    if (isHalted() || now() < nextTail) return undefined;
    nextTail = now() + 4 * everyMs;
    return ask(glance);
  }

  return {
    ...target,
    ...(tail && { tail: (job) => spare(() => tail(job)) }),
    turn(job, { at, urgent }) {
      const turn = line.of(job, at.getTime(), urgent ? 'urgent' : 'usual');
      return turn === undefined ? undefined : new Date(turn);
    },
    async poll(job) {
      const turn = line.use(job);
      const told = turn && (await shared.look(turn, () => line.sharers(turn)));
      return told?.get(job) ?? ask(() => target.poll(job));
    },
  };
}

type Ask = ReturnType<typeof peacefully>['ask'];

/** One request for all who have the same turn. */
function sharedLooks({ underWay }: Target, ask: Ask, now: () => number) {
  const looks = new Map<string, Look>();
  let aloneUntil = 0;

  /** Not being allowed to ask about many is no reason not to ask about each. */
  function oneByOne(error: unknown): ReadonlyMap<string, JobStatus> {
    if (!(error instanceof AppError) || error.retryable) throw error;
    aloneUntil = now() + aloneMs;
    return new Map();
  }

  function keep(key: string, told: Look['told']): void {
    for (const [old, { at }] of looks) if (at < now() - keptMs) looks.delete(old);
    looks.set(key, { at: now(), told });
  }

  const isPossible = () => underWay !== undefined && now() >= aloneUntil;
  return {
    isPossible,
    isStale(turn: Turn): boolean {
      const look = looks.get(keyOf(turn));
      return look !== undefined && now() - look.at > staleMs;
    },
    /** What the target tells them; undefined for one who is alone, for a job's own page says more. */
    look(turn: Turn, sharers: () => readonly string[]): Look['told'] | undefined {
      const known = looks.get(keyOf(turn));
      if (known !== undefined) return known.told;
      const jobs = underWay === undefined || !isPossible() ? [] : sharers();
      if (underWay === undefined || jobs.length <= 1) return undefined;
      const told = ask(() => underWay(jobs)).then(byId, oneByOne);
      keep(keyOf(turn), told);
      return told;
    },
  };
}

const keyOf = ({ lane, window }: Turn): string => `${lane} ${window}`;
const byId = (jobs: readonly JobStatus[]) => new Map(jobs.map((job) => [job.externalId, job] as const));
