import {
  type AzureAutomationSettings,
  azureAutomationTarget,
} from '../../../src/adapters/automation/azure-automation.ts';
import type { AzureRunbook, Script } from '../../../src/sandbox/azure-automation/runbooks.ts';
import {
  type AzureAutomationOptions,
  startAzureAutomation,
} from '../../../src/sandbox/azure-automation/server.ts';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';

export const token = 'eyJ0eXAiOiJKV1QifQ.azure-token-3fd1';
export const account =
  '/subscriptions/51766542-3ed7-4a72-a187-0c8ab644ddab/resourceGroups/rg-ops_(prod)/providers/Microsoft.Automation/automationAccounts/aa-ops';

export const hello: Script = async (_parameters, { output }) => output('hello from the job');
/** Ends only when it is stopped. */
export const untilStopped: Script = (_parameters, _streams, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped half-way')), { once: true });
  });

/** Settings for tests: little waiting between attempts. */
export const quick = (
  baseUrl: string,
  changes: Partial<AzureAutomationSettings> = {},
): AzureAutomationSettings => ({
  name: 'azure',
  baseUrl,
  account,
  getToken: () => Promise.resolve(token),
  timeoutMs: 5_000,
  resolveSecret: () => Promise.resolve(undefined),
  sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
  ...changes,
});

/** A simulated Automation account with the adapter in front of it. */
export async function azureWorld(
  runbooks: readonly AzureRunbook[],
  settings: Partial<AzureAutomationSettings> = {},
  options: Partial<AzureAutomationOptions> = {},
) {
  const server = await startAzureAutomation({ token: () => token, account, runbooks, ...options });
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${server.url}${account}${path}?api-version=2023-11-01`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      json: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>,
    };
  };
  return {
    url: server.url,
    target: azureAutomationTarget(quick(server.url, settings)),
    faults: faultControl(server.url),
    call,
    close: server.close,
  };
}
export type AzureWorld = Awaited<ReturnType<typeof azureWorld>>;
