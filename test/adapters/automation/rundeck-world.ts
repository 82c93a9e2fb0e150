import { type RundeckSettings, rundeckTarget } from '../../../src/adapters/automation/rundeck.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import type { RundeckJob, Script } from '../../../src/sandbox/rundeck/jobs.ts';
import { type RundeckOptions, startRundeck } from '../../../src/sandbox/rundeck/server.ts';

export const token = 'rundeck-token-81b0e2';
export const option = 'handrail_execution_id';

export const hello: Script = async (_options, log) => log('hello from the job');
/** Ends only when it is aborted. */
export const untilAborted: Script = (_options, _log, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped half-way')), { once: true });
  });

/** A job of the project `ops` that may run beside itself. */
export const job = (name: string, script: Script, changes: Partial<RundeckJob> = {}): RundeckJob => ({
  name,
  script,
  multipleExecutions: true,
  ...changes,
});

/** Settings for tests: little waiting between attempts. */
export const quick = (baseUrl: string, changes: Partial<RundeckSettings> = {}): RundeckSettings => ({
  name: 'rundeck',
  baseUrl,
  token,
  timeoutMs: 5_000,
  resolveSecret: () => Promise.resolve(undefined),
  sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  ...changes,
});

/** A simulated Rundeck with the adapter in front of it. */
export async function rundeckWorld(
  jobs: readonly RundeckJob[],
  settings: Partial<RundeckSettings> = {},
  options: Partial<RundeckOptions> = {},
) {
  const server = await startRundeck({ token, jobs, ...options });
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.url}/api/59${path}`, {
      method,
      headers: { 'x-rundeck-auth-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  return {
    url: server.url,
    target: rundeckTarget(quick(server.url, settings)),
    faults: faultControl(server.url),
    disturb: server.disturb,
    call,
    close: server.close,
  };
}
export type RundeckWorld = Awaited<ReturnType<typeof rundeckWorld>>;
