import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosResponse } from 'axios';
import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports.ts';
import {
  type Call,
  failureOf,
  type HttpAnswer,
  isOwnError,
  nonsense,
  type Redact,
  silence,
} from './failures.ts';
import { checkedBaseUrl, defaultRetry, type Retry, type ServiceNowSettings } from './settings.ts';
import { signIn } from './sign-in.ts';
import { throttle } from './throttle.ts';

type Query = Readonly<Record<string, string>>;
export type Outgoing = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly query: Query;
  readonly type?: string;
  readonly body?: Uint8Array;
  /** The columns a write sets, for the explanation when it is refused. */
  readonly fields?: readonly string[];
};
export type Page = { readonly body: unknown; readonly headers: ReadonlyMap<string, string> };

/** HTTP with ServiceNow: signs in, times out, judges answers. Errors are AppError. */
export type Client = {
  /** Reads; repeated up to twice after a passing failure. Undefined when ServiceNow itself answers one of `absent`. */
  get(what: string, path: string, query: Query, absent: readonly number[]): Promise<Page | undefined>;
  /** Writes; repeated only when the request was surely not carried out. `maybeApplied` on the error says so otherwise. */
  send(what: string, request: Outgoing): Promise<unknown>;
  /** Parses a body at the edge. Throws `itsm-refused` when it does not fit. */
  parse<T>(what: string, schema: z.ZodType<T>, body: unknown): T;
  /** Waits before something is tried again. */
  pause(attempt: number): Promise<void>;
};

const repeats = 2;
const largestAnswer = 20 * 1024 * 1024;

export function connect(settings: ServiceNowSettings, clock: Clock): Client {
  const exchange = exchanger(checkedBaseUrl(settings.baseUrl), settings.timeoutMs);
  const retry: Retry = { ...defaultRetry, ...settings.retry };
  const { heed } = throttle(clock);
  const door = signIn(settings.auth, clock, exchange, heed);

  async function signedIn(call: Call, out: Outgoing): Promise<HttpAnswer> {
    const authorization = await door.header();
    const answer = await exchange(call, out, door.redact, authorization);
    // A 401 was not carried out, so even a write may go again; once, with a new token.
    if (answer.status !== 401 || !door.renew(authorization)) return answer;
    return exchange(call, out, door.redact, await door.header());
  }

  async function once(call: Call, out: Outgoing, absent: readonly number[]): Promise<Page | undefined> {
    const answer = await signedIn(call, out);
    // Its own error body is asked for: the 404 of a gateway says nothing about the record.
    if (absent.includes(answer.status) && isOwnError(answer)) return undefined;
    if (answer.status < 200 || answer.status > 299) throw failureOf(call, answer, door.redact);
    return { body: jsonOf(call, answer), headers: answer.headers };
  }

  async function persist(
    call: Call,
    out: Outgoing,
    absent: readonly number[] = [],
  ): Promise<Page | undefined> {
    const start = clock.now().getTime();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await heed(call.what, out.path, () => once(call, out, absent));
      } catch (error) {
        const wait = waitBefore(error, attempt, retry, clock.now().getTime() - start);
        if (wait === undefined) throw error;
        await sleep(wait);
      }
    }
  }

  return {
    get: (what, path, query, absent) =>
      persist({ what, write: false }, { method: 'GET', path, query }, absent),
    send: async (what, out) => (await persist({ what, write: true, fields: out.fields ?? [] }, out))?.body,
    parse,
    pause: (attempt) => sleep(retry.pauseMs * 2 ** attempt).then(() => undefined),
  };
}

/** One exchange; axios follows nothing, parses nothing and judges nothing. Throws `itsm-unreachable` without an answer. */
const exchanger =
  (base: string, timeoutMs: number) =>
  async (call: Call, out: Outgoing, redact: Redact, authorization?: string): Promise<HttpAnswer> => {
    try {
      const response: AxiosResponse<string> = await axios.request({
        method: out.method,
        url: base + out.path,
        params: out.query,
        ...(out.body === undefined ? {} : { data: Buffer.from(out.body) }),
        headers: {
          Accept: 'application/json',
          ...(out.type === undefined ? {} : { 'Content-Type': out.type }),
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
        timeout: timeoutMs,
        // The timeout of axios starts with the connection; this one covers connecting and reading too.
        signal: AbortSignal.timeout(timeoutMs),
        maxRedirects: 0,
        maxContentLength: largestAnswer,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
      });
      const headers = new Map(
        Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      );
      return { status: response.status, headers, body: response.data };
    } catch (error) {
      throw silence(call, error, redact);
    }
  };

function parse<T>(what: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AppError({
    code: 'itsm-refused',
    message: `${what}: the answer does not fit (${parsed.error.issues[0]?.path.join('.') ?? ''})`,
    fix: 'Check that the address is that of a ServiceNow instance and that the integration user may read the columns.',
  });
}

function jsonOf(call: Call, answer: HttpAnswer): unknown {
  if (answer.status === 204) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    if (error instanceof SyntaxError) throw nonsense(call, answer);
    throw error;
  }
}

/** Milliseconds to wait before a repeat, after so long a time; undefined when it must not, or should not, be repeated. */
function waitBefore(error: unknown, attempt: number, retry: Retry, tookMs: number): number | undefined {
  if (!(error instanceof AppError) || !error.retryable || error.maybeApplied) return undefined;
  if (attempt >= repeats) return undefined;
  const wait = error.retryAfterMs ?? retry.pauseMs * 2 ** attempt;
  return wait > retry.longestPauseMs || tookMs + wait > retry.budgetMs ? undefined : wait;
}
