import type { Policy } from '../../domain/policy.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, Path, ReadFile } from './read-yaml.ts';

/** What the policy says about runbooks and tiers that do not exist, tiers that can never fit, and rules that are over. */
export function policyFaults(
  runbooks: readonly ReadFile<Runbook>[],
  policy: ReadFile<Policy>,
  now: Date,
): Fault[] {
  return [
    ...unknownRunbooks(
      runbooks.map(({ value }) => value.id),
      policy,
    ),
    ...tierFaults(policy),
    ...ruleFaults(policy, now),
  ];
}

function unknownRunbooks(ids: readonly string[], { value: policy, faultAt }: ReadFile<Policy>): Fault[] {
  const known = ids.join(', ');
  const unknown = (id: string, path: Path): Fault[] =>
    ids.includes(id) ? [] : [faultAt(path, `there is no runbook ${id}; known: ${known}`)];
  return [
    ...policy.autoApprovals.flatMap((rule, n) => unknown(rule.runbook, ['autoApprovals', n, 'runbook'])),
    ...(policy.breakGlass?.runbooks ?? []).flatMap((id, n) => unknown(id, ['breakGlass', 'runbooks', n])),
    ...Object.entries(policy.targets).flatMap(([target, { runbooks }]) =>
      runbooks.flatMap((id, n) => unknown(id, ['targets', target, 'runbooks', n])),
    ),
  ];
}

function tierFaults({ value: { tiers }, faultAt }: ReadFile<Policy>): Fault[] {
  const last = tiers.length - 1;
  return tiers.flatMap(({ name, when }, n) => {
    const first = tiers.findIndex((tier) => tier.name === name);
    return [
      ...(first === n ? [] : [faultAt(['tiers', n, 'name'], `another tier is called ${name} already`)]),
      ...(when === undefined && n < last
        ? [
            faultAt(
              ['tiers', n],
              `${name} has no when, so no tier after it can ever fit; move it to the end or say when it fits`,
            ),
          ]
        : []),
      ...(when !== undefined && n === last
        ? [
            faultAt(
              ['tiers', n, 'when'],
              `the last tier takes what no other fits, so ${name} must have no when; add one after it, e.g. { name: low, effect: allow }`,
            ),
          ]
        : []),
    ];
  });
}

function ruleFaults({ value: policy, faultAt }: ReadFile<Policy>, now: Date): Fault[] {
  const known = policy.tiers.map(({ name }) => name);
  return policy.autoApprovals.flatMap(({ name, owner, until, tiers = [] }, n) => [
    ...tiers.flatMap((tier, m) =>
      known.includes(tier)
        ? []
        : [
            faultAt(
              ['autoApprovals', n, 'tiers', m],
              `there is no tier ${tier}; known: ${known.join(', ') || 'none'}`,
            ),
          ],
    ),
    ...(Date.parse(until) > now.getTime()
      ? []
      : [
          faultAt(
            ['autoApprovals', n, 'until'],
            `the rule "${name}" ended ${until}; remove it, or let its owner (${owner}) set a later end`,
          ),
        ]),
  ]);
}
