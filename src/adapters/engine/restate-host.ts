import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import { type RestateApi, restateApi } from './restate-api.ts';
import { requestIdentity } from './restate-identity.ts';
import { restateServer } from './restate-server.ts';
import { serverBinary, serverEnvironment, serverSockets } from './restate-settings.ts';
import type { OnError } from './steady-drive.ts';

type Limits = {
  /** Milliseconds until a start counts as failed; 30 s unless told. */
  readonly startWithinMs?: number;
};

/** A server of our own as a child process, reachable over unix sockets only. */
export type EmbeddedRestate = {
  readonly kind: 'embedded';
  /** Data folder of the engine; short, for it holds unix sockets. */
  readonly dir: string;
  /** Port of our endpoint on loopback, 0 (the default) for any free one. */
  readonly sdkPort?: number;
  /** Path of the server; the npm package's unless told. */
  readonly binary?: string;
} & Limits;

/** A Restate cluster that somebody else runs. */
export type ExternalRestate = {
  readonly kind: 'external';
  readonly ingressUrl: string;
  readonly adminUrl: string;
  /**
   * For an authenticating proxy, sent as `authorization: Bearer`. The proxy has to take it away: the server journals all
   * headers in clear. When one gets through, `onError` is told.
   */
  readonly token?: string;
  /** Further headers for the proxy, under the same rule. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Public keys of the cluster; requests signed by others are refused. */
  readonly identityKeys: readonly string[];
  /** Where our endpoint listens, and how the cluster reaches it. */
  readonly sdk: { readonly host: string; readonly port: number; readonly uri: string };
} & Limits;

/** The server as the engine sees it, wherever it runs. */
export type RestateHost = {
  readonly api: RestateApi;
  readonly identityKeys: string[];
  /** Names, in lower case, of the headers that are meant for a proxy only. */
  readonly secretHeaders: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  /** Makes the server run and call our endpoint on this port. */
  connect(port: number): Promise<void>;
  disconnect(): Promise<void>;
};

const startLimitMs = 30_000;

const unsigned = (): AppError =>
  new AppError({
    code: 'config-invalid',
    message: 'An external Restate needs at least one request identity key.',
    fix: 'Set the public key that the cluster prints at its start (publickeyv1_...).',
  });

function embedded(options: EmbeddedRestate, onError: OnError): RestateHost {
  const { sdkPort = 0, binary = serverBinary(), startWithinMs = startLimitMs } = options;
  const dir = resolve(options.dir);
  const sockets = serverSockets(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { pem, publicKey } = requestIdentity(dir);
  const url = 'http://localhost';
  const api = restateApi({
    ingress: { url, socketPath: sockets.ingress },
    admin: { url, socketPath: sockets.admin },
  });
  const server = restateServer({
    dir,
    binary,
    environment: serverEnvironment(dir, pem),
    healthy: api.healthy,
    onError,
    startWithinMs,
  });
  const host = '127.0.0.1';
  return {
    api,
    identityKeys: [publicKey],
    secretHeaders: [],
    listen: { host, port: sdkPort },
    async connect(port) {
      await server.start();
      // A process before us may have had another port; what it had begun goes on here.
      await api.register(`http://${host}:${port}`, { move: true, withinMs: startWithinMs });
    },
    disconnect: server.stop,
  };
}

function external(options: ExternalRestate): RestateHost {
  const { ingressUrl, adminUrl, token, identityKeys, sdk, startWithinMs = startLimitMs } = options;
  if (identityKeys.length === 0) throw unsigned();
  const headers = {
    ...options.headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const api = restateApi({ ingress: { url: ingressUrl, headers }, admin: { url: adminUrl, headers } });
  return {
    api,
    identityKeys: [...identityKeys],
    secretHeaders: Object.keys(headers).map((name) => name.toLowerCase()),
    listen: { host: sdk.host, port: sdk.port },
    connect: () => api.register(sdk.uri, { move: false, withinMs: startWithinMs }),
    disconnect: async () => undefined,
  };
}

/** Throws AppError `engine-unavailable` or `config-invalid`, each with what to do. */
export function restateHost(options: EmbeddedRestate | ExternalRestate, onError: OnError): RestateHost {
  return options.kind === 'embedded' ? embedded(options, onError) : external(options);
}
