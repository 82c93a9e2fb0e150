/** Why a job was told to stop. One that ignored a field failed, even when it came to a good end. */
type Doom = { readonly reason: string };

const most = 1_000;

/**
 * Remembers, in this process, which jobs were told to stop and why. Losing that costs the reason, not the outcome: a job
 * that was cancelled says so itself.
 */
export function watchList() {
  const doomed = new Map<string, Doom>();
  return {
    condemn(externalId: string, reason: string): void {
      doomed.delete(externalId);
      doomed.set(externalId, { reason });
      const [oldest] = doomed.keys();
      if (doomed.size > most && oldest !== undefined) doomed.delete(oldest);
    },
    reasonOf: (externalId: string): string | undefined => doomed.get(externalId)?.reason,
  };
}
export type Watch = ReturnType<typeof watchList>;
