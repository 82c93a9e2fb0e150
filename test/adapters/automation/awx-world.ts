import { type AwxSettings, awxTarget } from '../../../src/adapters/automation/awx.ts';
import { type AwxOptions, startAwx } from '../../../src/sandbox/awx/server.ts';
import type { JobTemplate } from '../../../src/sandbox/awx/templates.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { token } from '../../sandbox/awx/awx-world.ts';

export { hello, template, token, untilCancelled } from '../../sandbox/awx/awx-world.ts';
export const variable = 'runbook_execution_id';

/** Settings for tests: little waiting between attempts. */
export const quick = (baseUrl: string, changes: Partial<AwxSettings> = {}): AwxSettings => ({
  name: 'awx',
  baseUrl,
  token,
  timeoutMs: 5_000,
  resolveSecret: () => Promise.resolve(undefined),
  sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  ...changes,
});

/** A simulated AWX with the adapter in front of it. */
export async function awxWorld(
  jobTemplates: readonly JobTemplate[],
  settings: Partial<AwxSettings> = {},
  options: Partial<AwxOptions> = {},
) {
  const server = await startAwx({ token, jobTemplates, ...options });
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${server.url}/api/v2${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  return {
    url: server.url,
    target: awxTarget(quick(server.url, settings)),
    faults: faultControl(server.url),
    disturb: server.disturb,
    get,
    close: server.close,
  };
}
export type AwxWorld = Awaited<ReturnType<typeof awxWorld>>;
