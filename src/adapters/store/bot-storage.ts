import { AppError } from '../../domain/errors.ts';
import { type Json, sha256 } from '../../domain/json.ts';
import type { StateStore } from '../../ports.ts';

/** The Storage of botbuilder-core 4.23 (src/storage.ts), by its shape. */
export type BotStorage = {
  read(keys: string[]): Promise<Record<string, unknown>>;
  write(changes: Record<string, unknown>): Promise<void>;
  delete(keys: string[]): Promise<void>;
};

type BotState = { eTag?: string; [name: string]: unknown };

/**
 * Dialog and conversation state with optimistic concurrency. BotState always writes eTag '*', so the real etag is
 * remembered for each object handed out by `read`, which is the object later given to `write`. An object nobody read
 * is only created, never written over a stored one; an empty one (BotState.clear) overwrites.
 * A lost race is an AppError for which `isBotStateConflict` is true: load again and run the turn again.
 * @param ttl seconds until state that is not written to is gone
 */
export function botStorage(state: StateStore, { ttl }: { readonly ttl: number }): BotStorage {
  const etags = new WeakMap<object, string>();

  async function readOne(key: string): Promise<[string, unknown][]> {
    const found = await state.get(partition(key), botStateId(key));
    if (found === undefined) return [];
    const value: BotState = { ...contentOf(found.item.body), eTag: found.etag };
    etags.set(value, found.etag);
    return [[key, value]];
  }

  async function writeOne(key: string, value: BotState): Promise<void> {
    const { eTag, ...content } = value;
    const known = eTag === undefined || eTag === '*' ? etags.get(value) : eTag;
    const blank = Object.keys(content).length === 0 ? 'any' : 'new';
    const id = botStateId(key);
    const body = { key, content: JSON.parse(JSON.stringify(content)) as Json };
    const item = { pk: partition(key), id, kind: 'bot-state', k: id, ttl, body };
    const written = await state.put(item, known === undefined ? blank : { etag: known });
    if (!written.ok) throw conflict(key, written.why);
    etags.set(value, written.etag);
  }

  return {
    async read(keys) {
      return Object.fromEntries((await Promise.all(keys.map(readOne))).flat());
    },
    async write(changes) {
      for (const [key, value] of Object.entries(changes)) await writeOne(key, value as BotState);
    },
    async delete(keys) {
      for (const key of keys) await state.remove(partition(key), botStateId(key));
    },
  };
}

const partition = (key: string) => `bot:${botStateId(key)}`;

/** A store id for any key: no two keys share one. '~' escapes, so an escaped key never starts with '~~'. */
export function botStateId(key: string): string {
  const escaped = key.replace(/[^A-Za-z0-9._:@=;,+!$-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `~${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return escaped.length > 200 || escaped === '' ? `~~${sha256(key)}` : escaped;
}

function contentOf(body: Json): object {
  const { content } = body as { readonly content: object };
  return content;
}

const conflict = (key: string, why: string) =>
  new AppError({
    code: 'store-refused',
    message: `bot state ${key} was changed by another turn (${why})`,
    fix: 'Two messages arrived at once: send the last one again.',
    retryable: true,
  });

/** True for the error of a write that lost against another turn. Nothing was written. */
export const isBotStateConflict = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'store-refused' && error.retryable;
