import type { Storage, StoreItems } from 'botbuilder';
import type { Json } from '../../domain/json.ts';
import { sha256 } from '../../domain/json.ts';
import type { Clock, StateStore } from '../../ports.ts';
import type { Log } from './log.ts';

const keptSeconds = 86_400;

/**
 * Dialog state in our store. The SDK always asks for "last writer wins"; this remembers the etag of each object it
 * handed out, so that of two turns at once the first one wins. The loser's state is dropped: dialogs read the run
 * itself at every step, so nothing depends on it.
 */
export function dialogStorage(store: StateStore, clock: Clock, log: Log): Storage {
  const etags = new WeakMap<object, string>();
  const place = (key: string) => ({ pk: `dialog:${sha256(key)}`, id: 'state' });
  const write = async (key: string, value: object) => {
    const { pk, id } = place(key);
    const { eTag: _ignored, ...body }: { eTag?: unknown; [key: string]: unknown } = { ...value };
    const etag = etags.get(value);
    const k = `${clock.now().toISOString()}|${pk}`;
    const item = { pk, id, kind: 'dialog', k, ttl: keptSeconds, body: toJson(body) };
    const written = await store.put(item, etag === undefined ? 'new' : { etag });
    if (written.ok) etags.set(value, written.etag);
    else log({ level: 'info', message: `dialog state not kept: ${written.why}` });
  };
  return {
    async read(keys) {
      const found: StoreItems = {};
      for (const key of keys) {
        const { pk, id } = place(key);
        const stored = await store.get(pk, id);
        if (stored === undefined) continue;
        const value: object = JSON.parse(JSON.stringify(stored.item.body));
        etags.set(value, stored.etag);
        found[key] = value;
      }
      return found;
    },
    async write(changes) {
      for (const [key, value] of Object.entries(changes)) await write(key, value);
    },
    async delete(keys) {
      for (const key of keys) {
        const { pk, id } = place(key);
        await store.remove(pk, id);
      }
    },
  };
}

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));
