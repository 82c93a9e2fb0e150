import { AppError } from '../../domain/errors.ts';
import type { Client, Page } from './client.ts';
import { wrongRows } from './failures.ts';
import { Many, One, type Row } from './schema.ts';

const raw = { sysparm_display_value: 'false', sysparm_exclude_reference_link: 'true' };
const pageSize = 200;
const mostPages = 100;

/** One record by sys_id; undefined when it does not exist or may not be read (ServiceNow does not tell which). */
export async function readOne(
  client: Client,
  table: string,
  sysId: string,
  columns: readonly string[],
): Promise<Row | undefined> {
  const what = `GET ${table}`;
  const query = { ...raw, sysparm_fields: [...new Set(['sys_id', ...columns])].join(',') };
  const page = await client.get(what, `/api/now/table/${table}/${sysId}`, query, [404]);
  if (page === undefined) return undefined;
  const row = client.parse(what, One, page.body).result;
  if (row['sys_id'] !== sysId) throw wrongRows(what);
  return row;
}

export type List = {
  readonly path: string;
  /** Encoded query, built of constants, sys_ids and ticket numbers only. */
  readonly query: string;
  readonly columns: readonly string[];
  /** What every row must say. ServiceNow ignores query parts it does not understand, so each row is judged again. */
  readonly fits: Readonly<Record<string, string | ReadonlySet<string>>>;
  readonly most: number;
};

/**
 * All rows of a query, page by page. Throws `itsm-refused` when a row is not what was asked for, or there are more than
 * `most`. A short or even empty page is not the last one: ServiceNow applies access rules after the limit.
 */
export async function readAll(client: Client, list: List): Promise<Row[]> {
  const { rows, more } = await readUpTo(client, list);
  if (more) throw tooMany(list);
  return rows;
}

/** The first `most` rows of a query, and whether there are more. Errors as for `readAll`, but for their number. */
export async function readUpTo(
  client: Client,
  list: List,
): Promise<{ readonly rows: Row[]; readonly more: boolean }> {
  const rows = new Map<string, Row>();
  // Version 1 of the API says "no rows" with a 404.
  for await (const page of pagesOf(client, list, [404])) {
    for (const [sysId, row] of page) rows.set(sysId, row);
    if (rows.size > list.most) return { rows: [...rows.values()].slice(0, list.most), more: true };
  }
  return { rows: [...rows.values()], more: false };
}

/** So many sys_ids fit into one query: an address of more than about 2,000 characters is refused on its way. */
const idsPerQuery = 40;
const queriesAtOnce = 4;

/** Reads about many sys_ids: as many in one query as fit, a few queries at a time. Answers in the order of the sys_ids. */
export async function inPortions<T>(
  sysIds: readonly string[],
  read: (portion: readonly string[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (let n = 0; n < sysIds.length; n += idsPerQuery * queriesAtOnce) {
    const starts = Array.from({ length: queriesAtOnce }, (_, k) => n + k * idsPerQuery);
    const portions = starts.map((start) => sysIds.slice(start, start + idsPerQuery));
    const answers = await Promise.all(
      portions.filter((portion) => portion.length > 0).map((portion) => read(portion)),
    );
    found.push(...answers.flat());
  }
  return found;
}

/** The first rows of a query, at most about `most`; undefined when the table may not be read at all. */
export async function readFirst(client: Client, list: List): Promise<Row[] | undefined> {
  let rows: Map<string, Row> | undefined;
  for await (const page of pagesOf(client, list, [403, 404])) {
    rows = new Map([...(rows ?? []), ...page]);
    if (rows.size >= list.most) break;
  }
  return rows && [...rows.values()];
}

type Rows = {
  readonly rows: readonly (readonly [string, Row])[];
  readonly next: number | undefined;
};

/** Ends at an absent page; there is none at all when the first one is absent. */
async function* pagesOf(client: Client, list: List, absent: readonly number[]): AsyncGenerator<Rows['rows']> {
  let offset: number | undefined = 0;
  for (let pages = 0; offset !== undefined; pages += 1) {
    if (pages >= mostPages) throw tooMany(list);
    const page: Rows | undefined = await readPage(client, list, offset, absent);
    if (page === undefined) return;
    yield page.rows;
    offset = page.next;
  }
}

const nameOf = (list: List): string => `GET ${list.path.split('/').at(-1) ?? list.path}`;

async function readPage(
  client: Client,
  list: List,
  offset: number,
  absent: readonly number[],
): Promise<Rows | undefined> {
  const what = nameOf(list);
  const query = {
    ...raw,
    sysparm_query: list.query,
    sysparm_fields: [...new Set(['sys_id', ...Object.keys(list.fits), ...list.columns])].join(','),
    sysparm_limit: String(pageSize),
    sysparm_offset: String(offset),
  };
  const page = await client.get(what, list.path, query, absent);
  if (page === undefined) return undefined;
  const found = client.parse(what, Many, page.body).result;
  return {
    rows: found.map((row) => [checked(what, list, row), row] as const),
    next: nextOffset(what, page, offset),
  };
}

/** The sys_id of a row that is what was asked for. */
function checked(what: string, list: List, row: Row): string {
  const fits = Object.entries(list.fits).every(([column, wanted]) =>
    typeof wanted === 'string' ? row[column] === wanted : wanted.has(row[column] ?? ''),
  );
  const sysId = row['sys_id'] ?? '';
  if (!fits || sysId === '') throw wrongRows(what);
  return sysId;
}

/**
 * Where the next page starts. Of the Link only the offset is taken: its host may be another one, and would be given
 * our credentials. How many rows came says nothing: access rules are applied after the limit. Without any header nobody
 * can tell whether there is more.
 */
function nextOffset(what: string, page: Page, offset: number): number | undefined {
  const link = page.headers.get('link');
  const total = Number(/^\d+$/.exec(page.headers.get('x-total-count') ?? '') ?? Number.NaN);
  const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1];
  if (next !== undefined) {
    const at = Number(/[?&]sysparm_offset=(\d+)/.exec(next)?.[1] ?? Number.NaN);
    if (at > offset) return at;
    throw unpaged(what);
  }
  if (link === undefined && Number.isNaN(total)) throw unpaged(what);
  return offset + pageSize < total ? offset + pageSize : undefined;
}

const unpaged = (what: string): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `${what}: the answer does not say whether there are more records`,
    fix: 'Let the headers Link and X-Total-Count of ServiceNow through whatever stands between it and Handrail.',
  });

const tooMany = (list: List): AppError =>
  new AppError({
    code: 'itsm-refused',
    message: `${nameOf(list)}: more than ${list.most} records`,
    fix: 'Archive old records of this configuration item in ServiceNow; Handrail does not decide on a part of them.',
  });
