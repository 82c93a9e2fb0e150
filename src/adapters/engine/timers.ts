/** One-shot timers of the process; tests bring their own. */
export type Timers = {
  /** Calls `fire` once after `ms` milliseconds (at most 2^31-1). Answers how to call it off. */
  set(ms: number, fire: () => void): () => void;
};

/** A longer delay would overflow and fire at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const longestTimerMs = 2 ** 31 - 1;

export const processTimers: Timers = {
  set(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
