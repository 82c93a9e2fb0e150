import { AppError } from '../../domain/errors.ts';

/** Whether a target is to be left in peace. Times are milliseconds since 1970. */
export type Peace = {
  /** So many failures since it last answered. */
  readonly failures: number;
  /** Nothing is asked before. */
  readonly until: number;
  readonly why?: AppError;
};

export const noPeace: Peace = { failures: 0, until: 0 };
const firstMs = 1_000;
const longestMs = 30_000;
/** A target may ask for more patience than that, but not for ever: whoever has to stop a job waits as well. */
const mostAskedMs = 60_000;

/** A target that is busy, broken or away gets twice the peace each time, or what it asks for. Other refusals are answers. */
export function afterTrouble(peace: Peace, error: unknown, now: number): Peace {
  if (!(error instanceof AppError) || !error.retryable) return noPeace;
  // those that were on their way together fail together
  if (now < peace.until) return peace;
  const own = Math.min(longestMs, firstMs * 2 ** peace.failures);
  const asked = Math.min(mostAskedMs, error.retryAfterMs ?? 0);
  return { failures: peace.failures + 1, until: now + Math.max(own, asked), why: error };
}

/**
 * Lets at most `most` requests go at once, the others wait in order. While the target is left in peace, each fails at once
 * with the error that was the reason.
 */
export function peacefully(most: number, now: () => number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  let peace = noPeace;

  async function asked<T>(request: () => Promise<T>): Promise<T> {
    if (now() < peace.until && peace.why !== undefined) throw peace.why;
    try {
      const answer = await request();
      peace = noPeace;
      return answer;
    } catch (error) {
      peace = afterTrouble(peace, error, now());
      throw error;
    }
  }

  return {
    /** No request would go now. */
    isHalted: (): boolean => running >= most || now() < peace.until,
    /** No request goes before. */
    until: (): number => peace.until,
    async ask<T>(request: () => Promise<T>): Promise<T> {
      if (running < most) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await asked(request);
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
