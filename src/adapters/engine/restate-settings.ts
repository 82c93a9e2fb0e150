import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';

/** Another node name on the same folder silently starts an empty cluster, so neither is ever derived from the host. */
const name = 'handrail';

/** The longest path of a unix socket on Linux, without its closing zero (man 7 unix); macOS allows four less. */
const longestSocketPath = 103;

/** The server's own binary from its npm package. Throws AppError `engine-unavailable` when the package is missing. */
export function serverBinary(platform: string = process.platform, arch: string = process.arch): string {
  const pack = `@restatedev/restate-server-${platform}-${arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${pack}/bin/restate-server`);
  } catch (error) {
    throw new AppError({
      code: 'engine-unavailable',
      message: `The Restate server is not installed: ${messageOf(error).split('\n')[0]}`,
      fix: `Run npm install ${pack} (Linux and macOS, x64 and arm64), or use the local engine or an external Restate.`,
    });
  }
}

/** Where the server listens. Throws AppError `config-invalid` when the folder's path is too long for a unix socket. */
export function serverSockets(dir: string): { readonly ingress: string; readonly admin: string } {
  const socket = (kind: string): string => join(dir, name, `${kind}.sock`);
  const sockets = { ingress: socket('ingress'), admin: socket('admin') };
  if (Buffer.byteLength(sockets.ingress) > longestSocketPath) {
    throw new AppError({
      code: 'config-invalid',
      message: `The path ${sockets.ingress} is longer than ${longestSocketPath} bytes, too long for a unix socket.`,
      fix: 'Choose a data folder with a shorter path for the engine.',
    });
  }
  return sockets;
}

/**
 * The whole environment of the embedded server. Nothing is inherited: our own environment holds secrets.
 * Unix sockets only, because its TCP ingress has no authentication and answers any web origin.
 */
export function serverEnvironment(dir: string, pem: string): Record<string, string> {
  return {
    DO_NOT_TRACK: '1',
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_BASE_DIR: dir,
    RESTATE_NODE_NAME: name,
    RESTATE_CLUSTER_NAME: name,
    RESTATE_AUTO_PROVISION: 'true',
    RESTATE_LISTEN_MODE: 'unix',
    RESTATE_SHUTDOWN_TIMEOUT: '10s',
    RESTATE_LOG_FORMAT: 'json',
    RESTATE_LOG_FILTER: 'warn',
    RESTATE_DEFAULT_NUM_PARTITIONS: '4',
    RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '128 MiB',
    RESTATE_BIFROST__RECORD_CACHE_MEMORY_SIZE: '32 MiB',
    RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
    RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE: '64 MiB',
    RESTATE_WORKER__INVOKER__MEMORY_LIMIT: '128 MiB',
    RESTATE_WORKER__INVOKER__REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE: pem,
    // The default waits up to a minute and pauses the run for good after 70 tries.
    RESTATE_DEFAULT_RETRY_POLICY__INITIAL_INTERVAL: '200ms',
    RESTATE_DEFAULT_RETRY_POLICY__MAX_INTERVAL: '5s',
    RESTATE_DEFAULT_RETRY_POLICY__MAX_ATTEMPTS: 'unlimited',
  };
}
