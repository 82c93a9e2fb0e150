import type { GuardrailFacts } from '../facts.ts';
import type { Change } from '../incident.ts';
import { codeOf } from '../run.ts';
import { changeInUse } from './change-window.ts';
import { isUnderWay } from './changes.ts';
import { allow, ask, type Guardrail, unknown } from './verdict.ts';

/**
 * Somebody else is at work on the item, or ServiceNow found that the change this run would be part of is in conflict:
 * people judge whether both can go on. Another run of ours is no reason to ask: only one run at a time has the item, so
 * this one waits for it.
 */
export const conflict: Guardrail = (facts) => {
  const { changes } = facts;
  if (!changes.ok) return unknown('changes in progress', changes);
  const { holders } = facts;
  if (!holders.ok) return unknown('runs in progress', holders);
  const ours = changeInUse(facts);
  const others = othersUnderWay(changes.value, ours, facts);
  const clashes = ours?.conflicts ?? [];
  const { ci: run } = holders.value;
  const seen = {
    changes: others,
    run,
    ...(clashes.length > 0 ? { conflicts: clashes.join(', ') } : {}),
  };
  const reasons = [
    ...(others === '' ? [] : [`change ${others} is being implemented on the item now`]),
    ...(ours && clashes.length > 0
      ? [`change ${ours.number}, which opens the item, has conflicts: ${clashes.join(', ')}`]
      : []),
  ];
  const wait = run === '' ? [] : [`will wait for run ${codeOf(run)}`];
  if (reasons.length > 0) return ask([...reasons, ...wait].join('; '), seen);
  return allow(wait[0] ?? 'nothing else is in progress on the item', seen);
};

/** The numbers of the changes that somebody else carries out now. */
const othersUnderWay = (
  changes: readonly Change[],
  ours: Change | undefined,
  { now }: GuardrailFacts,
): string =>
  changes
    .filter((change) => isUnderWay(change, now) && change.number !== ours?.number)
    .map(({ number }) => number)
    .join(', ');
