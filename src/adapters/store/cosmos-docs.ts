import type { Container as CosmosContainer, ItemDefinition, SqlQuerySpec } from '@azure/cosmos';
import type { Written } from '../../ports.ts';
import { cosmosFailure, statusOf } from './cosmos-errors.ts';
import { checkList, fields, type Item, type ListQuery, type StoredItem, type When } from './store.ts';

/**
 * An item as Cosmos holds it. `expires` is ours, ms: the service removes by its own clock, emulators not at all.
 * `write` marks the write that made this version, so that one whose answer was lost can be recognised.
 */
export type Doc = Item &
  ItemDefinition & { readonly expires?: number; readonly write: string; readonly _etag?: string };

const isExpired = (doc: Doc, now: number): boolean => doc.expires !== undefined && doc.expires <= now;
const ifMatch = (etag: string) => ({ accessCondition: { type: 'IfMatch', condition: etag } });

export async function getDoc(
  container: CosmosContainer,
  pk: string,
  id: string,
  now: number,
): Promise<Doc | undefined> {
  const { resource } = await container.item(id, pk).read<Doc>();
  return resource === undefined || isExpired(resource, now) ? undefined : resource;
}

export async function createAudit(audit: CosmosContainer, doc: Doc): Promise<'stored' | 'exists'> {
  try {
    await audit.items.create(doc);
    return 'stored';
  } catch (error) {
    if (statusOf(error) === 409) return 'exists';
    throw cosmosFailure(error, `append to ${doc.pk}`, true);
  }
}

export async function putDoc(state: CosmosContainer, doc: Doc, when: When, now: number): Promise<Written> {
  if (when === 'any') return { ok: true, etag: (await state.items.upsert(doc)).etag };
  return when === 'new' ? createDoc(state, doc, now) : replaceDoc(state, doc, when.etag);
}

/** An item that has expired but is still there counts as absent. */
async function createDoc(state: CosmosContainer, doc: Doc, now: number): Promise<Written> {
  try {
    return { ok: true, etag: (await state.items.create(doc)).etag };
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
  const { resource: there } = await state.item(doc.id, doc.pk).read<Doc>();
  if (there?._etag === undefined || !isExpired(there, now)) return { ok: false, why: 'exists' };
  const replaced = await replaceDoc(state, doc, there._etag);
  return replaced.ok ? replaced : { ok: false, why: 'exists' };
}

async function replaceDoc(state: CosmosContainer, doc: Doc, etag: string): Promise<Written> {
  try {
    return { ok: true, etag: (await state.item(doc.id, doc.pk).replace(doc, ifMatch(etag))).etag };
  } catch (error) {
    if (statusOf(error) === 412) return { ok: false, why: 'changed' };
    if (statusOf(error) === 404) return { ok: false, why: 'gone' };
    throw error;
  }
}

export async function removeDoc(
  state: CosmosContainer,
  pk: string,
  id: string,
  etag: string | undefined,
): Promise<boolean | 'changed'> {
  try {
    await state.item(id, pk).delete(etag === undefined ? {} : ifMatch(etag));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    if (statusOf(error) === 412) return 'changed';
    throw error;
  }
}

export function toStored(doc: Doc): StoredItem {
  const names = ['pk', 'id', 'k', 'ttl', ...fields] as const;
  const header = Object.fromEntries(names.flatMap((name) => (name in doc ? [[name, doc[name]]] : [])));
  return { item: { ...(header as Omit<Item, 'body'>), body: doc.body }, etag: String(doc._etag) };
}

/** The partition is named in the text too: emulators ignore the option. */
export function listSql(query: ListQuery, now: number): SqlQuerySpec {
  const terms = ['(NOT IS_DEFINED(c.expires) OR c.expires > @now)'];
  const parameters: { name: string; value: string | number }[] = [{ name: '@now', value: now }];
  const add = (term: string, name: string, value: string) => {
    terms.push(`${term} ${name}`);
    parameters.push({ name, value });
  };
  const filters = checkList(query);
  const descending = query.order === 'desc';
  if (query.pk !== undefined) add('c.pk =', '@pk', query.pk);
  for (const [field, value] of filters) add(`c.${field} =`, `@${field}`, value);
  if (query.after !== undefined) add(descending ? 'c.k <' : 'c.k >', '@after', query.after);
  const order = descending ? 'DESC' : 'ASC';
  const text = `SELECT TOP ${query.limit + 1} * FROM c WHERE ${terms.join(' AND ')} ORDER BY c.k ${order}`;
  return { query: text, parameters };
}
