import { columnsOf, referenceOf, rootOf } from './dictionary.ts';
import { type Row, rowsOf, type State } from './state.ts';

type Test = (value: string) => boolean;
type Condition = { readonly field: string; readonly test: Test };
type Query = {
  /** Any group fits (^NQ); in a group all lines fit; in a line any condition fits (^OR). */
  readonly groups: readonly (readonly (readonly Condition[])[])[];
  readonly order: readonly { readonly field: string; readonly down: boolean }[];
};

const term =
  /^([a-z][a-z0-9_.]*)(!=|>=|<=|=|>|<|NOT IN|NOT LIKE|IN|LIKE|STARTSWITH|ENDSWITH|ISNOTEMPTY|ISEMPTY)(.*)$/s;

const operators: Readonly<Record<string, (operand: string) => Test>> = {
  '=': (operand) => (value) => value === operand,
  '!=': (operand) => (value) => value !== operand,
  '>': (operand) => (value) => value > operand,
  '<': (operand) => (value) => value < operand,
  '>=': (operand) => (value) => value >= operand,
  '<=': (operand) => (value) => value <= operand,
  IN: (operand) => (value) => operand.split(',').includes(value),
  'NOT IN': (operand) => (value) => !operand.split(',').includes(value),
  LIKE: (operand) => (value) => value.includes(operand),
  'NOT LIKE': (operand) => (value) => !value.includes(operand),
  STARTSWITH: (operand) => (value) => value.startsWith(operand),
  ENDSWITH: (operand) => (value) => value.endsWith(operand),
  ISEMPTY: () => (value) => value === '',
  ISNOTEMPTY: () => (value) => value !== '',
};

/** One condition; undefined when the field is unknown, which the real one ignores too. Text compares without case. */
function condition(text: string, known: (field: string) => boolean): Condition | undefined {
  const [, field, operator, operand] = term.exec(text) ?? [];
  if (field === undefined || operator === undefined || !known(field)) return undefined;
  const test = operators[operator]?.((operand ?? '').toLowerCase());
  return test && { field, test: (value) => test(value.toLowerCase()) };
}

function parse(encoded: string, known: (field: string) => boolean): Query {
  const pieces = encoded.split('^NQ').map((part) => part.split('^'));
  return {
    groups: pieces.map((group) => linesOf(group, known)),
    order: pieces.flat().flatMap((piece) => {
      const [, down, field] = ordering.exec(piece) ?? [];
      return field === undefined ? [] : [{ field, down: down !== undefined }];
    }),
  };
}

const ordering = /^ORDERBY(DESC)?([a-z][a-z0-9_]*)$/;

function linesOf(pieces: readonly string[], known: (field: string) => boolean): Condition[][] {
  const lines: Condition[][] = [];
  for (const piece of pieces.filter((text) => !ordering.test(text))) {
    const either = piece.startsWith('OR');
    const parsed = condition(either ? piece.slice(2) : piece, known);
    const last = lines.at(-1);
    if (parsed === undefined) continue;
    if (either && last !== undefined) last.push(parsed);
    else lines.push([parsed]);
  }
  return lines;
}

/** The value of a column, also through references (`assignment_group.name`). */
export function valueAt(state: State, table: string, row: Row, path: string): string {
  const [column = '', ...rest] = path.split('.');
  const value = row[column] ?? '';
  if (rest.length === 0) return value;
  const target = referenceOf(table, column);
  const next = target === undefined ? undefined : state.tables[target]?.[value];
  return target === undefined || next === undefined ? '' : valueAt(state, target, next, rest.join('.'));
}

/** The table the last column of a path belongs to; undefined when the path leads through a plain column. */
export function tableAt(table: string, path: string): string | undefined {
  const way = path.split('.').slice(0, -1);
  return way.reduce<string | undefined>(
    (at, column) => (at === undefined ? at : referenceOf(at, column)),
    table,
  );
}

/** The rows an encoded query selects, in its order. Parts it does not understand are ignored, as ServiceNow does. */
export function select(state: State, table: string, rows: readonly Row[], encoded: string): Row[] {
  const columns = new Set([
    ...columnsOf(table),
    ...rowsOf(state, rootOf(table)).flatMap((row) => Object.keys(row)),
  ]);
  const query = parse(encoded, (field) => columns.has(field.split('.')[0] ?? ''));
  const fits = (row: Row) =>
    query.groups.some((lines) =>
      lines.every((line) => line.some((c) => c.test(valueAt(state, table, row, c.field)))),
    );
  const compare = (a: Row, b: Row): number => {
    for (const { field, down } of query.order) {
      const [left, right] = [valueAt(state, table, a, field), valueAt(state, table, b, field)];
      if (left !== right) return left < right === down ? 1 : -1;
    }
    return 0;
  };
  return rows.filter(fits).toSorted(compare);
}
