import { spell } from '../domain/duration.ts';
import { messageOf } from '../domain/errors.ts';
import type { Fact } from '../domain/facts.ts';

/** So long a source may take, its own retries included; somebody may be waiting for the answer to a click. */
const PATIENCE_MS = 8_000;

/** Fetches something; a source that fails, or is too slow, becomes a fact that says why. */
export async function fact<T>(fetch: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<Fact<T>> {
  const slow = Promise.withResolvers<never>();
  const timer = setTimeout(() => slow.reject(new Error(`no answer within ${spell(patienceMs)}`)), patienceMs);
  try {
    return { ok: true, value: await Promise.race([fetch(), slow.promise]) };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** A fact that this policy does not look at. Whoever looks at it all the same is refused. */
export const notAsked = { ok: false, why: 'it was not asked for' } as const satisfies Fact<never>;
