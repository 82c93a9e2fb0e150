import assert from 'node:assert/strict';
import {
  type EntraDirectorySettings,
  entraDirectory,
} from '../../../src/adapters/directory/entra-directory.ts';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import { type EntraOptions, startEntra } from '../../../src/sandbox/entra/server.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';

export const token = 'graph-token-51c2';

/** Object ids a test can read. */
export const id = (n: number): string => `${String(n).padStart(8, '0')}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`;

/** A simulated Microsoft Graph and a directory over it that does not wait between its attempts. */
export async function world(
  graph: Pick<EntraOptions, 'people' | 'groups'>,
  changes: Partial<EntraDirectorySettings> = {},
) {
  const server = await startEntra({ token, ...graph });
  const directory = entraDirectory({
    baseUrl: server.url,
    getToken: () => Promise.resolve(token),
    timeoutMs: 2_000,
    sleep: () => Promise.resolve(),
    ...changes,
  });
  return { directory, faults: faultControl(server.url), url: server.url, close: server.close };
}

/** The AppError a call ends in, in which there is no token. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, `expected an AppError, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.ok(!JSON.stringify([error.message, error.fix, error.stack, { ...error }]).includes(token));
  return error;
}
