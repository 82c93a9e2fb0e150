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

/** One POST to Microsoft Graph. Answers with the parsed body; throws AppError without anything of the request in it. */
export async function graphPost(settings: GraphSettings, path: string, body: unknown): Promise<unknown> {
  const token = await settings.getToken().catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    throw unreachable(`no token was issued (${error instanceof Error ? error.name : 'unknown error'})`);
  });
  const response = await axios
    .request<unknown>({
      url: `${settings.baseUrl.replace(/\/+$/, '')}${path}`,
      method: 'POST',
      data: body,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
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
  throw failed(response);
}

const unreachable = (why: string, retryAfterMs?: number) =>
  new AppError({
    code: 'directory-unreachable',
    message: `Microsoft Graph did not answer: ${why}`,
    fix: 'Check that Microsoft Graph can be reached from here and that the identity of Handrail can get a token, then try again.',
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

function failed(response: AxiosResponse<unknown>): AppError {
  const { status } = response;
  if (status === 429 || status >= 500) return unreachable(`status ${status}`, retryAfterOf(response));
  return new AppError({
    code: 'directory-refused',
    message: `Microsoft Graph answered ${status} for a membership question`,
    fix:
      fixes[status] ??
      'Check the base URL of Microsoft Graph and the permissions of the identity of Handrail.',
  });
}

const fixes: Readonly<Record<number, string>> = {
  401: 'Check the identity Handrail runs under: Microsoft Graph does not accept its token.',
  403: 'Grant the identity of Handrail the application permissions User.Read.All and GroupMember.Read.All.',
  404: 'The person is not in the directory of this tenant; use an account of the tenant.',
};

/** Microsoft Graph says how long to wait in seconds (learn.microsoft.com/graph/throttling). */
function retryAfterOf(response: AxiosResponse<unknown>): number | undefined {
  const value: unknown = response.headers['retry-after'];
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined;
}
