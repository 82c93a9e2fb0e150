import type { ApprovalTerms } from '../../domain/approval-rule.ts';
import { spell } from '../../domain/duration.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Tier } from '../../domain/risk.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { Fault, Path, ReadFile } from './read-yaml.ts';

/** Reminders and escalations that would come when the time to decide is over already. */
export function timeFaults(runbooks: readonly ReadFile<Runbook>[], policy: ReadFile<Policy>): Fault[] {
  return [
    ...runbooks.flatMap(({ value, faultAt }) =>
      tooLate(value.approval, value.approval.expires).map(({ field, message }) =>
        faultAt(['approval', ...field], message),
      ),
    ),
    ...policy.value.tiers.flatMap((tier, n) => tierFaults(tier, n, runbooks, policy)),
  ];
}

type TooLate = { readonly field: Path; readonly message: string };

/** What of these terms comes no earlier than the end; both times in ms. */
function tooLate({ remind, escalate }: ApprovalTerms, expires: number, why = ''): TooLate[] {
  const end = `the time to decide ends after ${spell(expires)}${why}; choose a shorter time here or a later end`;
  return [
    ...(remind !== undefined && remind >= expires
      ? [{ field: ['remind'], message: `the first reminder would come after ${spell(remind)}, but ${end}` }]
      : []),
    ...(escalate !== undefined && escalate.after >= expires
      ? [
          {
            field: ['escalate', 'after'],
            message: `${escalate.to} would be asked after ${spell(escalate.after)}, but ${end}`,
          },
        ]
      : []),
  ];
}

/** A tier and a runbook are taken together: the shorter of both times to decide counts. */
function tierFaults(
  tier: Tier,
  n: number,
  runbooks: readonly ReadFile<Runbook>[],
  { faultAt }: ReadFile<Policy>,
): Fault[] {
  const { expires } = tier;
  const own = expires === undefined ? [] : tooLate(tier, expires);
  const together = runbooks.flatMap(({ value: { id, approval } }) => [
    ...(expires === undefined || expires > approval.expires
      ? tooLate(tier, approval.expires, ` in ${id}`)
      : []),
    // what the runbook asks for would silently not happen in this tier
    ...(expires !== undefined && expires < approval.expires
      ? tooLate(approval, expires)
          .filter(({ field: [what] }) => tier[what === 'remind' ? 'remind' : 'escalate'] === undefined)
          .map(({ field, message }) => ({
            field: ['expires'],
            message: `too short for approval.${field.join('.')} of ${id}: ${message}`,
          }))
      : []),
  ]);
  return [...own, ...together].map(({ field, message }) => faultAt(['tiers', n, ...field], message));
}
