import type { ResolvedParameter } from './parameters.ts';
import { placeholdersIn } from './placeholder.ts';
import { mostOf, type Rolling } from './rolling.ts';
import type { Runbook, TargetStep } from './runbook.ts';

/** What the changing steps of a run touch. */
export type Reach = {
  /** The hosts they name, each once. */
  readonly hosts: readonly string[];
  /** For each list a step is given: how many of it are touched at a time, of how many. */
  readonly takes: readonly { readonly atOnce: number; readonly of: number }[];
  /** Some step names no hosts: it touches the item and whatever that consists of. */
  readonly item: boolean;
  /** Every list has a value; otherwise there will be more hosts. */
  readonly complete: boolean;
};

/** What a runbook would touch with these values, its rollback included. */
export function reachOf(runbook: Runbook, parameters: readonly ResolvedParameter[]): Reach {
  const changes = changesOf(runbook).map((step) => ({ step, lists: listsIn(step, runbook) }));
  const hosts = new Map<string, string>();
  const takes: { atOnce: number; of: number }[] = [];
  let complete = true;
  for (const { step, lists } of changes)
    for (const name of lists) {
      const pool = parameters.find((one) => one.name === name)?.value;
      if (!Array.isArray(pool)) {
        complete = false;
        continue;
      }
      for (const host of pool) hosts.set(host.toLowerCase(), host);
      takes.push({ atOnce: atOnceOf(step, name, pool.length), of: pool.length });
    }
  return {
    hosts: [...hosts.values()],
    takes,
    item: changes.some(({ lists }) => lists.length === 0),
    complete,
  };
}

const atOnceOf = ({ rolling }: TargetStep, list: string, pool: number): number =>
  rolling?.over === list ? mostOf(rolling.maxUnavailable, pool) : pool;

/** The remediation, and the rollback that may follow it. */
const changesOf = ({ steps, rollback }: Runbook): readonly TargetStep[] => [
  ...steps.remediation,
  ...('steps' in rollback ? rollback.steps : []),
];

/** The lists a step gives to its job. */
const listsIn = (step: Pick<TargetStep, 'with'>, { parameters }: Pick<Runbook, 'parameters'>): string[] =>
  [...new Set(Object.values(step.with).flatMap((text) => placeholdersIn(String(text))))].filter(
    (name) => Object.hasOwn(parameters, name) && parameters[name]?.type === 'list',
  );

/** The most steps that a remediation can have in a plan, however large its pools are. */
export const mostChanges = ({ steps, parameters }: Runbook): number =>
  steps.remediation.reduce(
    (sum, { rolling }) => sum + (rolling === undefined ? 1 : mostBatches(rolling, parameters)),
    0,
  );

function mostBatches({ over, maxUnavailable }: Rolling, parameters: Runbook['parameters']): number {
  const parameter = parameters[over];
  const pools = Array.from({ length: parameter?.type === 'list' ? parameter.max : 1 }, (_, n) => n + 1);
  return Math.max(...pools.map((pool) => Math.ceil(pool / mostOf(maxUnavailable, pool))));
}
