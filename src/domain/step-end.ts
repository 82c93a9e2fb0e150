import { z } from 'zod';
import type { EventData } from './events.ts';
import type { Batch } from './rolling.ts';
import type { StepRecord } from './run.ts';

/** How a step ended. `not-started`: the target certainly never began. `unknown`: nobody can tell; a person decides. */
export const stepResults = ['succeeded', 'failed', 'cancelled', 'not-started', 'unknown'] as const;
export type StepResult = (typeof stepResults)[number];

/** How a step ended on one host of its batch. */
export const HostResult = z.strictObject({
  host: z.string(),
  result: z.enum(stepResults),
  /** What the target said about this host. */
  detail: z.string().optional(),
});
export type HostResult = z.infer<typeof HostResult>;

type End = Pick<StepRecord, 'detail' | 'evidence' | 'hosts'> & { readonly result: StepResult };

/** What a run remembers of a step's end. */
export const endIn = ({ result, detail, evidence, hosts }: EventData<'step-finished'>): End => ({
  result,
  detail,
  ...(evidence ? { evidence } : {}),
  ...(hosts ? { hosts } : {}),
});

type Said = {
  readonly result: StepResult;
  readonly detail: string;
  readonly hosts?: readonly HostResult[] | undefined;
};
type Judged = { readonly result: StepResult; readonly detail: string; readonly hosts?: HostResult[] };

/**
 * A step's end as it is stored. That of a batch is told for each of its hosts, and is no better than they are: a job may
 * be called a success although a host was left out.
 */
export function judgeEnd(batch: Batch | undefined, { result, detail, hosts: told = [] }: Said): Judged {
  if (batch === undefined) return { result, detail };
  const hosts = hostsOf(batch.hosts, result, told);
  const worst = worstOf(result, hosts);
  if (worst === result) return { result, detail, hosts };
  const those = hosts.filter((one) => one.result === worst).map(spellHost);
  return {
    result: worst,
    detail: [those.join(', '), detail].filter((text) => text !== '').join('; '),
    hosts,
  };
}

/** `web03 failed: the pool did not start`. */
export const spellHost = ({ host, result, detail = '' }: HostResult): string =>
  `${host} ${words[result]}${detail === '' ? '' : `: ${detail}`}`;

const words: Readonly<Record<StepResult, string>> = {
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  'not-started': 'not started',
  unknown: 'unknown',
};

/** Each host of a batch once; then those that were touched and should not have been. */
function hostsOf(batch: readonly string[], result: StepResult, told: readonly HostResult[]): HostResult[] {
  const said = new Map(told.map((one) => [one.host.toLowerCase(), one]));
  const own = batch.map((host) => ({ host, said: said.get(host.toLowerCase()) }));
  // a target that names none of them tells of other things, e.g. of the machine that does the work
  if (own.every((one) => one.said === undefined)) return batch.map((host) => ({ host, result }));
  const known = own.map(({ host, said }) => (said ? { ...said, host } : { host, ...leftOut(result) }));
  const names = new Set(batch.map((host) => host.toLowerCase()));
  const foreign = told.filter(({ host }) => !names.has(host.toLowerCase()));
  const all = [
    ...known,
    ...foreign.map(({ host }) => ({
      host,
      result: 'failed' as const,
      detail: 'was touched and is not one of them',
    })),
  ];
  return result === 'failed' && all.every((one) => one.result === 'succeeded')
    ? known.map(({ host }) => ({ host, result, detail: 'called done by a job that failed' }))
    : all;
}

/** Others are named and this one is not: nothing was done on it. */
const leftOut = (result: StepResult): Pick<HostResult, 'result' | 'detail'> =>
  result === 'succeeded' ? { result: 'failed', detail: 'the target did not name it' } : { result };

function worstOf(result: StepResult, hosts: readonly HostResult[]): StepResult {
  if (result !== 'succeeded' && result !== 'failed') return result;
  if (hosts.some((one) => one.result === 'unknown')) return 'unknown';
  return hosts.every((one) => one.result === 'succeeded') ? result : 'failed';
}
