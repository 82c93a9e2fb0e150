import type { Clock } from '../../ports.ts';

const maxEntries = 10_000;

/** Answers of the directory, for a short time. The oldest go first when there are too many. */
export function shortMemory<T>(ttlMs: number, clock: Clock) {
  const entries = new Map<string, { readonly answer: T; readonly until: number }>();
  return {
    /** Undefined when nothing is remembered; an answer may be undefined itself, so it comes wrapped. */
    get(question: string): { readonly answer: T } | undefined {
      const entry = entries.get(question);
      if (entry !== undefined && clock.now().getTime() < entry.until) return entry;
      entries.delete(question);
      return undefined;
    },
    set(question: string, answer: T): void {
      if (ttlMs <= 0) return;
      entries.delete(question);
      entries.set(question, { answer, until: clock.now().getTime() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
  };
}
export type ShortMemory<T> = ReturnType<typeof shortMemory<T>>;
