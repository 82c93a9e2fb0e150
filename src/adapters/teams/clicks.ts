import type { Answer } from './answer.ts';

/**
 * Teams delivers a click twice when the first answer is late, and people click twice. While a click is being worked on,
 * its repeats wait for the same answer; later repeats are judged by the run's log.
 */
export function coalesced(): (key: readonly unknown[], work: () => Promise<Answer>) => Promise<Answer> {
  const inFlight = new Map<string, Promise<Answer>>();
  return (parts, work) => {
    const key = JSON.stringify(parts);
    const running = inFlight.get(key);
    if (running !== undefined) return running;
    const answer = work().finally(() => inFlight.delete(key));
    inFlight.set(key, answer);
    return answer;
  };
}
