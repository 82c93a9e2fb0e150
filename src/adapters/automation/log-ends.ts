import { type ReadPage, readLog } from './log.ts';
import type { Mask } from './mask.ts';

type Log = { readonly text: string; readonly truncated: boolean };

/** A log up to this size is kept whole; of a larger one the beginning and the end. In UTF-8 bytes. */
export const wholeBytes = 1_000_000;
const headBytes = 250_000;
export const tailBytes = 750_000;

const pageBytes = 65_536;

/** A text that is all there, masked and capped. */
export function wholeLog(text: string, mask: Mask): Promise<Log> {
  const bytes = Buffer.from(text);
  // in pages, because a log that comes in one is taken for one that fits
  const page: ReadPage = async (after) => {
    const next = wholeCharacter(bytes, after + pageBytes);
    const part = bytes.toString('utf8', wholeCharacter(bytes, after), next);
    return { text: part, next, size: bytes.length };
  };
  return readLog(page, mask);
}

/** The first offset from here on at which a character starts. */
function wholeCharacter(bytes: Buffer, offset: number): number {
  let at = Math.min(offset, bytes.length);
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}

/**
 * Beginning and end of a log whose middle was never read, in whole lines. They are masked before they are cut, and the
 * texts should be longer than what is kept, so that no secret is cut in two.
 */
export function logEnds(head: string, tail: string, mask: Mask): Log {
  const text = `${firstBytes(mask(head))}[... the middle is left out ...]\n${lastBytes(mask(tail))}`;
  return { text, truncated: true };
}

function firstBytes(text: string): string {
  const part = Buffer.from(text).subarray(0, headBytes).toString('utf8');
  return part.slice(0, part.lastIndexOf('\n') + 1) || `${part}\n`;
}

function lastBytes(text: string): string {
  const all = Buffer.from(text);
  if (all.length <= tailBytes) return text;
  const part = all.subarray(all.length - tailBytes).toString('utf8');
  return part.slice(part.indexOf('\n') + 1);
}
