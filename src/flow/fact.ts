import { spell } from '../domain/duration.ts';
import { messageOf } from '../domain/errors.ts';
import type { Fact } from '../domain/facts.ts';
import type { Directory, Itsm } from '../ports.ts';

/** So long a source may take, its own retries included; somebody may be waiting for the answer to a click. */
const PATIENCE_MS = 8_000;

/** Notes when an answer was read, where its source can say so, and hands it on. */
export type Dated = <A>(answer: A) => A;

/** What answers, and may say when it was asked. */
type Source = Pick<Itsm, 'readAt'> & Pick<Directory, 'readAt'>;

/** Answers of either, each dated by the one that gave it. */
export const eitherOf = (one: Source, other: Source): Source => ({
  readAt: (answer) => one.readAt?.(answer) ?? other.readAt?.(answer),
});

/**
 * Fetches something; a source that fails, or is too slow, becomes a fact that says why. The fact is as old as the oldest
 * of the answers of `source` that went through `dated`.
 */
export async function fact<T>(
  fetch: (dated: Dated) => Promise<T>,
  source: Source = {},
  patienceMs = PATIENCE_MS,
): Promise<Fact<T>> {
  const slow = Promise.withResolvers<never>();
  const timer = setTimeout(() => slow.reject(new Error(`no answer within ${spell(patienceMs)}`)), patienceMs);
  const read: number[] = [];
  const dated: Dated = (answer) => {
    const at = source.readAt?.(answer);
    if (at !== undefined) read.push(at.getTime());
    return answer;
  };
  try {
    const value = await Promise.race([fetch(dated), slow.promise]);
    return {
      ok: true,
      value,
      ...(read.length > 0 ? { readAt: new Date(Math.min(...read)).toISOString() } : {}),
    };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** A fact that this policy does not look at. Whoever looks at it all the same is refused. */
export const notAsked = { ok: false, why: 'it was not asked for' } as const satisfies Fact<never>;
