import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What may be stored, hashed and shown: plain JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** RFC 8785 canonical JSON. Properties that are undefined are left out, as in any JSON. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON has a canonical form');
  return text;
}

/** SHA-256 as 64 lower-case hex digits. */
export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** The digest of a JSON value: SHA-256 of its canonical form. */
export const digest = (value: Json): string => sha256(canonicalJson(value));

/** The same value with every half of a character pair replaced by U+FFFD: tickets hold cut-off emoji, JSON text may not. */
export function wellFormed<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed() as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key.toWellFormed(), wellFormed(one)]),
  ) as T;
}
