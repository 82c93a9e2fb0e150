import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, Path, ReadFile } from './read-yaml.ts';

/** Targets that a runbook uses and the policy withholds, and limits for targets that nobody may use. */
export function targetFaults(runbooks: readonly ReadFile<Runbook>[], policy: ReadFile<Policy>): Fault[] {
  const known = Object.keys(policy.value.targets);
  return [
    ...runbooks.flatMap(({ value, faultAt }) =>
      targetsOf(value).flatMap(([target, path]) => {
        const why = withheld(value.id, target, policy.value);
        return why === undefined ? [] : [faultAt(path, why)];
      }),
    ),
    ...Object.keys(policy.value.limits.perTarget)
      .filter((target) => !known.includes(target))
      .map((target) => policy.faultAt(['limits', 'perTarget', target], notATarget(target, known))),
  ];
}

function withheld(id: string, target: string, { targets }: Policy): string | undefined {
  const allowed = Object.hasOwn(targets, target) ? targets[target]?.runbooks : undefined;
  if (allowed === undefined) return notATarget(target, Object.keys(targets));
  return allowed.includes(id) ? undefined : `policy.yaml does not let ${id} use ${target}`;
}

const notATarget = (target: string, known: readonly string[]): string =>
  `${target} is not a target of policy.yaml; known targets: ${known.join(', ') || 'none'}`;

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
