import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { promises as timers } from 'node:timers';
import axios, { type AxiosResponse } from 'axios';
import type { z } from 'zod';
import { AppError } from '../../domain/errors.ts';

type Request = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the base URL, with leading slash; ids in it already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a form as URLSearchParams. */
  readonly body?: unknown;
  /** Sees the body of a success piece by piece, whatever its size, instead of it being kept as text; false hangs up. */
  readonly onBody?: (piece: Buffer) => boolean;
};
export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly type: string;
  readonly retryAfterMs: number | undefined;
  /** The other side's clock, in milliseconds since 1970; undefined when it does not say. */
  readonly clock: number | undefined;
  /** All values of a header; its name in lower case. */
  readonly header: (name: string) => readonly string[];
  /** False when the body was not seen to its end, which only `onBody` allows. */
  readonly whole: boolean;
};
export type Call = (request: Request) => Promise<Answer>;
export type Sleep = (ms: number) => Promise<unknown>;

const maxAnswerBytes = 4_194_304;

/**
 * HTTP towards one target: no redirects, no proxy from the environment, certificates verified, answers of at most 4 MiB,
 * `timeoutMs` for the whole exchange. Answers with any status; throws AppError `target-unreachable` when none came.
 * Nothing of a failed request is passed on: its configuration holds the credential.
 */
export function httpCall(settings: {
  readonly name: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
}): Call {
  const base = targetUrl(settings.name, settings.baseUrl);
  const client = axios.create({
    maxRedirects: 0,
    proxy: false,
    maxContentLength: maxAnswerBytes,
    responseType: 'text',
    transformResponse: [(body: unknown) => body],
    validateStatus: () => true,
  });
  return async ({ method, path, query, headers, body, onBody }) => {
    const wire = watchedTransport(base);
    try {
      const response = await client.request<unknown>({
        url: `${base}${path}`,
        transport: wire.transport,
        method,
        headers: { accept: 'application/json', ...settings.headers, ...headers },
        signal: AbortSignal.timeout(settings.timeoutMs),
        ...(query === undefined ? {} : { params: query }),
        ...(body === undefined ? {} : { data: body }),
        ...(onBody === undefined ? {} : { responseType: 'stream', maxContentLength: -1 }),
      });
      return onBody === undefined ? answerOf(response) : await streamed(response, onBody);
    } catch (error) {
      throw unreachable(settings.name, new URL(base).host, method !== 'GET' && wire.sent(), error);
    }
  };
}

/**
 * Sees whether anything of a request can have left: not before the connection stands and its certificate is accepted.
 * Error codes do not tell, because a time-out and an unreachable host happen before and after.
 */
function watchedTransport(base: string) {
  const secure = base.startsWith('https:');
  let sent = false;
  const request = (options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest =>
    (secure ? requestHttps : requestHttp)(options, onResponse).once('socket', (socket) => {
      const ready = () => {
        sent = true;
      };
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', ready);
      else ready();
    });
  return { transport: { request }, sent: () => sent };
}

/** A base URL without a trailing slash. The credential goes to it, so plain HTTP is for loopback only. */
function targetUrl(name: string, baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === undefined || !secure || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new AppError({
      code: 'config-invalid',
      message: `the base URL of target ${name} is not usable`,
      fix: `Give target ${name} an https base URL without credentials, query or fragment (http only on loopback).`,
    });
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function answerOf(response: AxiosResponse<unknown>): Answer {
  const header = (name: string) =>
    [response.headers[name] as unknown].flat().filter((value) => typeof value === 'string');
  return {
    status: response.status,
    text: typeof response.data === 'string' ? response.data : '',
    type: header('content-type')[0] ?? '',
    retryAfterMs: retryAfter(header('retry-after')[0] ?? ''),
    clock: Date.parse(header('date')[0] ?? '') || undefined,
    header,
    whole: true,
  };
}

const isSuccess = (status: number) => status >= 200 && status < 300;

/** An answer whose body is handed over as it comes. Of anything but a success the body is read as text. */
async function streamed(
  response: AxiosResponse<unknown>,
  onBody: (piece: Buffer) => boolean,
): Promise<Answer> {
  const body = response.data as AsyncIterable<Buffer>;
  if (isSuccess(response.status)) {
    const whole = await readAll(body, onBody);
    return { ...answerOf(response), whole };
  }
  const said: Buffer[] = [];
  let bytes = 0;
  await readAll(body, (piece) => {
    said.push(piece);
    bytes += piece.length;
    return bytes < maxAnswerBytes;
  });
  return { ...answerOf(response), text: Buffer.concat(said).toString('utf8') };
}

/** Whether the body was seen to its end. One that breaks off, or takes too long, was not. */
async function readAll(body: AsyncIterable<Buffer>, onBody: (piece: Buffer) => boolean): Promise<boolean> {
  try {
    for await (const piece of body) if (!onBody(piece)) return false;
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Retry-After (RFC 9110) in milliseconds: seconds, or a date. */
function retryAfter(value: string): number | undefined {
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function unreachable(name: string, host: string, maybeApplied: boolean, error: unknown): AppError {
  const code = axios.isAxiosError(error) ? (error.code ?? '') : '';
  const why = axios.isCancel(error) ? 'no answer in time' : code || 'the connection failed';
  return new AppError({
    code: 'target-unreachable',
    message: `${name} (${host}) did not answer: ${why}`,
    fix: `Check that ${name} is up and that ${host} can be reached from here with a trusted certificate, then try again.`,
    retryable: true,
    maybeApplied,
  });
}

/** Parses an answer. A body that is not what was agreed (a login page, a proxy's error) throws `target-unreachable`. */
export function readAnswer<T>(name: string, answer: Answer, schema: z.ZodType<T>, posted: boolean): T {
  const parsed = schema.safeParse(parseJson(answer.text));
  if (parsed.success) return parsed.data;
  throw new AppError({
    code: 'target-unreachable',
    message: `${name} answered ${answer.status} with a body that cannot be read (${answer.type || 'no type'})`,
    fix: `Check the base URL of ${name}: something else answers there, such as a proxy or a login page.`,
    retryable: true,
    maybeApplied: posted,
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Repeats what failed in a way that may pass, at most `attempts` times. Only for calls that are safe to repeat. When one
 * attempt may have been applied, so may the whole, whatever the last one said. A target that wants more than `maxWaitMs`
 * of patience gets it from the caller, by `retryAfterMs`.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  {
    attempts,
    sleep = timers.setTimeout,
    maxWaitMs = 5_000,
  }: { attempts: number; sleep?: Sleep; maxWaitMs?: number },
): Promise<T> {
  let maybeApplied = false;
  for (let n = 1; ; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      maybeApplied ||= error.maybeApplied;
      const wait = error.retryAfterMs ?? Math.min(2_000, 200 * 2 ** (n - 1));
      if (!error.retryable || n >= attempts || wait > maxWaitMs) throw withMaybeApplied(error, maybeApplied);
      await sleep(wait);
    }
  }
}

function withMaybeApplied(error: AppError, maybeApplied: boolean): AppError {
  if (error.maybeApplied === maybeApplied) return error;
  const { code, message, fix, retryable, retryAfterMs, cause } = error;
  return new AppError({
    code,
    message,
    fix,
    retryable,
    maybeApplied,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
