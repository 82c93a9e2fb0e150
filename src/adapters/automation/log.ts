import type { Mask } from './mask.ts';

/** A part of a log: the text from an offset, the offset after it, and the size of the whole so far, all in UTF-8 bytes. */
type LogPage = { readonly text: string; readonly next: number; readonly size: number };
export type ReadPage = (after: number) => Promise<LogPage>;

const headBytes = 250_000;
const tailBytes = 750_000;
const maxPages = 200;

/**
 * A job's log, masked. Of one over 1 MB the beginning and the end are read, with a line between that says what is missing.
 * No secret is cut in two by that, so none escapes the mask.
 */
export async function readLog(page: ReadPage, mask: Mask): Promise<{ text: string; truncated: boolean }> {
  const first = await readRange(page, 0, headBytes + tailBytes);
  if (first.complete) return { text: mask(first.text), truncated: false };
  const last = await readRange(page, Math.max(0, first.size - tailBytes - mask.longest), first.size);
  const head = first.text.slice(0, mask.cut(first.text, charactersIn(first.text, headBytes), 'start'));
  const overhang = Math.max(0, Buffer.byteLength(last.text) - tailBytes);
  const tail = last.text.slice(mask.cut(last.text, charactersIn(last.text, overhang), 'end'));
  const missing = first.size - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return { text: `${mask(head)}\n[... ${missing} bytes left out ...]\n${mask(tail)}`, truncated: true };
}

/** Reads pages until an offset or the end of the log; `complete` when the end was reached. */
async function readRange(page: ReadPage, from: number, until: number) {
  let text = '';
  let after = from;
  for (let n = 0; n < maxPages; n += 1) {
    const { text: part, next, size } = await page(after);
    text += part;
    if (next <= after || next >= size) return { text, size, complete: next >= size };
    if (next >= until) return { text, size, complete: false };
    after = next;
  }
  return { text, size: after, complete: false };
}

/** How many characters fit whole into this many bytes of the text. */
const charactersIn = (text: string, bytes: number): number =>
  new TextDecoder('utf-8').decode(Buffer.from(text).subarray(0, bytes), { stream: true }).length;
