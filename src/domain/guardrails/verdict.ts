import type { GuardrailFacts } from '../facts.ts';
import type { GuardrailLine } from '../guardrail-line.ts';

/** What one guardrail says: its line without its name. */
export type Verdict = Omit<GuardrailLine, 'guardrail'>;
export type Guardrail = (facts: GuardrailFacts) => Verdict;

export const allow = (reason: string, facts?: Verdict['facts']): Verdict => ({
  effect: 'allow',
  reason,
  ...(facts ? { facts } : {}),
});

export const ask = (reason: string, facts?: Verdict['facts']): Verdict => ({
  ...allow(reason, facts),
  effect: 'require-approval',
});

export const deny = (reason: string, facts?: Verdict['facts']): Verdict => ({
  ...allow(reason, facts),
  effect: 'deny',
});

/** A fact that is missing is never a pass. */
export const unknown = (what: string, why: string): Verdict => ({
  ...deny(`${what} could not be checked: ${why}`),
  unknown: true,
});
