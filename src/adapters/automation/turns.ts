import { type Place, turnBook, type Windows } from './turn-book.ts';

/** Jobs that have to stop have turns of their own. */
export type Lane = 'usual' | 'urgent';
export type Turn = Place & { readonly lane: Lane };

/** A turn that nobody came for is kept this long: its run has ended, or another process drives it. */
const keptMs = 60_000;

export type Rules = {
  readonly now: () => number;
  /** How turns are given out while so many jobs wait for theirs. */
  readonly windows: (waiting: number) => Windows;
  /** Nothing can be asked now, and nothing before `until`. */
  readonly isHalted: () => boolean;
  readonly until: () => number;
  /** Others had this turn, and it was too long ago to join them. */
  readonly isMissed: (turn: Turn) => boolean;
};

/** Who may ask when. Nothing is asked here. */
export function turns({ now, windows, isHalted, until, isMissed }: Rules) {
  const books = { usual: turnBook(), urgent: turnBook() };
  const waiting = new Map<string, Turn>();
  const granted = new Map<string, Turn>();
  let tidiedAt = 0;

  function reserve(job: string, from: number, lane: Lane): Turn {
    const turn = { ...books[lane].take(job, Math.max(from, until()), windows(waiting.size)), lane };
    waiting.set(job, turn);
    return turn;
  }

  function drop(job: string, turn: Turn): void {
    books[turn.lane].give(job, turn);
    waiting.delete(job);
  }

  /** Its turn as it stands, unless that was missed, or its run is in more of a hurry now. */
  function standing(job: string, lane: Lane): Turn | undefined {
    const turn = waiting.get(job);
    if (turn === undefined) return undefined;
    if (!isMissed(turn) && (turn.lane === 'urgent' || lane === 'usual')) return turn;
    drop(job, turn);
    return undefined;
  }

  function tidy(): void {
    const before = now() - keptMs;
    if (tidiedAt > before) return;
    tidiedAt = now();
    for (const book of Object.values(books)) book.forget(before);
    for (const all of [waiting, granted]) forget(all, before);
  }

  return {
    /** When the job's turn is; undefined when that is now, and it has been granted. */
    of(job: string, from: number, lane: Lane): number | undefined {
      tidy();
      const turn = standing(job, lane) ?? reserve(job, from, lane);
      if (turn.at > now()) return turn.at;
      if (isHalted()) {
        drop(job, turn);
        return reserve(job, now() + windows(waiting.size).width, lane).at;
      }
      waiting.delete(job);
      granted.set(job, turn);
      return undefined;
    },
    /** The turn granted to a job, which is used up by that. */
    use(job: string): Turn | undefined {
      const turn = granted.get(job);
      granted.delete(job);
      return turn;
    },
    /** Those who have the same turn; nobody joins them after that. */
    sharers: ({ lane, window }: Turn): readonly string[] => books[lane].close(window),
  };
}

function forget(turns: Map<string, Turn>, before: number): void {
  for (const [job, { at }] of turns) if (at < before) turns.delete(job);
}
