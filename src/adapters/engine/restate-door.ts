import { Agent, request } from 'undici';
import { AppError, messageOf } from '../../domain/errors.ts';
import { pause } from './pauses.ts';

/** One of the server's two addresses: over a unix socket when `socketPath` is given. */
export type DoorAddress = {
  readonly url: string;
  readonly socketPath?: string;
  /** For a proxy in front of the server, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
};
export type Question = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Door = {
  /**
   * Asks until there is an answer, at most `withinMs`; so only what may be repeated may be asked.
   * Throws AppError `engine-unavailable`.
   */
  ask(question: Question, withinMs: number): Promise<unknown>;
  /** True when a GET is answered with success. */
  isHealthy(path: string): Promise<boolean>;
  close(): Promise<void>;
};

type Attempt = { readonly done: unknown } | { readonly again: string };

const attemptWithinMs = 5000;
const healthWithinMs = 1000;
const mostConnections = 256;

/** Statuses after which the same request may succeed; 404 means that the handlers are not registered yet. */
const isTransient = (status: number): boolean => status >= 500 || [404, 408, 425, 429].includes(status);

const refused = ({ method }: Question, status: number): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `Restate refused a ${method} with ${status}.`,
    fix: "Check Restate's addresses and access token, and look for the reason in its log.",
  });

const unanswered = (withinMs: number, last: string): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `Restate did not answer within ${withinMs} ms; the last attempt: ${last}.`,
    fix: 'Try again in a minute.',
    retryable: true,
    maybeApplied: true,
  });

/** JSON over HTTP with time limits and repeats. */
export function restateDoor(address: DoorAddress): Door {
  const { url, socketPath, headers } = address;
  const agent = new Agent({
    connections: mostConnections,
    ...(socketPath === undefined ? {} : { connect: { socketPath } }),
  });

  const send = (question: Question, withinMs: number) =>
    request(new URL(question.path, url), {
      method: question.method,
      dispatcher: agent,
      headers: { 'content-type': 'application/json', ...headers, ...question.headers },
      body: question.body === undefined ? null : JSON.stringify(question.body),
      signal: AbortSignal.timeout(withinMs),
    });

  async function attempt(question: Question, withinMs: number): Promise<Attempt> {
    const { statusCode, headers: answered, body } = await send(question, withinMs);
    if (statusCode < 300) return { done: await body.json() };
    // The body of an error is dropped unread: it may hold a stack trace.
    await body.dump();
    const final = answered['x-restate-error-source'] === 'invocation' || !isTransient(statusCode);
    if (final) throw refused(question, statusCode);
    return { again: `status ${statusCode}` };
  }

  async function repeatable(question: Question, withinMs: number): Promise<Attempt> {
    try {
      return await attempt(question, withinMs);
    } catch (error) {
      if (error instanceof AppError) throw error;
      return { again: messageOf(error) };
    }
  }

  return {
    async ask(question, withinMs) {
      const deadline = Date.now() + withinMs;
      for (let wait = 50; ; wait = Math.min(1000, wait * 2)) {
        const left = Math.max(1, deadline - Date.now());
        const result = await repeatable(question, Math.min(attemptWithinMs, left));
        if ('done' in result) return result.done;
        if (Date.now() + wait >= deadline) throw unanswered(withinMs, result.again);
        await pause(wait);
      }
    },
    async isHealthy(path) {
      try {
        const { statusCode, body } = await send({ method: 'GET', path }, healthWithinMs);
        await body.dump();
        return statusCode === 200;
      } catch {
        return false;
      }
    },
    close: () => agent.destroy(),
  };
}
