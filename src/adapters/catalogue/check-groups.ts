import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, Path, ReadFile } from './read-yaml.ts';

/** A group that is named somewhere, and where. */
type Named = { readonly group: string; readonly path: Path };
const at = (group: string | undefined, ...path: Path): Named[] =>
  group === undefined ? [] : [{ group, path }];

/** Groups that a runbook or the policy names and that `groups` of the policy does not have. */
export function unknownGroups(runbooks: readonly ReadFile<Runbook>[], policy: ReadFile<Policy>): Fault[] {
  const known = Object.keys(policy.value.groups);
  const faults = (named: readonly Named[], { faultAt }: Pick<ReadFile<unknown>, 'faultAt'>): Fault[] =>
    named
      .filter(({ group }) => !known.includes(group))
      .map(({ group, path }) =>
        faultAt(path, `${group} is not in policy.yaml; known groups: ${known.join(', ') || 'none'}`),
      );
  return [
    ...runbooks.flatMap((runbook) => faults(groupsOfRunbook(runbook.value), runbook)),
    ...faults(groupsOfPolicy(policy.value), policy),
  ];
}

/** `escalate.group` is not among them: it is a group of ServiceNow. */
function groupsOfRunbook({ approval, requesters, rollback }: Runbook): Named[] {
  const undo = 'steps' in rollback ? (rollback.approval?.approvers ?? []) : [];
  return [
    ...at(approval.group, 'approval', 'group'),
    ...at(approval.escalate?.to, 'approval', 'escalate', 'to'),
    ...requesters.flatMap((group, n) => at(group, 'requesters', n)),
    ...undo.flatMap(({ group }, n) => at(group, 'rollback', 'approval', 'approvers', n, 'group')),
  ];
}

function groupsOfPolicy({ tiers, breakGlass, admins, delegation }: Policy): Named[] {
  return [
    ...tiers.flatMap(({ approvers, escalate }, n) => [
      ...approvers.flatMap(({ group }, m) => at(group, 'tiers', n, 'approvers', m, 'group')),
      ...at(escalate?.to, 'tiers', n, 'escalate', 'to'),
    ]),
    ...(breakGlass?.groups ?? []).flatMap((group, n) => at(group, 'breakGlass', 'groups', n)),
    ...at(breakGlass?.review.group, 'breakGlass', 'review', 'group'),
    ...at(admins, 'admins'),
    ...at(delegation?.to, 'delegation', 'to'),
  ];
}
