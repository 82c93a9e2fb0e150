import type { StateItem, StateStore } from '../../ports.ts';
import type { Item, Store, StoredItem } from './store.ts';

/** Sorts below every character a sort key is made of. */
const mark = '\u0001';

/**
 * The state container as its port. An item's sort key is unique within its kind only, so the stored one also carries
 * its name: a page never ends between two items that cannot be told apart.
 */
export function stateStore(store: Store): StateStore {
  return {
    async get(pk, id) {
      const found = await store.get('state', pk, id);
      return found === undefined ? undefined : toState(found);
    },
    put: (item, when) => store.put({ ...item, k: [item.k, item.pk, item.id].join(mark) }, when),
    remove: (pk, id, etag) => store.remove(pk, id, etag),
    async list(query) {
      const page = await store.list('state', query);
      return { ...page, items: page.items.map(toState) };
    },
  };
}

function toState({ item, etag }: StoredItem): { item: StateItem; etag: string } {
  const { phase: _, conversation: __, ...rest } = item as Item;
  return { item: { ...rest, k: rest.k.slice(0, rest.k.indexOf(mark)) }, etag };
}
