/**
 * Untrusted text on cards. The breaker is U+2060 WORD JOINER: it takes no room and shows nothing, but what it stands in
 * is no longer a link, a mention, a tag or a macro to any reader of the card.
 */
const breaker = '\u2060';

/** Where a breaker goes: right after each of these. */
const traps = new RegExp(
  [
    '<', // HTML, <at>mentions</at>, <autolinks>
    '\\](?=\\s*[\\[(:])', // [text](url), [text] [ref], [ref]: url
    ':(?=\\/\\/)', // https://
    '\\bwww(?=\\.)', // www.
    '@', // people@mail
    '&(?=#?\\w)', // &lt;
    '[{$](?=\\{)', // {{DATE()}}, ${template}
  ].join('|'),
  'giu',
);
const blanks = /[\p{Cc}\p{Z}]+/gu;
/** Unpaired surrogates, unassigned and private characters, and all that is not seen: bidi controls, zero widths. */
const unseen = /[\p{C}\p{DI}]/gu;
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

/**
 * One line of harmless text for a TextRun, which reads no markdown: no line breaks, control or invisible characters,
 * nothing that becomes a link, a mention or a tag. Cut to `max` characters with an ellipsis.
 */
export const plain = (text: string, max = 300): string =>
  shorten(tidy(text, max), max).replace(traps, `$&${breaker}`);

/**
 * The same for places that read markdown (TextBlock, Fact, chat messages): what would format is escaped with a
 * backslash, as CommonMark has it. Do not use it in a TextRun, which would show the backslashes.
 */
export const escapeMarkdown = (text: string, max = 300): string =>
  plain(text, max)
    .replace(/[\\`*_~[\]|]/g, '\\$&')
    .replace(/^[-#>+=]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');

/**
 * A value somebody decides on, for a TextRun. Blanks are kept, and a character that cannot be seen shows as U+FFFD, so
 * that two different values never look the same.
 */
export const literal = (text: string, max = 300): string =>
  shorten(text.slice(0, 4 * max).replace(/[\p{C}\p{DI}\p{Zl}\p{Zp}]/gu, '\uFFFD'), max).replace(
    traps,
    `$&${breaker}`,
  );

/** The last lines of a log, each for a TextRun of its own. */
export const tailOf = (log: string, lines: number, max = 120): string[] =>
  log
    .slice(-4 * lines * max)
    .split(/[\r\n]+/)
    .map((line) => plain(line, max))
    .filter((line) => line !== '')
    .slice(-lines);

function tidy(text: string, max: number): string {
  const enough = 8 * max;
  const start = text.length <= enough ? text : `${text.slice(0, enough)}…`;
  return start.replace(blanks, ' ').replace(unseen, '').replace(stackedMarks, '$1').trim();
}

function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const characters = [...text];
  return characters.length <= max
    ? text
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}
