/** Lets jobs wait for their turn: until `blocked` says no, asked again at each `wake`. Rejects when the signal says so. */
export function turns() {
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const go of [...waiting]) go();
  };
  return {
    wake,
    async wait(blocked: () => boolean, signal: AbortSignal): Promise<void> {
      while (!signal.aborted && blocked())
        await new Promise<void>((resolve) => {
          const go = () => {
            waiting.delete(go);
            signal.removeEventListener('abort', go);
            resolve();
          };
          waiting.add(go);
          signal.addEventListener('abort', go);
        });
      signal.throwIfAborted();
    },
  };
}
