import { type IntakeLimits, nextTurn, type Rate } from '../domain/intake-limits.ts';
import type { Deps } from './deps.ts';

type Limited = keyof IntakeLimits;

/** Keeps the pace: of each incident, of each item, of what is refused. It is lost with the process, which does no harm. */
export type Turns = {
  /** Undefined: now. Otherwise when (milliseconds since 1970); that turn is kept for `holder`, who comes back then. */
  take(what: Limited, key: string, holder: string): number | undefined;
  /** Forgets what limits nobody any more. */
  forget(): void;
};

type Kept = {
  readonly what: Limited;
  /** The last turns, and those of them that somebody waits for. */
  taken: readonly number[];
  readonly held: Map<string, number>;
  /** When somebody was last told to wait. */
  lateAt: number;
};

/** `onLate` is told of the first one that has to wait, and not again before a window without one. */
export function turns(
  { clock }: Pick<Deps, 'clock'>,
  limits: IntakeLimits,
  onLate: (what: Limited, key: string, until: Date) => void,
): Turns {
  const kept = new Map<string, Kept>();
  return {
    take(what, key, holder) {
      const name = `${what} ${key}`;
      const one: Kept = kept.get(name) ?? {
        what,
        taken: [],
        held: new Map(),
        lateAt: Number.NEGATIVE_INFINITY,
      };
      kept.set(name, one);
      const now = clock.now().getTime();
      const at = one.held.get(holder) ?? another(one, limits[what], now);
      if (at <= now) {
        one.held.delete(holder);
        return undefined;
      }
      one.held.set(holder, at);
      if (now - one.lateAt > limits[what].withinMs) onLate(what, key, new Date(at));
      one.lateAt = now;
      return at;
    },
    forget() {
      const now = clock.now().getTime();
      for (const [name, { what, taken }] of kept)
        if ((taken.at(-1) ?? 0) + limits[what].withinMs < now) kept.delete(name);
    },
  };
}

function another(one: Kept, rate: Rate, now: number): number {
  one.taken = nextTurn(one.taken, rate, now);
  return one.taken.at(-1) ?? now;
}
