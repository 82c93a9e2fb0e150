import { promises as timers } from 'node:timers';
import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { askGraph, type GraphSettings, type Question } from './graph-call.ts';

export type Patience = {
  readonly attempts?: number;
  /** All waiting of one question together, in ms; what Graph asks beyond it is an error. */
  readonly maxWaitMs?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
};
/** Asks, and parses what comes. Undefined as for `askGraph`. Throws `directory-unreachable` or `directory-refused`. */
export type Graph = <T>(question: Question, shape: z.ZodType<T>) => Promise<T | undefined>;

export const patientGraph =
  (settings: GraphSettings & Patience): Graph =>
  async (question, shape) => {
    const answer = await patiently(settings, () => askGraph(settings, question));
    if (answer === undefined) return undefined;
    const parsed = shape.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw unreadable();
  };

/** A question changes nothing, so it may be repeated; `maxWaitMs` bounds the patience of the person who clicked. */
async function patiently(patience: Patience, attempt: () => Promise<unknown>): Promise<unknown> {
  const { attempts = 3, maxWaitMs = 5_000, sleep = timers.setTimeout } = patience;
  let waited = 0;
  for (let n = 1; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppError) || !error.retryable || n >= attempts) throw error;
      const wait = error.retryAfterMs ?? 200 * 2 ** (n - 1);
      waited += wait;
      if (waited > maxWaitMs) throw error;
      await sleep(wait);
    }
  }
}

const unreadable = () =>
  new AppError({
    code: 'directory-unreachable',
    message: 'Microsoft Graph answered with a body that cannot be read',
    fix: 'Check the base URL of Microsoft Graph: something else answers there, such as a proxy.',
    retryable: true,
  });
