import axios from 'axios';

/** More than this is no answer to a question of ours. */
const maxBodyBytes = 1_048_576;

export type Asked =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: string;
      readonly ms: number;
      readonly retryAfterMs: number;
    }
  | { readonly ok: false; readonly status: number; readonly why: string; readonly ms: number };

type Question = {
  readonly url: URL;
  /** Sent as a form by POST; without it the question is a GET. */
  readonly form?: URLSearchParams;
  readonly token?: string | undefined;
  /** Milliseconds for the whole exchange. */
  readonly withinMs: number;
};

/** One question to a metrics API: no redirects, no proxy from the environment, certificates verified, at most 1 MiB of answer. */
export async function ask({ url, form, token, withinMs }: Question): Promise<Asked> {
  const signal = AbortSignal.timeout(withinMs);
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    const response = await axios.request<string>({
      url: url.href,
      method: form === undefined ? 'GET' : 'POST',
      ...(form === undefined ? {} : { data: form.toString() }),
      headers: {
        accept: 'application/json',
        'user-agent': 'handrail-probe',
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      responseType: 'text',
      transformResponse: (body: unknown) => body,
      maxRedirects: 0,
      maxContentLength: maxBodyBytes,
      proxy: false,
      validateStatus: () => true,
      signal,
    });
    const { status, data } = response;
    const seconds = Number(response.headers['retry-after'] ?? 0);
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(600_000, Math.max(0, seconds * 1_000)) : 0;
    return { ok: true, status, body: String(data), ms: ms(), retryAfterMs };
  } catch (error) {
    return { ok: false, status: 0, why: whyOf(error, signal, withinMs), ms: ms() };
  }
}

function whyOf(error: unknown, signal: AbortSignal, withinMs: number): string {
  if (signal.aborted) return `no full answer within ${withinMs} ms`;
  if (!axios.isAxiosError(error)) return 'the connection failed';
  if (error.message.startsWith('maxContentLength')) return 'the answer is larger than 1 MiB';
  return `the connection failed (${error.code ?? 'broken off'})`;
}

/** The JSON of a body, or undefined when it is something else. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
