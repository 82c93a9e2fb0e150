import { type Answer, problem } from './loopback.ts';

const pageBytes = 262_144;

/** The page of a log from a byte offset: `{text, next, size}`. Pages begin and end at whole characters. */
export function logPage(log: string, after: string): Answer {
  if (!/^\d{1,12}$/.test(after)) return problem(400, 'after is a byte offset');
  const bytes = Buffer.from(log, 'utf8');
  const from = wholeCharacter(bytes, Math.min(Number(after), bytes.length));
  const to = wholeCharacter(bytes, Math.min(from + pageBytes, bytes.length));
  return { status: 200, json: { text: bytes.toString('utf8', from, to), next: to, size: bytes.length } };
}

/** The first offset from here on at which a character starts. */
function wholeCharacter(bytes: Buffer, offset: number): number {
  let at = offset;
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}
