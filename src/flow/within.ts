import { spell } from '../domain/duration.ts';

/** Waits for an answer, but no longer than `ms`. Rejects as the work does, or with an Error that names the time. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${spell(ms)}`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
