import type { Value } from './parameter.ts';
import { scalarOf } from './parameter-value.ts';
import type { Scalar } from './runbook.ts';

const placeholder = /\{([a-zA-Z_][a-zA-Z0-9_]*)\}/g;

/** The parameter names a text refers to as `{name}`. */
export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(placeholder)].map((match) => match[1] ?? '');

/** Replaces `{name}` by the parameter's value. A text that is exactly one placeholder keeps the value's type. */
export function fill(text: Scalar, parameters: Readonly<Record<string, Value>>): Scalar {
  if (typeof text !== 'string') return text;
  const whole = /^\{([a-zA-Z_][a-zA-Z0-9_]*)\}$/.exec(text)?.[1];
  if (whole !== undefined) return scalarOf(parameters[whole] ?? '');
  return text.replaceAll(placeholder, (_match, name: string) => String(scalarOf(parameters[name] ?? '')));
}
