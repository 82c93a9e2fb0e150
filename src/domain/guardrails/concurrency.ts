import type { Policy } from '../policy.ts';
import { codeOf } from '../run.ts';
import type { Runbook } from '../runbook.ts';
import { allow, denyForNow, type Guardrail, unknown } from './verdict.ts';

/** How many runs of one runbook, and on one target, may be at work at the same time. */
export const concurrency: Guardrail = (facts) => {
  const { policy, runbook } = facts;
  const { perRunbook } = policy.limits;
  const perTarget = targetLimits(policy, runbook);
  if (perRunbook === undefined && perTarget.length === 0)
    return allow('the number of runs at the same time is not limited');
  const { holders } = facts;
  if (!holders.ok) return unknown('the runs at work', holders);
  const users = new Map(Object.entries(holders.value.targets));
  const places = [
    ...(perRunbook === undefined ? [] : [{ of: runbook.id, runs: holders.value.runbook, most: perRunbook }]),
    ...perTarget.map(({ target, most }) => ({
      of: `target ${target}`,
      runs: users.get(target) ?? [],
      most,
    })),
  ];
  const seen = Object.fromEntries(places.map(({ of, runs }) => [of, runs.map(codeOf).join(', ')]));
  const full = places.filter(({ runs, most }) => runs.length >= most);
  if (full.length === 0) return allow('there is a place for one more run', seen);
  const says = full.map(({ of, runs, most }) => `${runs.length} of ${most} places of ${of} are taken`);
  return denyForNow(says.join('; '), seen);
};

/** The limits of the targets this runbook uses, whichever step uses them. */
function targetLimits({ limits }: Policy, { steps, rollback }: Runbook): { target: string; most: number }[] {
  const undo = 'steps' in rollback ? rollback.steps : [];
  const used = new Set([...steps.diagnostics, ...steps.remediation, ...undo].map(({ target }) => target));
  return Object.entries(limits.perTarget).flatMap(([target, most]) =>
    used.has(target) ? [{ target, most }] : [],
  );
}
