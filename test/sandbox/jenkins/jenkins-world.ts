import type { JobDefinition, ParameterDefinition, Work } from '../../../src/sandbox/jenkins/definitions.ts';
import { type JenkinsOptions, startJenkins } from '../../../src/sandbox/jenkins/server.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';

export const user = 'handrail';
export const token = '11a4f0c2d97be6583';
export const password = 'jenkins-password-3e71';

export const executionId: ParameterDefinition = { name: 'EXECUTION_ID', type: 'String' };

export const hello: Work = async (_parameters, log) => log('hello from the job');
/** Ends only when it is told to. */
export const untilStopped: Work = (_parameters, _log, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped half-way')), { once: true });
  });

/** A job that takes an execution id and a pool. */
export const job = (name: string, work: Work, changes: Partial<JobDefinition> = {}): JobDefinition => ({
  name,
  work,
  parameters: [executionId, { name: 'pool', type: 'String', default: '' }],
  ...changes,
});

/** A simulated Jenkins and a client that knows nothing but HTTP. */
export async function jenkins(jobs: readonly JobDefinition[], changes: Partial<JenkinsOptions> = {}) {
  const server = await startJenkins({ user, token, password, jobs, ...changes });
  const signedIn = { authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` };
  const call = async (
    method: string,
    path: string,
    { form, headers = {} }: { form?: Record<string, string>; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...signedIn, ...headers },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, text, json };
  };
  return { ...server, call, faults: faultControl(new URL(server.url).origin) };
}
export type JenkinsServer = Awaited<ReturnType<typeof jenkins>>;

/** The build's own page, once it is over. */
export async function over(server: JenkinsServer, path: string): Promise<Record<string, unknown>> {
  for (let n = 0; n < 500; n += 1) {
    const { json } = await server.call('GET', `${path}/api/json`);
    if (json['building'] === false) return json;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} did not end`);
}

/** The number of the build that became of a queue item. */
export async function numberOf(server: JenkinsServer, location: string | null): Promise<number> {
  const path = new URL(location ?? '').pathname;
  for (let n = 0; n < 500; n += 1) {
    const { json } = await server.call('GET', `${path}api/json`);
    const executable = json['executable'] as { number: number } | null | undefined;
    if (executable) return executable.number;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} was not built`);
}
