import type { GuardrailFacts } from '../facts.ts';
import { codeOf } from '../run.ts';
import { changeInUse } from './change-window.ts';
import { isUnderWay } from './changes.ts';
import { allow, ask, type Guardrail, unknown } from './verdict.ts';

/**
 * Somebody else is at work on the item: people judge whether both can go on. Another run of ours is no reason to ask:
 * only one run at a time has the item, so this one waits for it.
 */
export const conflict: Guardrail = (facts) => {
  const { changes, now } = facts;
  if (!changes.ok) return unknown('changes in progress', changes);
  const { holders } = facts;
  if (!holders.ok) return unknown('runs in progress', holders);
  const others = changes.value.filter((change) => isUnderWay(change, now) && !isOurs(change.number, facts));
  const numbers = others.map(({ number }) => number).join(', ');
  const { ci: run } = holders.value;
  const seen = { changes: numbers, run };
  const wait = run === '' ? [] : [`will wait for run ${codeOf(run)}`];
  if (others.length > 0)
    return ask([`change ${numbers} is being implemented on the item now`, ...wait].join('; '), seen);
  return allow(wait[0] ?? 'nothing else is in progress on the item', seen);
};

/** The change this run would be part of. */
const isOurs = (number: string, facts: GuardrailFacts): boolean => changeInUse(facts)?.number === number;
