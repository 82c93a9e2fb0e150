import { type AwxOptions, startAwx } from '../../../src/sandbox/awx/server.ts';
import type { JobTemplate, Playbook } from '../../../src/sandbox/awx/templates.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';

export const token = 'awx-token-5d1c77';
export const password = 'awx-password-9be2';

export const hello: Playbook = async (_variables, log) => log('hello from the job');
/** Ends only when it is cancelled. */
export const untilCancelled: Playbook = (_variables, _log, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped half-way')), { once: true });
  });

/** A template on one host that takes any variable. */
export const template = (
  name: string,
  playbook: Playbook,
  changes: Partial<JobTemplate> = {},
): JobTemplate => ({
  name,
  playbook,
  hosts: ['web01'],
  asks: ['variables'],
  allowSimultaneous: true,
  ...changes,
});

/** A simulated AWX and a client that knows nothing but HTTP. */
export async function awx(jobTemplates: readonly JobTemplate[], changes: Partial<AwxOptions> = {}) {
  const server = await startAwx({ token, password, jobTemplates, ...changes });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, text, json };
  };
  return { ...server, call, faults: faultControl(server.url) };
}

export type AwxServer = Awaited<ReturnType<typeof awx>>;

/** The job's own page, once it is over. */
export async function over(server: AwxServer, path: string): Promise<Record<string, unknown>> {
  for (let n = 0; n < 500; n += 1) {
    const { json } = await server.call('GET', path);
    if (json['finished'] !== null) return json;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${path} did not end`);
}
