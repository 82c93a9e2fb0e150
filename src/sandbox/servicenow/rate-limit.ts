import { type Answer, failure } from './http.ts';

/** So many requests a user and window. The real one counts by the hour. */
export type RateLimit = { readonly requests: number; readonly windowSeconds: number };

/** Counts requests by user and answers 429 with the headers of the real one when there are too many. */
export function rateLimit(
  limit: RateLimit | undefined,
  now: () => Date,
): (user: string) => Answer | undefined {
  const windows = new Map<string, { readonly until: number; count: number }>();
  return (user) => {
    if (limit === undefined) return undefined;
    const at = now().getTime();
    const held = windows.get(user);
    const window =
      held !== undefined && held.until > at ? held : { until: at + limit.windowSeconds * 1_000, count: 0 };
    windows.set(user, window);
    window.count += 1;
    if (window.count <= limit.requests) return undefined;
    return failure(
      429,
      'Rate limit exceeded',
      `Rate limit of ${limit.requests} requests per hour for Table API exceeded`,
      {
        'retry-after': String(Math.ceil((window.until - at) / 1_000)),
        'x-ratelimit-limit': String(limit.requests),
        'x-ratelimit-reset': String(Math.ceil(window.until / 1_000)),
        'x-ratelimit-rule': 'Table API',
      },
    );
  };
}
