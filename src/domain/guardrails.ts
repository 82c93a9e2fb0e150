import type { GuardrailFacts } from './facts.ts';
import type { Effect, GuardrailLine } from './guardrail-line.ts';
import { approvers } from './guardrails/approvers.ts';
import { authorised } from './guardrails/authorised.ts';
import { blastRadius } from './guardrails/blast-radius.ts';
import { changeWindow } from './guardrails/change-window.ts';
import { ciStatus } from './guardrails/ci-status.ts';
import { concurrency } from './guardrails/concurrency.ts';
import { conflict } from './guardrails/conflict.ts';
import { cooldown } from './guardrails/cooldown.ts';
import { environment } from './guardrails/environment.ts';
import { flapping } from './guardrails/flapping.ts';
import { freeze } from './guardrails/freeze.ts';
import { incident } from './guardrails/incident.ts';
import { majorIncident } from './guardrails/major-incident.ts';
import { owner } from './guardrails/owner.ts';
import { watched } from './guardrails/provenance.ts';
import { rate } from './guardrails/rate.ts';
import { risk } from './guardrails/risk.ts';
import { stopped } from './guardrails/stopped.ts';
import type { Guardrail } from './guardrails/verdict.ts';

/** Every guardrail by name, in the order people read them. */
export const guardrails = {
  stopped,
  incident,
  environment,
  risk,
  owner,
  'ci status': ciStatus,
  'change window': changeWindow,
  freeze,
  conflict,
  'major incident': majorIncident,
  'blast radius': blastRadius,
  cooldown,
  flapping,
  concurrency,
  rate,
  authorised,
  approvers,
} as const satisfies Readonly<Record<string, Guardrail>>;

export type Evaluation = {
  readonly effect: Effect;
  readonly lines: GuardrailLine[];
  /** Denied only because something could not be read: worth asking again, never a pass. */
  readonly unknown: boolean;
};
const strictness: Readonly<Record<Effect, number>> = { allow: 0, 'require-approval': 1, deny: 2 };

/** Asks every guardrail; the strictest verdict wins. Each line says where what it rests on came from. */
export function evaluate(facts: GuardrailFacts): Evaluation {
  const lines = Object.entries(guardrails).map(([guardrail, judge]): GuardrailLine => {
    const looked = watched(facts);
    const verdict = judge(looked.facts);
    return { guardrail, ...verdict, ...looked.provenance() };
  });
  const effect = lines.reduce<Effect>(
    (worst, one) => (strictness[one.effect] > strictness[worst] ? one.effect : worst),
    'allow',
  );
  return {
    effect,
    lines,
    unknown: effect === 'deny' && denied(lines).every((line) => line.unknown === true),
  };
}

const denied = (lines: readonly GuardrailLine[]): GuardrailLine[] =>
  lines.filter((line) => line.effect === 'deny');

/** The reasons that forbid it, as one sentence. */
export const denials = ({ lines }: { readonly lines: readonly GuardrailLine[] }): string =>
  denied(lines)
    .map((line) => line.reason)
    .join('; ');
