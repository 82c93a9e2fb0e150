import type { Answer, Ask } from '../ops-api/loopback.ts';

/** A row of a list as it is shown. Filters see its fields, and those of related records in `summary_fields`. */
export type Row = Readonly<Record<string, unknown>> & { readonly id: number };
export type Model = {
  /** What messages call it, e.g. Job. */
  readonly name: string;
  /** Fields that must not be filtered by (prevent_search in AWX). */
  readonly hidden: readonly string[];
};

export const detail = (status: number, text: string): Answer => ({ status, json: { detail: text } });

/** Parameters that are no filters. */
const reserved = [
  'page',
  'page_size',
  'format',
  'order',
  'order_by',
  'limit',
  'count_disabled',
  'no_truncate',
];
const most = 200;
const usual = 25;

class BadFilter extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Test = (value: unknown) => boolean;

const equal = (have: unknown, want: string): boolean => {
  if (have === null || have === undefined) return ['none', 'null'].includes(want.toLowerCase());
  if (typeof have === 'boolean') return String(have) === want.toLowerCase() || String(Number(have)) === want;
  return String(have) === want;
};
/** Numbers and times compare as such. */
const order = (have: unknown, want: string): number => {
  const number = typeof have === 'number' ? have - Number(want) : Date.parse(String(have)) - Date.parse(want);
  return Number.isNaN(number) ? String(have).localeCompare(want) : number;
};
const lower = (value: unknown) => String(value).toLowerCase();

const lookups: Readonly<Record<string, (want: string) => Test>> = {
  exact: (want) => (have) => equal(have, want),
  iexact: (want) => (have) => lower(have) === want.toLowerCase(),
  contains: (want) => (have) => String(have).includes(want),
  icontains: (want) => (have) => lower(have).includes(want.toLowerCase()),
  startswith: (want) => (have) => String(have).startsWith(want),
  endswith: (want) => (have) => String(have).endsWith(want),
  gt: (want) => (have) => have !== null && order(have, want) > 0,
  gte: (want) => (have) => have !== null && order(have, want) >= 0,
  lt: (want) => (have) => have !== null && order(have, want) < 0,
  lte: (want) => (have) => have !== null && order(have, want) <= 0,
  in: (want) => (have) => want.split(',').some((one) => equal(have, one)),
  isnull: (want) => (have) => (have === null || have === undefined) === ['1', 'true'].includes(lower(want)),
};

/** The value of `a__b`: field b of the related record a, else field a. */
function fieldOf(row: Row, path: readonly string[]): unknown {
  const [field = '', inner] = path;
  const related = (
    row['summary_fields'] as Record<string, Record<string, unknown> | undefined> | undefined
  )?.[field];
  if (inner !== undefined) return related?.[inner];
  return Object.hasOwn(row, field) ? row[field] : related?.['id'];
}

function parse(model: Model, key: string, want: string, known: ReadonlySet<string>) {
  const parts = key.split('__');
  const either = parts[0] === 'or';
  if (either || parts[0] === 'chain') parts.shift();
  const negated = parts[0] === 'not';
  if (negated) parts.shift();
  const lookup = parts.length > 1 && Object.hasOwn(lookups, parts.at(-1) ?? '') ? parts.pop() : 'exact';
  const [field = ''] = parts;
  if (model.hidden.includes(field)) throw new BadFilter(403, `Filtering on ${field} is not allowed.`);
  if (!known.has(field)) throw new BadFilter(400, `${model.name} has no field named '${field}'`);
  const passes = lookups[lookup ?? 'exact']?.(want);
  if (passes === undefined) throw new BadFilter(400, `Unsupported lookup '${lookup}'`);
  return { either, test: (row: Row) => passes(fieldOf(row, parts)) !== negated };
}

/** The rows that a query asks for (django-ansible-base, rest_filters), newest id last unless it says otherwise. */
function select(
  model: Model,
  rows: readonly Row[],
  query: URLSearchParams,
  fields: readonly string[],
): Row[] {
  const known = new Set([...fields, 'id', 'type', ...Object.keys(rows[0] ?? {})]);
  for (const row of rows) for (const name of Object.keys(row['summary_fields'] ?? {})) known.add(name);
  const filters = [...query]
    .filter(([key]) => !reserved.includes(key))
    .map(([key, want]) => parse(model, key, want, known));
  const all = filters.filter(({ either }) => !either);
  const any = filters.filter(({ either }) => either);
  const found = rows.filter(
    (row) => all.every(({ test }) => test(row)) && (any.length === 0 || any.some(({ test }) => test(row))),
  );
  const by = query.get('order_by') ?? query.get('order') ?? 'id';
  const [field, sign] = by.startsWith('-') ? [by.slice(1), -1] : [by, 1];
  if (!known.has(field)) throw new BadFilter(400, `Cannot resolve keyword '${field}' into field.`);
  return found.sort((a, b) => sign * order(fieldOf(a, [field]), String(fieldOf(b, [field]))));
}

/**
 * Answers a list: filters, order, pages. `limit` takes the first rows without counting, where the resource has that.
 * `fields` are those a row would have, for filters on an empty list.
 */
export function list(
  model: Model,
  rows: readonly Row[],
  ask: Ask,
  fields: readonly string[],
  limited = false,
): Answer {
  try {
    const found = select(model, rows, ask.query, fields);
    const limit = Number(ask.query.get('limit'));
    if (limited && limit > 0) return { status: 200, json: { results: found.slice(0, limit) } };
    return page(found, ask);
  } catch (error) {
    if (error instanceof BadFilter) return detail(error.status, error.message);
    throw error;
  }
}

function page(rows: readonly Row[], ask: Ask): Answer {
  const size = Math.min(most, Number(ask.query.get('page_size')) || usual);
  const number = Number(ask.query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(rows.length / size));
  if (!Number.isInteger(number) || number < 1 || number > last) return detail(404, 'Invalid page.');
  const link = (n: number): string => {
    const query = new URLSearchParams(ask.query);
    query.set('page', String(n));
    if (query.has('page_size')) query.set('page_size', String(size));
    return `${ask.path}?${query}`;
  };
  return {
    status: 200,
    json: {
      count: rows.length,
      next: number < last ? link(number + 1) : null,
      previous: number > 1 ? link(number - 1) : null,
      results: rows.slice((number - 1) * size, number * size),
    },
  };
}
