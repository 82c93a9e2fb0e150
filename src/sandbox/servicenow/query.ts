import { columnsOf, referenceOf, rootOf } from './dictionary.ts';
import { condition, type Test } from './operators.ts';
import type { Scope } from './scripts.ts';
import { type Row, rowIn, rowsOf, type State } from './state.ts';

type Query = {
  /** Any group fits (^NQ); in a group all lines fit; in a line any condition fits (^OR). */
  readonly groups: readonly (readonly (readonly Test[])[])[];
  readonly order: readonly { readonly field: string; readonly down: boolean }[];
  /** Some part was not understood. */
  readonly flawed: boolean;
};
type Known = (field: string) => boolean;

const ordering = /^ORDERBY(DESC)?([a-z][a-z0-9_.]*)$/;
/** Ends a group, or says nothing. */
const filler = /^(EQ)?$/;

function parse(encoded: string, scope: Scope, known: Known): Query {
  const pieces = encoded.split('^NQ').map((part) => part.split('^').filter((piece) => !filler.test(piece)));
  const read = (piece: string) => condition(piece.replace(/^OR/, ''), scope, known);
  return {
    groups: pieces.map((group) => linesOf(group, read)),
    order: pieces.flat().flatMap((piece) => {
      const [, down, field] = ordering.exec(piece) ?? [];
      return field === undefined || !known(field) ? [] : [{ field, down: down !== undefined }];
    }),
    flawed: pieces.flat().some((piece) => !ordering.test(piece) && read(piece) === undefined),
  };
}

function linesOf(pieces: readonly string[], read: (piece: string) => Test | undefined): Test[][] {
  const lines: Test[][] = [];
  for (const piece of pieces.filter((text) => !ordering.test(text))) {
    const parsed = read(piece);
    const last = lines.at(-1);
    if (parsed === undefined) continue;
    if (piece.startsWith('OR') && last !== undefined) last.push(parsed);
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
  const next = target === undefined ? undefined : rowIn(state, target, value);
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

/** Columns a table has: those of the dictionary, and those its records use. */
export const knownColumns = (state: State, table: string): ReadonlySet<string> =>
  new Set([...columnsOf(table), ...rowsOf(state, rootOf(table)).flatMap((row) => Object.keys(row))]);

/** Nobody's, at no particular time: for queries that records hold. */
export const noScope: Scope = { userId: '', userName: '', now: new Date(0) };

/**
 * The rows an encoded query selects, in its order. Parts it does not understand are ignored, as ServiceNow does, unless
 * `strict` stands for glide.invalid_query.returns_no_rows.
 */
export function select(
  state: State,
  table: string,
  rows: readonly Row[],
  encoded: string,
  { scope, strict }: { readonly scope: Scope; readonly strict: boolean } = { scope: noScope, strict: false },
): Row[] {
  const columns = new Map<string, ReadonlySet<string>>();
  const known: Known = (path) => {
    const owner = tableAt(table, path);
    if (owner === undefined) return false;
    const own = columns.get(owner) ?? knownColumns(state, owner);
    columns.set(owner, own);
    return own.has(path.split('.').at(-1) ?? '');
  };
  const query = parse(encoded, scope, known);
  if (strict && query.flawed) return [];
  const fits = (row: Row) => {
    const read = (field: string) => valueAt(state, table, row, field).toLowerCase();
    return query.groups.some((lines) => lines.every((line) => line.some((test) => test(read))));
  };
  const compare = (a: Row, b: Row): number => {
    for (const { field, down } of query.order) {
      const [left, right] = [valueAt(state, table, a, field), valueAt(state, table, b, field)];
      if (left !== right) return left < right === down ? 1 : -1;
    }
    return 0;
  };
  return rows.filter(fits).toSorted(compare);
}
