import { RE2JS } from 're2js';
import type { Parameter, Value } from './parameter.ts';
import type { Scalar } from './runbook.ts';

/** A parameter that tickets and people give a value to. */
export type Asked = Exclude<Parameter, { type: 'secret' | 'owner' }>;
export const isAsked = (one: Parameter | undefined): one is Asked =>
  one !== undefined && one.type !== 'secret' && one.type !== 'owner';

/** What parts the names of a list that is written as one text. */
const between = /[\s,;]+/u;
/** Longer than any host name. */
const LONGEST_NAME = 253;
/** To Ansible these are not hosts but all of them. */
const everybody = ['all', 'ungrouped'];

/** A value as people read it. */
export const spellValue = (value: Value): string => (Array.isArray(value) ? value.join(', ') : String(value));

/** A value as a target gets it: names with nothing but commas between them, as Ansible writes hosts. */
export const scalarOf = (value: Value): Scalar => (Array.isArray(value) ? value.join(',') : value);

export const isSameValue = (a: Value | null | undefined, b: Value | null | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

type Parsed<T extends Value = Value> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** Parses one value, typed by a person or read from a column, against the runbook's schema. */
export function parseParameter(parameter: Asked, input: Value): Parsed {
  switch (parameter.type) {
    case 'list':
      return parseList(parameter, Array.isArray(input) ? input : String(input).split(between));
    case 'string':
      return parseString(parameter, String(input).trim());
    case 'integer':
      return parseInteger(parameter, input);
    case 'boolean': {
      const text = String(input).trim().toLowerCase();
      if (['true', 'yes', '1'].includes(text)) return { ok: true, value: true };
      if (['false', 'no', '0'].includes(text)) return { ok: true, value: false };
      return { ok: false, message: 'answer yes or no' };
    }
    case 'choice': {
      const text = String(input).trim();
      const choice = parameter.choices.find((c) => c.toLowerCase() === text.toLowerCase());
      return choice === undefined
        ? { ok: false, message: `choose one of ${parameter.choices.join(', ')}` }
        : { ok: true, value: choice };
    }
  }
}

/** Compiling one takes far longer than matching with it. There are as many as the runbooks have. */
const patterns = new Map<string, RE2JS>();

function wholly(pattern: string, text: string): boolean {
  const compiled = patterns.get(pattern) ?? RE2JS.compile(`^(?:${pattern})$`);
  patterns.set(pattern, compiled);
  return compiled.matcher(text).find();
}

function parseString(parameter: Extract<Parameter, { type: 'string' }>, text: string): Parsed<string> {
  if (text === '') return { ok: false, message: 'a value is needed' };
  if (text.length > parameter.maxLength)
    return { ok: false, message: `at most ${parameter.maxLength} characters` };
  // only the runbook may name a secret: a value from a ticket or a person never becomes a reference (invariant 8)
  if (text.startsWith('secret:')) return { ok: false, message: 'a value may not start with secret:' };
  if (/\p{Cc}/u.test(text)) return { ok: false, message: 'no control characters or line breaks' };
  if (parameter.pattern !== undefined && !wholly(parameter.pattern, text))
    return { ok: false, message: `must match ${parameter.pattern}` };
  return { ok: true, value: text };
}

function parseInteger(parameter: Extract<Parameter, { type: 'integer' }>, input: Value): Parsed<number> {
  const text = String(input).trim();
  if (!/^-?\d{1,15}$/.test(text)) return { ok: false, message: 'a whole number is needed' };
  const value = Number(text);
  if (parameter.min !== undefined && value < parameter.min)
    return { ok: false, message: `at least ${parameter.min}` };
  if (parameter.max !== undefined && value > parameter.max)
    return { ok: false, message: `at most ${parameter.max}` };
  return { ok: true, value };
}

type List = Extract<Parameter, { type: 'list' }>;

/** Each name once, in the order they were written: the first of a pool is changed first. */
function parseList(parameter: List, written: readonly string[]): Parsed<string[]> {
  const lower = written.map((name) => name.toLowerCase());
  const names = written.filter((name, n) => name !== '' && lower.indexOf(name.toLowerCase()) === n);
  const { min, max } = parameter;
  if (names.length < min) return { ok: false, message: min === 1 ? 'a value is needed' : `at least ${min}` };
  if (names.length > max) return { ok: false, message: `at most ${max}, these are ${names.length}` };
  const wrong = names.find((name) => !isName(parameter, name));
  if (wrong === undefined) return { ok: true, value: names };
  return { ok: false, message: `${shown(wrong)} is no name that fits ${parameter.pattern}` };
}

function isName({ pattern }: List, name: string): boolean {
  // blanks and commas part names at the targets, and `all` is every host of an inventory: none of them is one name
  if (name.length > LONGEST_NAME || between.test(name) || /[\p{Cc}:]/u.test(name)) return false;
  return !everybody.includes(name.toLowerCase()) && wholly(pattern, name);
}

const shown = (name: string): string => (name.length > 40 ? `${name.slice(0, 40)}…` : name);
