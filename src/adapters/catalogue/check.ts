import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, Path, ReadFile } from './read-yaml.ts';

/** What no single file can know: groups, targets and runbooks that exist only in another one. */
export function inconsistencies(
  runbooks: readonly ReadFile<Runbook>[],
  { value: policy, faultAt }: ReadFile<Policy>,
  _now: Date,
): Fault[] {
  const ids = runbooks.map(({ value }) => value.id);
  const known = ids.join(', ');
  const unknown = (id: string, path: Path): Fault[] =>
    ids.includes(id) ? [] : [faultAt(path, `there is no runbook ${id}; known: ${known}`)];
  return [
    ...runbooks.flatMap((runbook) => runbookFaults(runbook, policy)),
    ...policy.autoApprovals.flatMap((rule, n) => unknown(rule.runbook, ['autoApprovals', n, 'runbook'])),
    ...Object.entries(policy.targets).flatMap(([target, { runbooks: allowed }]) =>
      allowed.flatMap((id, n) => unknown(id, ['targets', target, 'runbooks', n])),
    ),
  ];
}

function runbookFaults({ value: runbook, faultAt }: ReadFile<Runbook>, policy: Policy): Fault[] {
  const groups = Object.keys(policy.groups);
  const group = (name: string, path: Path): Fault[] =>
    groups.includes(name)
      ? []
      : [faultAt(path, `${name} is not in policy.yaml; known groups: ${groups.join(', ') || 'none'}`)];
  return [
    ...group(runbook.approval.group, ['approval', 'group']),
    ...runbook.requesters.flatMap((name, n) => group(name, ['requesters', n])),
    ...targetsOf(runbook).flatMap(([target, path]) => {
      const why = targetFault(runbook.id, target, policy);
      return why === undefined ? [] : [faultAt(path, why)];
    }),
  ];
}

function targetFault(id: string, target: string, { targets }: Policy): string | undefined {
  const allowed = Object.hasOwn(targets, target) ? targets[target]?.runbooks : undefined;
  if (allowed === undefined)
    return `${target} is not a target of policy.yaml; known targets: ${Object.keys(targets).join(', ') || 'none'}`;
  return allowed.includes(id) ? undefined : `policy.yaml does not let ${id} use ${target}`;
}

function targetsOf({ steps, rollback }: Runbook): [string, Path][] {
  const undo = 'steps' in rollback ? rollback.steps : [];
  return [
    ...steps.diagnostics.map(({ target }, n): [string, Path] => [
      target,
      ['steps', 'diagnostics', n, 'target'],
    ]),
    ...steps.remediation.map(({ target }, n): [string, Path] => [
      target,
      ['steps', 'remediation', n, 'target'],
    ]),
    ...undo.map(({ target }, n): [string, Path] => [target, ['rollback', 'steps', n, 'target']]),
  ];
}
