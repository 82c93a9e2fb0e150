import { type Answer, failure } from './http.ts';

/** So many requests a user and window. The real one counts by the hour. */
export type RateLimit = { readonly requests: number; readonly windowSeconds: number };

/** A request let through, with the headers every answer to it has, or the 429 in its place. */
type Counted =
  | { readonly refused: Answer }
  | { readonly refused: undefined; readonly headers: Readonly<Record<string, string>> };

/** Counts requests by user; when there are too many it answers 429 with the headers of the real one. */
export function rateLimit(limit: RateLimit | undefined, now: () => Date): (user: string) => Counted {
  const windows = new Map<string, { readonly until: number; count: number }>();
  return (user) => {
    // without a rule that matches there are no headers
    if (limit === undefined) return { refused: undefined, headers: {} };
    const at = now().getTime();
    const held = windows.get(user);
    const window =
      held !== undefined && held.until > at ? held : { until: at + limit.windowSeconds * 1_000, count: 0 };
    windows.set(user, window);
    window.count += 1;
    const headers = {
      'x-ratelimit-limit': String(limit.requests),
      'x-ratelimit-reset': String(Math.ceil(window.until / 1_000)),
      'x-ratelimit-rule': 'Table API',
    };
    if (window.count <= limit.requests) return { refused: undefined, headers };
    const detail = `Rate limit of ${limit.requests} requests per hour for Table API exceeded`;
    const wait = { 'retry-after': String(Math.ceil((window.until - at) / 1_000)) };
    return { refused: failure(429, 'Rate limit exceeded', detail, { ...headers, ...wait }) };
  };
}
