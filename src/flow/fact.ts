import { messageOf } from '../domain/errors.ts';
import type { Fact } from '../domain/facts.ts';

/** Fetches something; a source that fails becomes a fact that says why. */
export async function fact<T>(fetch: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { ok: true, value: await fetch() };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}

/** A fact that this policy does not look at. Whoever looks at it all the same is refused. */
export const notAsked = { ok: false, why: 'it was not asked for' } as const satisfies Fact<never>;
