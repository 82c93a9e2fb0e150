import { canonicalJson, type Json, sha256, wellFormed } from '../src/domain/json.ts';
import type { Card } from './card.ts';

/** A card whose buttons name what it showed. */
export type Sealed = {
  readonly card: Card;
  /** SHA-256 of `json`, 64 hex digits. */
  readonly hash: string;
  /** The canonical JSON of the card with the `card` of every button empty. */
  readonly json: string;
};

/**
 * What you see is what you sign: puts the hash of a card into its buttons that vote, so that a vote can say which card
 * the person had before them. Undefined when the card has no such button.
 */
export function seal(card: Card): Sealed | undefined {
  const unsealed = wellFormed(card) as unknown as Json;
  const json = canonicalJson(unsealed);
  const hash = sha256(json);
  const sealed = withHash(unsealed, hash);
  // the same value means that there was no place for the hash
  return sealed === unsealed ? undefined : { card: sealed as unknown as Card, hash, json };
}

/** Only an object can be a button's data, and no text of a ticket becomes an object. */
function withHash(node: Json, hash: string): Json {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) {
    const items: readonly Json[] = node;
    const filled = items.map((item) => withHash(item, hash));
    return filled.some((item, n) => item !== items[n]) ? filled : node;
  }
  const fields = Object.entries(node).map(([key, value]) => [key, value, fill(key, value, hash)] as const);
  if (fields.every(([, before, after]) => before === after)) return node;
  return Object.fromEntries(fields.map(([key, , after]) => [key, after]));
}

const fill = (key: string, value: Json | undefined, hash: string): Json | undefined => {
  if (value === undefined) return undefined;
  return key === 'data' && isUnsealed(value) ? { ...value, card: hash } : withHash(value, hash);
};

const isUnsealed = (data: Json): data is { readonly [key: string]: Json } =>
  typeof data === 'object' && data !== null && 'card' in data && data['card'] === '';
