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
export const notAsked: Fact<never> = { ok: false, why: 'it was not asked for' };

/** What a fact says, put further; what is not known stays unknown. */
export const mapFact = <T, U>(known: Fact<T>, into: (value: T) => U): Fact<U> =>
  known.ok ? { ok: true, value: into(known.value) } : known;
