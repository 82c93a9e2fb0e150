export type Pauses = {
  /** Waits `ms` milliseconds, or until woken. */
  for(ms: number): Promise<void>;
  wake(): void;
};

/** Pauses that can be cut short, one at a time. */
export function pauses(): Pauses {
  let current: { readonly timer: NodeJS.Timeout; resolve(): void } | undefined;

  function wake(): void {
    clearTimeout(current?.timer);
    current?.resolve();
    current = undefined;
  }

  return {
    for(ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      current = { timer: setTimeout(wake, ms), resolve };
      return promise;
    },
    wake,
  };
}

/** Waits `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => pauses().for(ms);
