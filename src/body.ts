import type { IncomingMessage } from 'node:http';

export type BodyLimits = {
  readonly bytes: number;
  /** The whole body has to be here within this time; a caller that sends a byte a minute holds nothing for long. */
  readonly withinMs: number;
};
/** The body, or the HTTP status that says why there is none. `gone`: nobody is left to answer. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'refused'; readonly status: 408 | 413 | 415 }
  | { readonly is: 'gone' };

/**
 * Reads a request's body as UTF-8. Compressed bodies and forms are refused: nothing we know sends them, unpacking them
 * would get around the limit, and restify's own parser dies of a broken gzip and writes uploads to the disk.
 */
export function readBody(request: IncomingMessage, { bytes, withinMs }: BodyLimits): Promise<Body> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    return Promise.resolve({ is: 'refused', status: 415 });
  const { promise, resolve } = Promise.withResolvers<Body>();
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > bytes) resolve({ is: 'refused', status: 413 });
    else chunks.push(chunk);
  };
  const onEnd = (): void => resolve({ is: 'read', text: Buffer.concat(chunks).toString('utf8') });
  const onGone = (): void => resolve({ is: 'gone' });
  const timer = setTimeout(() => resolve({ is: 'refused', status: 408 }), withinMs);
  request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  return promise.finally(() => {
    clearTimeout(timer);
    // the error listener stays: a connection that breaks later must not end the process
    request.off('data', onData).off('end', onEnd).off('close', onGone);
  });
}
