import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { unknownGroups } from './check-groups.ts';
import { narrowFaults } from './check-narrow.ts';
import { policyFaults } from './check-policy.ts';
import { targetFaults } from './check-targets.ts';
import { timeFaults } from './check-times.ts';
import type { Fault, ReadFile } from './read-yaml.ts';

/**
 * What no single file and no schema can know: groups, targets, tiers and runbooks that exist only in another file or
 * another place, times that contradict each other, and what is over `now`.
 */
export function inconsistencies(
  runbooks: readonly ReadFile<Runbook>[],
  policy: ReadFile<Policy>,
  now: Date,
): Fault[] {
  return [
    ...unknownGroups(runbooks, policy),
    ...targetFaults(runbooks, policy),
    ...runbooks.flatMap(narrowFaults),
    ...policyFaults(runbooks, policy, now),
    ...timeFaults(runbooks, policy),
  ];
}
