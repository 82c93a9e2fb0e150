import { type Quorum, type Requirement, sizeAtLeast } from '../../domain/approval-rule.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';

/** A quorum that can never be reached, where it stands, and what to do. */
export type GroupFault = { readonly file: string; readonly field: string; readonly message: string };

type Demand = {
  readonly file: string;
  readonly field: string;
  readonly group: string;
  readonly quorum: Quorum;
};

/**
 * Quorums larger than their group, as the directory counts its members. `sizes` by the name the policy gives a group; a
 * group that is not in it is left out, because it could not be read. Lint cannot know this: it is asked at start.
 */
export function groupFaults(
  policy: Policy,
  runbooks: readonly Runbook[],
  sizes: ReadonlyMap<string, number>,
): GroupFault[] {
  return [...runbooks.flatMap(demandsOf), ...policyDemands(policy)].flatMap(
    ({ file, field, group, quorum }) => {
      const size = sizes.get(group);
      if (size === undefined || size >= sizeAtLeast(quorum)) return [];
      const has = size === 0 ? 'nobody' : size === 1 ? '1 member' : `${size} members`;
      const message = `asks for ${quorum} of ${group}, which has ${has}; lower the quorum or add members`;
      return [{ file, field, message }];
    },
  );
}

function demandsOf({ id, approval, rollback }: Runbook): Demand[] {
  const file = `${id}.yaml`;
  const undo = 'steps' in rollback ? (rollback.approval?.approvers ?? []) : [];
  return [
    { file, field: 'approval.quorum', group: approval.group, quorum: approval.quorum },
    ...(approval.escalate
      ? [{ file, field: 'approval.escalate.to', group: approval.escalate.to, quorum: 1 }]
      : []),
    ...requirements(file, 'rollback.approval.approvers', undo),
  ];
}

function policyDemands({ tiers, breakGlass }: Policy): Demand[] {
  const file = 'policy.yaml';
  const one = (field: string, group: string): Demand => ({ file, field, group, quorum: 1 });
  return [
    ...tiers.flatMap(({ approvers, escalate }, n) => [
      ...requirements(file, `tiers.${n}.approvers`, approvers),
      ...(escalate ? [one(`tiers.${n}.escalate.to`, escalate.to)] : []),
    ]),
    ...(breakGlass ? [one('breakGlass.review.group', breakGlass.review.group)] : []),
  ];
}

const requirements = (file: string, field: string, approvers: readonly Requirement[]): Demand[] =>
  approvers.map(({ group, quorum }, n) => ({ file, field: `${field}.${n}.quorum`, group, quorum }));
