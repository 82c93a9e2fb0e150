import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createEndpointHandler, type EndpointOptions } from '@restatedev/restate-sdk';
import { AppError, messageOf } from '../../domain/errors.ts';
import { pauses } from './pauses.ts';

export type Endpoint = {
  readonly port: number;
  /** Lets streams end, at most a second. */
  close(): Promise<void>;
};

const closeWithinMs = 1000;

const notListening = (host: string, port: number, error: unknown): AppError =>
  new AppError({
    code: 'engine-unavailable',
    message: `The engine's endpoint cannot listen on ${host}:${port}: ${messageOf(error)}`,
    fix: 'Give the engine another port, or 0 for any free one.',
    cause: error,
  });

/**
 * Serves the handlers over cleartext HTTP/2. Requests that are not signed with one of the identity keys get 401.
 * Throws AppError `engine-unavailable` when the port is taken.
 */
export async function serveEndpoint(
  options: EndpointOptions & { readonly host: string; readonly port: number },
): Promise<Endpoint> {
  const { host, port, ...endpoint } = options;
  const server = createServer(createEndpointHandler(endpoint));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', (error) => listening.reject(notListening(host, port, error)));
  server.listen(port, host, () => listening.resolve());
  await listening.promise;

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const limit = pauses();
      await Promise.race([closed, limit.for(closeWithinMs)]);
      limit.wake();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
