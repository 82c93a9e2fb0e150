import type { Launch } from '../../ports.ts';

const maxAgeMs = 60_000;
const most = 1_000;

/**
 * What a preflight read, kept for the launch it was read for: used once, within a minute. A launch without it reads
 * anew. `now` is milliseconds since 1970.
 */
export function readAhead<T>(now: () => number) {
  const kept = new Map<string, { readonly value: T; readonly at: number }>();
  const keyOf = ({ runId, job }: Launch): string => `${runId} ${job}`;
  return {
    keep(launch: Launch, value: T): void {
      const key = keyOf(launch);
      kept.delete(key);
      kept.set(key, { value, at: now() });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    take(launch: Launch): T | undefined {
      const key = keyOf(launch);
      const found = kept.get(key);
      kept.delete(key);
      return found !== undefined && now() - found.at < maxAgeMs ? found.value : undefined;
    },
  };
}
