import { randomBytes } from 'node:crypto';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Clock, Written } from '../../ports.ts';
import {
  type Container,
  checkList,
  fields,
  type Item,
  type ListQuery,
  type Page,
  type StoredItem,
  toPage,
  type When,
} from './store.ts';

const columns = ['pk', 'id', 'k', ...fields, 'etag', 'ttl', 'expires', 'body'] as const;
const insert = (container: Container) =>
  `INSERT INTO ${container}(${columns.join(', ')}) VALUES(${columns.map(() => '?').join(', ')})`;
const changes = columns.slice(2).map((column) => `${column} = excluded.${column}`);
const upsert = `${insert('state')} ON CONFLICT(pk, id) DO UPDATE SET ${changes.join(', ')}`;
const live = '(expires IS NULL OR expires > ?)';

/** How many expired items one purge deletes. */
const purgeRows = 500;

/** What the statements below need: prepared statements, fresh etags and the time, ms. */
export type Rows = {
  readonly sql: (text: string) => StatementSync;
  readonly etag: () => string;
  readonly now: () => number;
};

export const rowsOf = (db: DatabaseSync, clock: Clock): Rows => ({
  sql: statements(db),
  etag: etags(),
  now: () => clock.now().getTime(),
});

/** Prepared statements, each made once. */
function statements(db: DatabaseSync): (text: string) => StatementSync {
  const made = new Map<string, StatementSync>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const statement = db.prepare(text);
    made.set(text, statement);
    return statement;
  };
}

/** Etags that no other process and no earlier version of an item ever had. */
function etags(): () => string {
  const mine = randomBytes(9).toString('base64url');
  let n = 0;
  return () => {
    n += 1;
    return `${mine}.${n}`;
  };
}

/** An item and the JSON text of its body. */
export type Text = readonly [item: Item, body: string];

function cellsOf([item, body]: Text, etag: string, now: number): SQLInputValue[] {
  const expires = item.ttl === undefined ? null : now + item.ttl * 1000;
  const found = fields.map((field) => item[field] ?? null);
  return [item.pk, item.id, item.k, ...found, etag, item.ttl ?? null, expires, body];
}

export function appendRows({ sql, etag, now }: Rows, items: readonly Text[]): 'stored' | 'exists' {
  const taken = sql('SELECT 1 FROM audit WHERE pk = ? AND id = ?');
  if (items.some(([item]) => taken.get(item.pk, item.id) !== undefined)) return 'exists';
  for (const item of items) sql(insert('audit')).run(...cellsOf(item, etag(), now()));
  return 'stored';
}

export function putRow(rows: Rows, text: Text, when: When): Written {
  const etag = rows.etag();
  const cells = cellsOf(text, etag, rows.now());
  if (when === 'new') {
    const { changes: made } = rows.sql(`${upsert} WHERE state.expires <= ?`).run(...cells, rows.now());
    return made === 1 ? { ok: true, etag } : { ok: false, why: 'exists' };
  }
  if (when !== 'any') {
    const [{ pk, id }] = text;
    const there = etagOf(rows, pk, id);
    if (there !== when.etag) return { ok: false, why: there === undefined ? 'gone' : 'changed' };
  }
  rows.sql(upsert).run(...cells);
  return { ok: true, etag };
}

export function removeRow(rows: Rows, pk: string, id: string, etag: string | undefined): boolean | 'changed' {
  const there = etagOf(rows, pk, id);
  if (there === undefined) return false;
  if (etag !== undefined && there !== etag) return 'changed';
  rows.sql('DELETE FROM state WHERE pk = ? AND id = ?').run(pk, id);
  return true;
}

function etagOf({ sql, now }: Rows, pk: string, id: string): SQLOutputValue | undefined {
  return sql(`SELECT etag FROM state WHERE pk = ? AND id = ? AND ${live}`).get(pk, id, now())?.['etag'];
}

/** Deletes expired items, a few at a time. Nobody has seen them since they expired. */
export function purgeRowsOf({ sql, now }: Rows): void {
  const expired = `SELECT rowid FROM state WHERE expires <= ? LIMIT ${purgeRows}`;
  sql(`DELETE FROM state WHERE rowid IN (${expired})`).run(now());
}

export function getRow(
  { sql, now }: Rows,
  container: Container,
  pk: string,
  id: string,
): StoredItem | undefined {
  const found = sql(`SELECT * FROM ${container} WHERE pk = ? AND id = ? AND ${live}`).get(pk, id, now());
  return found === undefined ? undefined : toStored(found);
}

export function listRows({ sql, now }: Rows, container: Container, query: ListQuery): Page {
  const { text, bound } = listStatement(container, query, now());
  return toPage(
    sql(text)
      .all(...bound)
      .map(toStored),
    query.limit,
  );
}

/** One page and the first item of the next. */
export function listStatement(
  container: Container,
  query: ListQuery,
  now: number,
): { readonly text: string; readonly bound: readonly SQLInputValue[] } {
  const terms = [live];
  const bound: SQLInputValue[] = [now];
  const add = (term: string, value: string) => {
    terms.push(term);
    bound.push(value);
  };
  const filters = checkList(query);
  const descending = query.order === 'desc';
  if (query.pk !== undefined) add('pk = ?', query.pk);
  for (const [field, value] of filters) add(`${field} = ?`, value);
  if (query.after !== undefined) add(descending ? 'k < ?' : 'k > ?', query.after);
  const order = descending ? 'DESC' : 'ASC';
  const text = `SELECT * FROM ${container} WHERE ${terms.join(' AND ')} ORDER BY k ${order} LIMIT ?`;
  return { text, bound: [...bound, query.limit + 1] };
}

const headers = ['pk', 'id', 'k', 'ttl', ...fields];

function toStored(cells: Record<string, SQLOutputValue>): StoredItem {
  const item: Record<string, unknown> = { body: JSON.parse(String(cells['body'])) };
  for (const name of headers) if (cells[name] !== null) item[name] = cells[name];
  return { item: item as Item, etag: String(cells['etag']) };
}
