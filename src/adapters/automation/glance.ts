import type { Mask } from './mask.ts';

/** So much of the end of a log is read to show its last lines, and the longest secret besides. In bytes. */
export const glanceBytes = 4_096;
/** So many lines or records where a target counts those. */
export const glanceLines = 20;
const shownLines = 5;
const longestLine = 200;

/**
 * The last whole lines of a piece of a log, masked. A piece that does not begin where the log does may begin inside a
 * secret, which no mask would find: it has to be longer than the longest one, and so much of it is left out.
 */
export function lastLines(piece: string, isWhole: boolean, mask: Mask): string {
  const end = piece.lastIndexOf('\n') + 1;
  const from = isWhole ? 0 : mask.cut(piece, Math.min(mask.longest, end), 'end');
  const lines = mask(piece.slice(from, end)).split('\n');
  return lines
    .slice(isWhole ? 0 : 1)
    .map((line) => line.trimEnd().slice(0, longestLine).toWellFormed())
    .filter((line) => line !== '')
    .slice(-shownLines)
    .join('\n');
}
