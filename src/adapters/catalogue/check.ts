import type { Policy } from '../../domain/policy.ts';
import type { LoadedRunbook, Runbook } from '../../domain/runbook.ts';

export type Fault = {
  readonly file: string;
  readonly line: number;
  readonly field: string;
  readonly message: string;
};

/** What no single file can know: groups and targets that exist only in the other one. */
export function inconsistencies(runbooks: ReadonlyMap<string, LoadedRunbook>, policy: Policy): Fault[] {
  const unknownRules = policy.autoApprovals.filter((rule) => !runbooks.has(rule.runbook));
  return [
    ...[...runbooks.values()].flatMap(({ runbook }) => runbookFaults(runbook, policy)),
    ...unknownRules.map((rule) =>
      fault('policy.yaml', 'autoApprovals', `there is no runbook ${rule.runbook}`),
    ),
  ];
}

const fault = (file: string, field: string, message: string): Fault => ({ file, line: 1, field, message });

function runbookFaults(runbook: Runbook, policy: Policy): Fault[] {
  const file = `${runbook.id}.yaml`;
  const groups = Object.keys(policy.groups);
  const strange = (group: string) => !groups.includes(group);
  const says = (group: string) =>
    `${group} is not in policy.yaml; known groups: ${groups.join(', ') || 'none'}`;
  const approvers = [runbook.approval.group].filter(strange);
  return [
    ...approvers.map((group) => fault(file, 'approval.group', says(group))),
    ...runbook.requesters.filter(strange).map((group) => fault(file, 'requesters', says(group))),
    ...targetsOf(runbook).flatMap((target) => targetFaults(runbook, target, policy)),
  ];
}

function targetFaults({ id }: Runbook, target: string, policy: Policy): Fault[] {
  const allowed = policy.targets[target]?.runbooks;
  if (allowed === undefined)
    return [fault(`${id}.yaml`, 'target', `${target} is not a target of policy.yaml`)];
  if (allowed.includes(id)) return [];
  return [fault(`${id}.yaml`, 'target', `policy.yaml does not let ${id} use ${target}`)];
}

function targetsOf(runbook: Runbook): string[] {
  const rollback = 'steps' in runbook.rollback ? runbook.rollback.steps : [];
  const steps = [...runbook.steps.diagnostics, ...runbook.steps.remediation, ...rollback];
  return [...new Set(steps.map((step) => step.target))];
}
