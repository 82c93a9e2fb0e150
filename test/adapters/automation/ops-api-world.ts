import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OpsApiSettings, opsApi } from '../../../src/adapters/automation/ops-api.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import type { Job, JobTable } from '../../../src/sandbox/ops-api/job-runner.ts';
import { startOpsApi } from '../../../src/sandbox/ops-api/server.ts';

export const token = 'ops-token-7f3a9c';

/** Ends only when it is cancelled. */
export const untilCancelled: Job = (_parameters, _log, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped half-way')), { once: true });
  });

/** An address at which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** Settings for tests: no waiting between attempts. */
export const quick = (baseUrl: string, changes: Partial<OpsApiSettings> = {}): OpsApiSettings => ({
  name: 'ops',
  baseUrl,
  token,
  timeoutMs: 2_000,
  resolveSecret: () => Promise.resolve(undefined),
  sleep: () => Promise.resolve(),
  ...changes,
});

/** A simulated ops-runbook API with the adapter in front of it. */
export async function opsWorld(jobs: JobTable, changes: Partial<OpsApiSettings> = {}) {
  const server = await startOpsApi({ token, jobs });
  return {
    url: server.url,
    target: opsApi(quick(server.url, changes)),
    faults: faultControl(server.url),
    close: server.close,
  };
}
