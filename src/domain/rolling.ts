import { z } from 'zod';
import { ParameterName, type Value } from './parameter.ts';
import type { TargetStep } from './runbook.ts';

const percent = /^(\d{1,3})%$/;

const expected = 'expected a whole number of hosts from 1 on, or a share such as 25%';

/** So many of a pool, or a share of it such as `25%`. */
export const Portion = z
  .union([z.number().int(expected).min(1, expected), z.string().regex(percent, expected)], expected)
  .refine((portion) => isPossible(portion), 'expected a share from 1% to 100%');
export type Portion = z.infer<typeof Portion>;

function shareOf(portion: string | number): number | undefined {
  const [, share] = percent.exec(String(portion)) ?? [];
  return share === undefined ? undefined : Number(share);
}

function isPossible(portion: string | number): boolean {
  const share = shareOf(portion) ?? 1;
  return share >= 1 && share <= 100;
}

/** How a step goes through a pool: some hosts at a time, and no further when too many have failed. */
export const Rolling = z.strictObject({
  /** The parameter of type list that names the hosts. */
  over: ParameterName,
  /** So many hosts may be out at a time; a share is rounded down, and one may always be. */
  maxUnavailable: Portion,
  /** No further batch begins once so many hosts have failed. */
  stopAfterFailures: z.number().int().min(1, 'at least 1').default(1),
});
export type Rolling = z.infer<typeof Rolling>;

/** The part of a pool that one step of a plan is for. */
export const Batch = z.strictObject({
  /** The step of the runbook, and its title, which all its batches share. */
  step: z.string(),
  title: z.string(),
  hosts: z.array(z.string()),
  stopAfterFailures: z.number(),
});
export type Batch = z.infer<typeof Batch>;

/** How many of a pool that is. */
export function mostOf(portion: Portion, pool: number): number {
  const share = shareOf(portion);
  const most = share === undefined ? Number(portion) : Math.floor((pool * share) / 100);
  return Math.max(1, Math.min(pool, most));
}

/** The pool in its order, in batches that are no larger than may be out at a time. */
export function batchesOf(hosts: readonly string[], maxUnavailable: Portion): string[][] {
  const size = mostOf(maxUnavailable, hosts.length);
  return Array.from({ length: Math.ceil(hosts.length / size) }, (_, n) =>
    hosts.slice(n * size, (n + 1) * size),
  );
}

type Values = Readonly<Record<string, Value>>;
type Part = {
  readonly id: string;
  readonly title: string;
  readonly values: Values;
  readonly batch?: Batch;
};

/** A step as the plan has it: one part, or one for each batch, whose values name that batch instead of the pool. */
export function partsOf(
  { id, title, rolling }: Pick<TargetStep, 'id' | 'title' | 'rolling'>,
  values: Values,
): Part[] {
  if (rolling === undefined) return [{ id, title, values }];
  const { over, maxUnavailable, stopAfterFailures } = rolling;
  const named = values[over];
  if (named === undefined) throw new TypeError(`step ${id} has no hosts: ${over} has no value`);
  const pool = Array.isArray(named) ? named : [String(named)];
  return batchesOf(pool, maxUnavailable).map((hosts, n, all) => ({
    id: partId(id, n + 1),
    title: `${title} (${n + 1} of ${all.length}): ${hosts.join(', ')}`,
    values: { ...values, [over]: hosts },
    batch: { step: id, title, hosts, stopAfterFailures },
  }));
}

/** The id of a batch in the plan, counted from 1. */
const partId = (step: string, n: number): string => `${step}-${n}`;

/** Whether a batch of the step could have this id. */
export const isPartId = (step: string, id: string): boolean =>
  id.startsWith(`${step}-`) && /^\d+$/.test(id.slice(step.length + 1));
