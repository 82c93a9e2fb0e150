/**
 * A moment in the life of a bot: right before or after the n-th time something happens, counted from the moment it is
 * armed. `store step-started` is an event or item that is stored, `ops POST /runs` a request that leaves the process;
 * `before` means not stored or not delivered yet, `after` stored or delivered, and nobody has been told.
 */
export type Point = { readonly label: string; readonly n: number; readonly side: Side };
export type Side = 'before' | 'after';

/** Who is killed. Without a Restate server only the bot can be. */
export const victims = ['bot', 'server', 'both'] as const;
export type Victim = (typeof victims)[number];

export const before = (label: string, n = 1): Point => ({ label, n, side: 'before' });
export const after = (label: string, n = 1): Point => ({ label, n, side: 'after' });
export const nameOf = ({ label, n, side }: Point): string => `${side} ${label}${n === 1 ? '' : ` (${n})`}`;

/** Counts labels and says when the point is reached. Counting is by side, so both sides of a point have the same n. */
export function trigger(point: Point): (label: string, side: Side) => boolean {
  let seen = 0;
  return (label, side) => {
    if (label !== point.label || side !== point.side) return false;
    seen += 1;
    return seen === point.n;
  };
}

/** What the test tells the process under test, and what that answers. */
export type Order = { readonly point: Point; readonly kill: readonly number[] };
export type Message =
  | { readonly armed: true }
  | { readonly fired: true }
  | { readonly stored: readonly string[] };
