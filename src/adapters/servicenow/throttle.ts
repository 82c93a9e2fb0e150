import { AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports.ts';

/** A limit may be of one API alone, or be lifted early: after this it is tried again. */
const longestMs = 60_000;

export type Throttle = {
  /** Asks, and remembers the Retry-After of a 429. Throws `itsm-unreachable` while one of this API holds: nothing is asked then. */
  heed<T>(what: string, path: string, ask: () => Promise<T>): Promise<T>;
};

/** ServiceNow's rate limits are rules for one API each (docs: inbound REST API rate limiting). */
const apiOf = (path: string): string => path.split('/').slice(0, 4).join('/');

/** Keeps everybody from asking an API that has said when it will answer again. */
export function throttle(clock: Clock): Throttle {
  const until = new Map<string, number>();
  return {
    async heed(what, path, ask) {
      const left = (until.get(apiOf(path)) ?? 0) - clock.now().getTime();
      if (left > 0) throw limitReached(`${what}: not asked, because ServiceNow limits requests now`, left);
      try {
        return await ask();
      } catch (error) {
        if (error instanceof AppError && error.retryAfterMs !== undefined)
          until.set(apiOf(path), clock.now().getTime() + Math.min(error.retryAfterMs, longestMs));
        throw error;
      }
    },
  };
}

/** The error while a rate limit holds. */
export const limitReached = (message: string, retryAfterMs?: number): AppError =>
  new AppError({
    code: 'itsm-unreachable',
    message,
    fix: 'ServiceNow limits the requests of the integration user. Wait, or ask its administrators for a higher limit.',
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
