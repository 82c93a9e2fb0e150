import type { Policy } from '../policy.ts';
import type { Runbook } from '../runbook.ts';
import { allow, deny, type Guardrail, unknown } from './verdict.ts';

type Limits = { readonly dependents: number | undefined; readonly targets: number | undefined };

/** The stricter of runbook and policy; undefined when neither says anything. */
export function blastLimits({ blastRadius: all }: Policy, { blastRadius: own }: Runbook): Limits {
  const stricter = (a = Number.POSITIVE_INFINITY, b = Number.POSITIVE_INFINITY) => {
    const least = Math.min(a, b);
    return Number.isFinite(least) ? least : undefined;
  };
  return {
    dependents: stricter(all.dependents, own.dependents),
    targets: stricter(all.targets, own.targets),
  };
}

/** How much is touched at once, and how much stands on it, against the stricter of runbook and policy. */
export const blastRadius: Guardrail = (facts) => {
  const { dependents: most, targets: touched } = blastLimits(facts.policy, facts.runbook);
  if (most === undefined && touched === undefined) return allow('the blast radius is not limited');
  const { relations } = facts;
  if (!relations.ok) return unknown('the blast radius', relations);
  const { dependents, members, truncated } = relations.value;
  if (truncated) return deny('more items are related to it than can be counted', { dependents: 'too many' });
  // the item and what it consists of
  const targets = members.length + 1;
  const seen = { dependents: String(dependents.length), targets: String(targets) };
  if (most !== undefined && dependents.length > most)
    return deny(`${dependents.length} items depend on it; at most ${most} may`, seen);
  if (touched !== undefined && targets > touched)
    return deny(`it consists of ${targets} items; a run may touch at most ${touched}`, seen);
  return allow(`${dependents.length} dependents, ${targets} touched`, seen);
};
