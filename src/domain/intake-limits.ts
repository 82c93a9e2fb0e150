/** So many turns within so many milliseconds. */
export type Rate = { readonly most: number; readonly withinMs: number };
export type IntakeLimits = { readonly perIncident: Rate; readonly perCi: Rate; readonly refusals: Rate };

const MINUTE_MS = 60_000;

/**
 * How often ServiceNow may make us look, in each process. An incident that somebody saves every second, or a storm of
 * incidents on one item, is considered at this pace; what is over it waits, and nothing is lost.
 */
export const usualLimits: IntakeLimits = {
  /** The sweep comes every ten seconds, so an incident that cannot be read is asked for at each one. */
  perIncident: { most: 6, withinMs: MINUTE_MS },
  /** Each incident is a proposal of its own; more cards a minute about one item nobody reads. */
  perCi: { most: 20, withinMs: MINUTE_MS },
  /** Deliveries that are refused and kept for the operator; anybody can send them. */
  refusals: { most: 30, withinMs: MINUTE_MS },
};

/**
 * Takes the next free turn: the one after the last `most` is a whole window later than the first of them. Answers the
 * turns to remember (milliseconds, ascending), the new one last: now, or a time to wait for.
 */
export function nextTurn(taken: readonly number[], { most, withinMs }: Rate, now: number): readonly number[] {
  const first = taken.at(-most);
  const at = first === undefined ? now : Math.max(now, first + withinMs);
  return [...taken, at].slice(-most);
}
