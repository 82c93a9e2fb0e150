import { evaluated, type Scope } from './scripts.ts';

/** Reads a column of the row at hand, in lower case: text compares without case. */
type Read = (field: string) => string;
export type Test = (read: Read) => boolean;
/** How a condition with an operand is judged; `other` names a column to compare with. */
type Operator = (field: string, operand: string, scope: Scope) => Test;

/** Numbers compare as numbers, and times, which are text, as text. */
function compare(a: string, b: string): number {
  const number = /^-?\d{1,15}(\.\d+)?$/;
  if (number.test(a) && number.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : Number(a > b);
}

const against =
  (judge: (value: string, operand: string) => boolean): Operator =>
  (field, operand, scope) => {
    const other = evaluated(operand, scope).toLowerCase();
    return (read) => judge(read(field), other);
  };
const anyOf =
  (judge: (value: string, operands: readonly string[]) => boolean): Operator =>
  (field, operand, scope) => {
    const others = operand.split(',').map((one) => evaluated(one, scope).toLowerCase());
    return (read) => judge(read(field), others);
  };
/** `a@b`; with a label before them, `Today@a@b`. */
const within =
  (inside: boolean): Operator =>
  (field, operand, scope) => {
    const [first = '', last = ''] = operand
      .split('@')
      .slice(-2)
      .map((one) => evaluated(one, scope).toLowerCase());
    return (read) => {
      const value = read(field);
      return value !== '' && (compare(first, value) <= 0 && compare(value, last) <= 0) === inside;
    };
  };
const field =
  (judge: (value: string, other: string) => boolean): Operator =>
  (one, other) =>
  (read) =>
    judge(read(one), read(other));

const contains = against((value, operand) => value.includes(operand));
const without = against((value, operand) => !value.includes(operand));
const ends = against((value, operand) => value.endsWith(operand));
const empty = against((value) => value === '');

/** Operators by their text (docs: r_OpAvailableFiltersQueries; names as the servicenow.itsm collection sends them). */
const operators: Readonly<Record<string, Operator>> = {
  '=': against((value, operand) => value === operand),
  '!=': against((value, operand) => value !== operand),
  '>': against((value, operand) => value !== '' && compare(value, operand) > 0),
  '<': against((value, operand) => value !== '' && compare(value, operand) < 0),
  '>=': against((value, operand) => value !== '' && compare(value, operand) >= 0),
  '<=': against((value, operand) => value !== '' && compare(value, operand) <= 0),
  IN: anyOf((value, operands) => operands.includes(value)),
  'NOT IN': anyOf((value, operands) => !operands.includes(value)),
  LIKE: contains,
  '*': contains,
  'NOT LIKE': without,
  '!*': without,
  STARTSWITH: against((value, operand) => value.startsWith(operand)),
  ENDSWITH: ends,
  '%': ends,
  ISEMPTY: empty,
  EMPTYSTRING: empty,
  ISNOTEMPTY: against((value) => value !== ''),
  ANYTHING: against(() => true),
  BETWEEN: within(true),
  ON: within(true),
  NOTON: within(false),
  SAMEAS: field((value, other) => value === other),
  NSAMEAS: field((value, other) => value !== other),
  GT_FIELD: field((value, other) => compare(value, other) > 0),
  LT_FIELD: field((value, other) => compare(value, other) < 0),
};
const longestFirst = Object.keys(operators).toSorted((a, b) => b.length - a.length);
const escaped = longestFirst.map((name) => name.replaceAll('*', '\\*')).join('|');
const term = new RegExp(`^([a-z][a-z0-9_.]*)(${escaped})(.*)$`, 's');

/** One condition; undefined when its operator or field is unknown: the real one ignores it then. */
export function condition(text: string, scope: Scope, known: (field: string) => boolean): Test | undefined {
  const [, name, operator, operand = ''] = term.exec(text) ?? [];
  if (name === undefined || operator === undefined || !known(name)) return undefined;
  return operators[operator]?.(name, operand, scope);
}
