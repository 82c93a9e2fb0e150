import type { GuardrailLine } from './guardrail-line.ts';
import type { Evaluation } from './guardrails.ts';
import type { Policy } from './policy.ts';

/** What an evaluation means for the run: on, not now, no, or nobody can tell. */
export type Standing =
  | { readonly is: 'clear'; readonly lowRisk: boolean }
  /** `notBefore`: a window or freeze that is waited for. Without it, a limit or a stop that ends at no known time. */
  | {
      readonly is: 'waits';
      readonly reason: string;
      readonly stopped: boolean;
      readonly lowRisk: boolean;
      readonly notBefore?: string;
      readonly until?: string;
    }
  | { readonly is: 'denied'; readonly reason: string }
  | { readonly is: 'unknown'; readonly reason: string };

/** Guardrails that only say when, not whether. */
const calendar = ['change window', 'freeze'];
const capacity = ['stopped', 'concurrency', 'rate'];

/**
 * Reads an evaluation. `overridden` names guardrails that somebody has broken the glass for: their no does not count,
 * but one that cannot be read now is not the no that person saw.
 * A calendar is waited for no longer than the policy allows; an unknown fact is never waited for and never passed.
 */
export function standingOf(
  { lines }: Pick<Evaluation, 'lines'>,
  policy: Pick<Policy, 'scheduleWithin'>,
  now: Date,
  overridden: readonly string[] = [],
): Standing {
  const denied = lines.filter(
    (line) => line.effect === 'deny' && (line.unknown === true || !overridden.includes(line.guardrail)),
  );
  const others = lines.filter((line) => line.effect !== 'deny');
  const lowRisk = overridden.length === 0 && others.every((line) => line.effect === 'allow');
  const reason = denied.map((line) => line.reason).join('; ');
  if (denied.length === 0) return { is: 'clear', lowRisk };
  // what is not known decides nothing, and neither does what is for now only
  if (!denied.every((line) => line.unknown === true || isForNow(line, policy, now)))
    return { is: 'denied', reason };
  if (denied.some((line) => line.unknown)) return { is: 'unknown', reason };
  const notBefore = latest(denied.filter((line) => calendar.includes(line.guardrail)));
  const until = denied.every((line) => line.until !== undefined) ? latest(denied) : undefined;
  return {
    is: 'waits',
    reason,
    stopped: denied.some((line) => line.guardrail === 'stopped'),
    lowRisk,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(until === undefined ? {} : { until }),
  };
}

function isForNow(
  line: GuardrailLine,
  { scheduleWithin = 0 }: Pick<Policy, 'scheduleWithin'>,
  now: Date,
): boolean {
  if (capacity.includes(line.guardrail)) return true;
  if (!calendar.includes(line.guardrail) || line.until === undefined) return false;
  return Date.parse(line.until) - now.getTime() <= scheduleWithin;
}

/** For an ask: the closed window it is made for, if it is. */
export const opensAt = (standing: Standing): { readonly notBefore?: string } =>
  standing.is === 'waits' && standing.notBefore !== undefined ? { notBefore: standing.notBefore } : {};

/** A no that may be waited for under some policy; any other ends the run. */
export const mayPass = ({ guardrail, unknown, until }: GuardrailLine): boolean =>
  unknown !== true && (capacity.includes(guardrail) || (calendar.includes(guardrail) && until !== undefined));

const latest = (lines: readonly GuardrailLine[]): string | undefined =>
  lines
    .flatMap((line) => line.until ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
