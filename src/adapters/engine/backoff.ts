/** Milliseconds to wait after the n-th failure in a row (n from 1): 1 s, 2 s, 4 s ... at most 60 s. */
export function backoffMs(failures: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(Math.max(failures, 1) - 1, 6));
}
