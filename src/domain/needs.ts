import { needsMembers } from './guardrails/approvers.ts';
import { blastLimits, isLimited } from './guardrails/blast-radius.ts';
import { isOwned } from './ownership.ts';
import type { Policy } from './policy.ts';
import type { Runbook } from './runbook.ts';
import { takesMembers } from './values-now.ts';

/** The facts that cost a question and that not every policy asks. All others of `World` are always needed. */
export type Needs = {
  /** Also when only major incidents count: they are looked for on what depends on the item as well. */
  readonly relations: boolean;
  readonly majorIncidents: boolean;
  readonly schedule: boolean;
  readonly onCall: boolean;
  readonly history: boolean;
  readonly lastHour: boolean;
  readonly holders: boolean;
  /** The groups whose members are counted; none when one person of each is enough. */
  readonly members: readonly string[];
  readonly authors: boolean;
  readonly owner: boolean;
};

/** What the guardrails and `judgeTier` may look at under this policy, whatever the world is like. */
export function needsOf(policy: Policy, runbook: Runbook): Needs {
  const majorIncidents = policy.majorIncident !== 'allow';
  const { perHour, perRunbookPerHour } = policy.limits;
  const undo = 'steps' in runbook.rollback ? (runbook.rollback.approval?.approvers ?? []) : [];
  const approvals = [runbook.approval, ...policy.tiers.flatMap((tier) => tier.approvers), ...undo];
  return {
    relations:
      majorIncidents ||
      tiersNeedRelations(policy) ||
      isLimited(blastLimits(policy, runbook)) ||
      takesMembers(runbook),
    majorIncidents,
    schedule: policy.servicenowSchedules,
    // somebody who is in none of the groups may be on call for one of them
    onCall: true,
    history: runbook.cooldown > 0 || policy.flapping !== undefined,
    lastHour: perHour !== undefined || perRunbookPerHour !== undefined,
    // another run at work on the item is always worth saying
    holders: true,
    members: [...new Set(approvals.filter(({ quorum }) => needsMembers(quorum)).map(({ group }) => group))],
    authors: [runbook.approval, ...policy.tiers].some(({ notAuthor }) => notAuthor === true),
    owner: isOwned(runbook),
  };
}

const tiersNeedRelations = ({ tiers }: Policy): boolean =>
  tiers
    .flatMap(({ when = [] }) => when)
    .some(({ dependents, criticality }) => dependents !== undefined || criticality !== undefined);
