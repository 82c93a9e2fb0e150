import type { GuardrailFacts } from '../facts.ts';
import type { GuardrailLine } from '../guardrail-line.ts';

/** What one guardrail says: its line without its name. */
export type Verdict = Omit<GuardrailLine, 'guardrail'>;

/** Reads a fact only when the policy and the runbook make it matter: `needsOf` says which are fetched. */
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

/** No now, and expected to be yes from a moment on; without one nobody can tell. */
export const denyUntil = (until: Date | undefined, reason: string, facts?: Verdict['facts']): Verdict => ({
  ...deny(reason, facts),
  ...(until ? { until: until.toISOString() } : {}),
});

/** No now and not for long, until nobody knows when. */
export const denyForNow = (reason: string, facts?: Verdict['facts']): Verdict => ({
  ...deny(reason, facts),
  passing: true,
});

/** A fact that is missing is never a pass. */
export const unknown = (what: string, { why }: { readonly why: string }): Verdict => ({
  ...deny(`${what} could not be checked: ${why}`),
  unknown: true,
});

/** A moment in a sentence. Cards show `until` by the reader's own clock instead. */
export const utc = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
