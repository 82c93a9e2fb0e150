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
  const groups = Object.keys(policy.groups);
  const known = `known groups: ${groups.join(', ') || 'none'}`;
  const faults: Fault[] = [];
  for (const { runbook } of runbooks.values()) {
    const at = (field: string, message: string) =>
      faults.push({ file: `${runbook.id}.yaml`, line: 1, field, message });
    if (!groups.includes(runbook.approval.group))
      at('approval.group', `${runbook.approval.group} is not in policy.yaml; ${known}`);
    for (const group of runbook.requesters)
      if (!groups.includes(group)) at('requesters', `${group} is not in policy.yaml; ${known}`);
    for (const target of targetsOf(runbook)) {
      const allowed = policy.targets[target]?.runbooks;
      if (allowed === undefined) at('target', `${target} is not among the targets of policy.yaml`);
      else if (!allowed.includes(runbook.id))
        at('target', `policy.yaml does not let ${runbook.id} use ${target}`);
    }
  }
  for (const rule of policy.autoApprovals)
    if (!runbooks.has(rule.runbook))
      faults.push({
        file: 'policy.yaml',
        line: 1,
        field: 'autoApprovals',
        message: `there is no runbook ${rule.runbook}`,
      });
  return faults;
}

function targetsOf(runbook: Runbook): string[] {
  const rollback = 'steps' in runbook.rollback ? runbook.rollback.steps : [];
  const steps = [...runbook.steps.diagnostics, ...runbook.steps.remediation, ...rollback];
  return [...new Set(steps.map((step) => step.target))];
}
