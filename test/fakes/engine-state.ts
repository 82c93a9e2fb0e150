import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateItem, StateStore, Stored } from '../../src/ports.ts';

/** A state store of one file an item, so that it outlives a process. One writer at a time. */
export function fileState(dir: string): StateStore {
  mkdirSync(dir, { recursive: true });
  const file = (pk: string, id: string): string => join(dir, encodeURIComponent(`${pk}|${id}`));

  async function read(path: string): Promise<Stored | undefined> {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Stored;
    } catch {
      return undefined;
    }
  }

  async function put(item: StateItem, when: 'new' | 'any' | { readonly etag: string }) {
    const stored = await read(file(item.pk, item.id));
    if (when === 'new' && stored !== undefined) return { ok: false, why: 'exists' } as const;
    if (typeof when === 'object' && stored === undefined) return { ok: false, why: 'gone' } as const;
    if (typeof when === 'object' && stored?.etag !== when.etag) return { ok: false, why: 'changed' } as const;
    const etag = String(Number(stored?.etag ?? 0) + 1);
    await writeFile(file(item.pk, item.id), JSON.stringify({ item, etag }));
    return { ok: true, etag } as const;
  }

  return {
    get: (pk, id) => read(file(pk, id)),
    put,
    async remove(pk, id, etag) {
      const stored = await read(file(pk, id));
      if (stored === undefined) return false;
      if (etag !== undefined && stored.etag !== etag) return 'changed';
      await rm(file(pk, id), { force: true });
      return true;
    },
    async list({ where, limit }) {
      const all = await Promise.all((await readdir(dir)).map((name) => read(join(dir, name))));
      const fits = (item: StateItem): boolean =>
        Object.entries(where).every(([key, value]) => item[key as keyof StateItem] === value);
      return {
        items: all.filter((stored) => stored !== undefined && fits(stored.item)).slice(0, limit) as Stored[],
      };
    },
  };
}
