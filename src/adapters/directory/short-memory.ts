import type { Clock } from '../../ports.ts';

const maxEntries = 10_000;

/** An answer, and when it was asked for. */
export type Remembered<T> = { readonly answer: T; readonly at: Date };

/** Answers of the directory, for a short time. The oldest go first when there are too many. */
export function shortMemory<T>(ttlMs: number, clock: Clock) {
  const entries = new Map<string, Remembered<T> & { readonly until: number }>();
  return {
    /** Undefined when nothing is remembered; an answer may be undefined itself, so it comes wrapped. */
    get(question: string): Remembered<T> | undefined {
      const entry = entries.get(question);
      if (entry !== undefined && clock.now().getTime() < entry.until) return entry;
      entries.delete(question);
      return undefined;
    },
    set(question: string, remembered: Remembered<T>): void {
      if (ttlMs <= 0) return;
      entries.delete(question);
      entries.set(question, { ...remembered, until: clock.now().getTime() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
  };
}
export type ShortMemory<T> = ReturnType<typeof shortMemory<T>>;
