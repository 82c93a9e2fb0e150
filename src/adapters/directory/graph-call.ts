import axios, { type AxiosResponse } from 'axios';
import { AppError } from '../../domain/errors.ts';

export type GraphSettings = {
  /** https://graph.microsoft.com, or that of a national cloud, or a sandbox. */
  readonly baseUrl: string;
  /** A bearer token for Microsoft Graph; asked for before every request, so it should be cached by whoever gives it. */
  readonly getToken: () => Promise<string>;
  /** For one request. */
  readonly timeoutMs: number;
};

/** One question to Microsoft Graph. */
export type Question = {
  /** What is asked, for messages: `a membership question`. */
  readonly about: string;
  /** From /v1.0 on, with its query. */
  readonly path: string;
  /** With a body it is a POST, else a GET. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What to do when Graph does not know the thing; without it that is an answer: undefined. */
  readonly missing?: string;
};

/**
 * Asks Microsoft Graph once. Gives the parsed body; undefined for a 404 of Graph itself, when the question allows one.
 * Throws AppError without anything of the request in it.
 */
export async function askGraph(settings: GraphSettings, question: Question): Promise<unknown> {
  const token = await settings.getToken().catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    throw unreachable(`no token was issued (${error instanceof Error ? error.name : 'unknown error'})`);
  });
  const response = await axios
    .request<unknown>({
      url: `${withoutSlash(settings.baseUrl)}${question.path}`,
      method: question.body === undefined ? 'GET' : 'POST',
      ...(question.body === undefined ? {} : { data: question.body }),
      headers: { ...question.headers, authorization: `Bearer ${token}`, accept: 'application/json' },
      signal: AbortSignal.timeout(settings.timeoutMs),
      maxRedirects: 0,
      proxy: false,
      maxContentLength: 1_048_576,
      validateStatus: () => true,
    })
    .catch((error: unknown) => {
      const code = axios.isAxiosError(error) ? error.code : undefined;
      throw unreachable(axios.isCancel(error) ? 'no answer in time' : (code ?? 'the connection failed'));
    });
  if (response.status === 200) return response.data;
  if (question.missing === undefined && isOwnNotFound(response)) return undefined;
  throw failed(response, question);
}

export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** Its own error body is asked for: the 404 of a gateway says nothing about a person. */
function isOwnNotFound({ status, data }: AxiosResponse<unknown>): boolean {
  if (status !== 404 || typeof data !== 'object' || data === null || !('error' in data)) return false;
  const { error } = data;
  return typeof error === 'object' && error !== null && 'code' in error;
}

const unreachable = (why: string, retryAfterMs?: number) =>
  new AppError({
    code: 'directory-unreachable',
    message: `Microsoft Graph did not answer: ${why}`,
    fix: 'Check that Microsoft Graph can be reached from here and that the identity of Handrail can get a token, then try again.',
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

function failed(response: AxiosResponse<unknown>, { about, missing }: Question): AppError {
  const { status } = response;
  if (status === 429 || status >= 500) return unreachable(`status ${status}`, retryAfterOf(response));
  return new AppError({
    code: 'directory-refused',
    message: `Microsoft Graph answered ${status} for ${about}`,
    fix:
      (status === 404 ? missing : fixes[status]) ??
      'Check the base URL of Microsoft Graph and the permissions of the identity of Handrail.',
  });
}

const fixes: Readonly<Record<number, string>> = {
  401: 'Check the identity Handrail runs under: Microsoft Graph does not accept its token.',
  403: 'Grant the identity of Handrail the application permissions User.Read.All and GroupMember.Read.All.',
};

/** Microsoft Graph says how long to wait in seconds (learn.microsoft.com/graph/throttling). */
function retryAfterOf(response: AxiosResponse<unknown>): number | undefined {
  const value: unknown = response.headers['retry-after'];
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined;
}
