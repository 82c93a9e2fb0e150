/** When a job has its turn: a place in a window of time. Times are milliseconds since 1970. */
export type Place = { readonly window: number; readonly at: number };
export type Windows = {
  /** How long one is, in milliseconds. */
  readonly width: number;
  /** How many jobs it takes. */
  readonly room: number;
};

/**
 * Gives out places, first come, first served: so many jobs a window, so none has two turns while another one waits for its
 * first. A closed window takes nobody else.
 */
export function turnBook() {
  const windows = new Map<number, Set<string>>();
  const closed = new Set<number>();
  const membersOf = (window: number): ReadonlySet<string> => windows.get(window) ?? new Set();
  return {
    /** A place in the first window from a time on that has room. */
    take(job: string, from: number, { width, room }: Windows): Place {
      let window = Math.floor(from / width) * width;
      while (closed.has(window) || membersOf(window).size >= room) window += width;
      windows.set(window, new Set(membersOf(window)).add(job));
      return { window, at: Math.max(from, window) };
    },
    /** Those who have a place in a window; it is closed by that. */
    close(window: number): readonly string[] {
      closed.add(window);
      return [...membersOf(window)];
    },
    give(job: string, { window }: Place): void {
      windows.get(window)?.delete(job);
    },
    /** Windows before a time are over. */
    forget(before: number): void {
      for (const window of windows.keys()) if (window < before) windows.delete(window);
      for (const window of closed) if (window < before) closed.delete(window);
    },
  };
}
