import type { Policy } from '../policy.ts';
import { type Reach, reachOf } from '../reach.ts';
import { mostOf, type Portion } from '../rolling.ts';
import type { Runbook } from '../runbook.ts';
import { takesMembers } from '../values-now.ts';
import { allow, ask, deny, type Guardrail, unknown } from './verdict.ts';

type Limits = {
  readonly dependents: number | undefined;
  readonly targets: number | undefined;
  /** All hold: which is the stricter depends on the size of the pool. */
  readonly atOnce: readonly Portion[];
};

/** The stricter of runbook and policy; undefined when neither says anything. */
export function blastLimits({ blastRadius: all }: Policy, { blastRadius: own }: Runbook): Limits {
  const stricter = (a = Number.POSITIVE_INFINITY, b = Number.POSITIVE_INFINITY) => {
    const least = Math.min(a, b);
    return Number.isFinite(least) ? least : undefined;
  };
  return {
    dependents: stricter(all.dependents, own.dependents),
    targets: stricter(all.targets, own.targets),
    atOnce: [all.atOnce, own.atOnce].filter((one) => one !== undefined),
  };
}

export const isLimited = ({ dependents, targets, atOnce }: Limits): boolean =>
  dependents !== undefined || targets !== undefined || atOnce.length > 0;

/** How much is touched, how much of it at once, and how much stands on it, against the stricter of runbook and policy. */
export const blastRadius: Guardrail = (facts) => {
  const { policy, runbook } = facts;
  const limits = blastLimits(policy, runbook);
  // a pool that the CMDB names has to be known, limits or not
  if (!isLimited(limits) && !takesMembers(runbook)) return allow('the blast radius is not limited');
  const { relations } = facts;
  if (!relations.ok) return unknown('the blast radius', relations);
  const { dependents, members, truncated } = relations.value;
  if (truncated) return deny('more items are related to it than can be counted', { dependents: 'too many' });
  const reach = reachOf(runbook, facts.parameters);
  const touched = touchedBy(reach, members);
  const seen = {
    dependents: String(dependents.length),
    targets: String(touched),
    ...(reach.takes.length === 0 ? {} : { 'at once': String(atOnceIn(reach)) }),
  };
  const over =
    overDependents(limits, dependents.length) ??
    overTargets(limits, touched, reach) ??
    overAtOnce(limits, reach);
  if (over === undefined)
    return allow(`${dependents.length} dependents, ${spellTouched(touched, reach)}`, seen);
  const asked = policy.blastRadius.over === 'require-approval' && runbook.blastRadius.over !== 'deny';
  return asked ? ask(`${over}, so people have to approve it`, seen) : deny(over, seen);
};

/** The hosts that are named, and where a step names none, the item and what it consists of. */
function touchedBy(reach: Reach, members: readonly { readonly name: string }[]): number {
  if (!reach.item) return reach.hosts.length;
  const own = new Set(members.map(({ name }) => name.toLowerCase()));
  return members.length + 1 + reach.hosts.filter((host) => !own.has(host.toLowerCase())).length;
}

const atOnceIn = ({ takes }: Reach): number => Math.max(...takes.map(({ atOnce }) => atOnce));

function spellTouched(touched: number, reach: Reach): string {
  if (!reach.complete) return 'the hosts are not known yet';
  return reach.takes.length > 0 ? `${touched} touched, ${atOnceIn(reach)} at a time` : `${touched} touched`;
}

const overDependents = ({ dependents: most }: Limits, dependents: number): string | undefined =>
  most === undefined || dependents <= most
    ? undefined
    : `${dependents} items depend on it; at most ${most} may`;

function overTargets({ targets: most }: Limits, touched: number, reach: Reach): string | undefined {
  if (most === undefined || touched <= most) return undefined;
  const what = reach.takes.length > 0 ? `it touches ${touched} hosts` : `it consists of ${touched} items`;
  return `${what}; a run may touch at most ${most}`;
}

function overAtOnce({ atOnce }: Limits, { takes }: Reach): string | undefined {
  for (const { atOnce: taken, of } of takes) {
    const most = Math.min(...atOnce.map((portion) => mostOf(portion, of)));
    if (taken > most) return `it takes ${taken} of ${of} hosts at a time; at most ${most} may be`;
  }
  return undefined;
}
