import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request as the handlers see it: read in full, and made by somebody. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** user_name of the caller, '' when nobody signed in. */
  readonly user: string;
  /** The address this server is known by, without a trailing slash. */
  readonly url: string;
};

/** An answer, not sent yet: a fault may still hold it back. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** Whether a parameter says yes; the case does not matter to the real one. */
export const says = (asked: Asked, parameter: string): boolean =>
  asked.query.get(parameter)?.toLowerCase() === 'true';

export const json = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
  body: JSON.stringify(value),
});

/** The error body of the REST APIs. */
export const failure = (
  status: number,
  message: string,
  detail: string | null = null,
  headers: Readonly<Record<string, string>> = {},
): Answer => json(status, { error: { message, detail }, status: 'failure' }, headers);

export const noRecord = (): Answer =>
  failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");

/** The whole body, or undefined when it is larger than `limit` bytes. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}

/** The JSON object a body holds, or undefined. */
export function objectOf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
