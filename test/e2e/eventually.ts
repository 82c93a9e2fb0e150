import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 100;

/** Tries until it does not throw any more, and answers what it answered. After `limitMs` throws what it threw last. */
export async function eventually<T>(work: () => T | Promise<T>, limitMs = 30_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(pollMs);
  }
}
