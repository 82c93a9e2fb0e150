import type { ServiceNowSettings } from '../../../src/adapters/servicenow/settings.ts';
import type { Clock, Itsm } from '../../../src/ports.ts';
import { type ServiceNowOptions, startServiceNow } from '../../../src/sandbox/servicenow/server.ts';
import type { Seed } from '../../../src/sandbox/servicenow/state.ts';
import { client, closeScripted, password } from './instance.ts';

/** A sys_id a test can read: the same letter 32 times, or number `n` of a series. */
export const sysId = (letter: string, n?: number): string =>
  n === undefined ? letter.repeat(32) : letter.repeat(28) + n.toString(16).padStart(4, '0');

export type Simulation = {
  readonly itsm: Itsm;
  readonly url: string;
  /** Lets the next request to this path go wrong. */
  breakNext(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** How often each route was asked. */
  requests(): Promise<Record<string, number>>;
};

const running: (() => Promise<void>)[] = [];

/** A simulated ServiceNow with these records, and a client of it. */
export async function simulation(
  seed: Seed,
  more: Partial<ServiceNowSettings> = {},
  options: Partial<ServiceNowOptions> & { readonly clock?: Clock } = {},
): Promise<Simulation> {
  const { close, url } = await startServiceNow({ users: [{ user: 'handrail', password }], seed, ...options });
  running.push(close);
  return {
    itsm: client(url, more, options.clock),
    url,
    async breakNext(fault) {
      const headers = { 'content-type': 'application/json' };
      await fetch(`${url}/__sandbox/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
    },
    requests: async () => (await (await fetch(`${url}/__sandbox/requests`)).json()) as Record<string, number>,
  };
}

/** Ends every server a test has started, simulated or scripted. */
export async function closeServers(): Promise<void> {
  await Promise.all([...running.splice(0).map((close) => close()), closeScripted()]);
}
