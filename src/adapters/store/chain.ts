import type { LogEntry } from '../../domain/events.ts';
import { digest, type Json } from '../../domain/json.ts';

/** What the first event of a run names as the hash before it. */
export const genesis = '0'.repeat(64);

/** The hash of an entry: SHA-256 of the canonical JSON of everything but `hash`. */
export function hashOf(entry: Omit<LogEntry, 'hash'>): string {
  const { hash: _, ...rest } = entry as LogEntry;
  return digest(rest as unknown as Json);
}

/** A head that somebody else holds, e.g. a signed checkpoint or a work note. */
export type Anchor = Pick<LogEntry, 'runId' | 'seq' | 'hash'>;

/**
 * content: the entry does not match its hash. prev: it does not continue the entry before. gap: an event is missing,
 * doubled or out of order. moved: it belongs to another run or place. truncated: the anchored event is gone.
 * rewritten: the whole chain fits, but the anchor holds another hash.
 */
export type Flaw = 'content' | 'prev' | 'gap' | 'moved' | 'truncated' | 'rewritten';
export type Verified =
  | { readonly ok: true; readonly head: Anchor | undefined }
  | { readonly ok: false; readonly seq: number; readonly why: Flaw };

/** How an entry fails to follow the one before it; undefined when it follows. Its own hash is not computed. */
export function brokenLink(entry: LogEntry, before: Anchor | undefined, runId: string): Flaw | undefined {
  if (entry.seq !== (before?.seq ?? 0) + 1) return 'gap';
  if (entry.runId !== runId) return 'moved';
  return entry.prev === (before?.hash ?? genesis) ? undefined : 'prev';
}

/**
 * Re-computes a run's chain. Pure. Without an anchor a chain that lost its tail, or was rewritten from some point to
 * its end, still verifies: only a head kept elsewhere can show that.
 */
export function verifyRun(entries: readonly LogEntry[], anchor?: Anchor): Verified {
  const runId = anchor?.runId ?? entries[0]?.runId ?? '';
  let head: Anchor | undefined;
  for (const [i, entry] of entries.entries()) {
    const why =
      brokenLink(entry, head, runId) ?? (entry.hash === hashOf(entry) ? undefined : ('content' as const));
    if (why !== undefined) return { ok: false, seq: i + 1, why };
    if (anchor?.seq === entry.seq && anchor.hash !== entry.hash)
      return { ok: false, seq: entry.seq, why: 'rewritten' };
    head = { runId, seq: entry.seq, hash: entry.hash };
  }
  if (anchor !== undefined && anchor.seq > entries.length)
    return { ok: false, seq: entries.length + 1, why: 'truncated' };
  return { ok: true, head };
}
