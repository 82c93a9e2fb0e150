import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { Written } from '../../ports.ts';

export type Container = 'audit' | 'state';

/** The only fields a list may filter on; both adapters index them. */
export const fields = [
  'kind',
  'status',
  'code',
  'ci',
  'incident',
  'runbook',
  'phase',
  'conversation',
] as const;
export type Field = (typeof fields)[number];

/** One stored item. `pk` and `id` name it, `k` is unique and sorts it, `body` is its content. */
export type Item = Partial<Readonly<Record<Field, string>>> & {
  readonly pk: string;
  readonly id: string;
  readonly k: string;
  readonly kind: string;
  /** Seconds until the item is gone; `state` only. */
  readonly ttl?: number;
  readonly body: Json;
};
export type StoredItem = { readonly item: Item; readonly etag: string };
export type When = 'new' | 'any' | { readonly etag: string };

export type ListQuery = {
  /** One partition only. */
  readonly pk?: string;
  readonly where?: Partial<Readonly<Record<Field, string>>>;
  readonly order?: 'asc' | 'desc';
  readonly limit: number;
  /** The `after` of the previous page. */
  readonly after?: string;
};
export type Page = { readonly items: readonly StoredItem[]; readonly after?: string };

/**
 * What both databases can do in the same way: operations on single items, and lists ordered and paged by `k`.
 * `audit` can only grow; `state` is replaced under its etag. Failures are AppError `store-unavailable`
 * (retryable, perhaps `maybeApplied`) and `store-refused`.
 */
export interface Store {
  /** Checks that the store can be used as it is configured. */
  ready(): Promise<void>;
  /**
   * Creates audit items in order. 'exists' when one of them is already there. SQLite writes all or none; Cosmos may
   * keep a prefix.
   */
  append(items: readonly Item[]): Promise<'stored' | 'exists'>;
  get(container: Container, pk: string, id: string): Promise<StoredItem | undefined>;
  put(item: Item, when: When): Promise<Written>;
  remove(pk: string, id: string, etag?: string): Promise<boolean | 'changed'>;
  list(container: Container, query: ListQuery): Promise<Page>;
  close(): Promise<void>;
}

/** Bytes of a body. Cosmos allows 2 MB an item, system properties and index fields included. */
const maxBytes = 1_900_000;
const maxLimit = 1000;
const known = new Set<string>(['pk', 'id', 'k', 'ttl', 'body', ...fields]);
/** Cosmos refuses / \ ? # in ids and advises ASCII. */
const idPattern = /^[A-Za-z0-9._~:@=;,+!$'()*-]{1,255}$/;

const refused = (what: string) =>
  new AppError({
    code: 'store-refused',
    message: `the store cannot keep this item: ${what}`,
    fix: 'This is a defect in Handrail: report it with this message.',
  });

function checkText(name: string, value: unknown, bytes: number): void {
  if (typeof value !== 'string') throw refused(`${name} is no text`);
  if (!value.isWellFormed()) throw refused(`${name} is not well-formed Unicode`);
  if (Buffer.byteLength(value) > bytes) throw refused(`${name} is longer than ${bytes} bytes`);
}

/** Checks an item before it is sent and answers its body as JSON text. Throws AppError `store-refused`. */
export function checkItem(container: Container, item: Item): string {
  for (const name of Object.keys(item)) if (!known.has(name)) throw refused(`unknown property ${name}`);
  if (!idPattern.test(item.id)) throw refused(`bad id ${JSON.stringify(item.id)?.slice(0, 80)}`);
  for (const name of ['pk', 'k', 'kind'] as const) if (!item[name]) throw refused(`${name} is empty`);
  checkText('pk', item.pk, 1000);
  checkText('k', item.k, 2500);
  for (const field of fields) if (item[field] !== undefined) checkText(field, item[field], 1000);
  checkTtl(container, item.ttl);
  const body = JSON.stringify(item.body);
  if (body === undefined) throw refused('it has no body');
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBytes) throw refused(`its body is ${bytes} bytes, the limit is ${maxBytes}`);
  return body;
}

function checkTtl(container: Container, ttl: number | undefined): void {
  if (ttl === undefined) return;
  if (container === 'audit') throw refused('audit items never expire');
  if (!Number.isInteger(ttl) || ttl < 1) throw refused('ttl is not a positive number of seconds');
}

/** Checks a list and answers its filters as pairs. Throws AppError `store-refused`. */
export function checkList(query: ListQuery): [Field, string][] {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > maxLimit)
    throw refused(`a list asks for 1 to ${maxLimit} items`);
  const filters: [Field, string][] = [];
  for (const [name, value] of Object.entries(query.where ?? {})) {
    const field = fields.find((one) => one === name);
    if (field === undefined) throw refused(`cannot filter on ${name}`);
    if (value !== undefined) filters.push([field, value]);
  }
  return filters;
}

/** Cuts a list that asked for one item more than its limit into a page with a cursor. */
export function toPage(rows: readonly StoredItem[], limit: number): Page {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, after: last.item.k } : { items };
}
