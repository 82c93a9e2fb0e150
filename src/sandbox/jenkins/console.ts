import type { Answer } from '../ops-api/loopback.ts';

const type = { 'content-type': 'text/plain;charset=utf-8' };
/** A log that still grows is given in parts of so many lines (org.kohsuke.stapler.framework.io.LargeText). */
const maxLines = 10_000;

export const consoleText = (log: string): Answer => ({ status: 200, headers: type, text: log });

/** The log from a byte offset. One beyond the end starts again; of a growing log only whole lines are given. */
export function progressiveText(log: string, start: string | null, growing: boolean): Answer {
  if (start !== null && !/^\d{1,12}$/.test(start))
    return { status: 500, headers: type, text: `For input string: "${start}"` };
  const bytes = Buffer.from(log);
  const from = Number(start ?? 0) > bytes.length ? 0 : Number(start ?? 0);
  const to = growing ? endOfLines(bytes, from) : bytes.length;
  return {
    status: 200,
    headers: { ...type, 'x-text-size': String(to), ...(growing ? { 'x-more-data': 'true' } : {}) },
    text: bytes.toString('utf8', from, to),
  };
}

function endOfLines(bytes: Buffer, from: number): number {
  let end = from;
  for (let lines = 0; lines < maxLines; lines += 1) {
    const next = bytes.indexOf('\n', end);
    if (next < 0) break;
    end = next + 1;
  }
  return end;
}
