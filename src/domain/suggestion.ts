import { z } from 'zod';

/** What an AI triage may say: a runbook of ours and why. It never reaches parameters, approvers, targets or dispatch. */
export const Suggestion = z.strictObject({
  runbook: z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected the id of a runbook'),
  /** From 0 to 1, as the model says. */
  confidence: z.number().min(0).max(1),
  reason: z.string().max(500),
  /** Spans of the ticket it rests on, word for word. */
  quotes: z.array(z.string().max(300)).max(5),
  model: z
    .string()
    .max(80)
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/+-]*$/, 'expected the name of a model such as triage-7b'),
});
export type Suggestion = z.infer<typeof Suggestion>;

/**
 * How it stands to the rules. `agrees`: rules chose the same runbook. `alone`: only the machine named one. `differs`:
 * rules chose another than the machine named.
 */
export const SuggestionRole = z.enum(['agrees', 'alone', 'differs']);
export type SuggestionRole = z.infer<typeof SuggestionRole>;

/** A suggestion beside a proposal, as checked against the ticket. */
export const WeighedSuggestion = z.strictObject({
  ...Suggestion.shape,
  role: SuggestionRole,
  /** How many of its quotes are not in the ticket; `quotes` are those that are. */
  misquotes: z.number().int().nonnegative().optional(),
});
export type WeighedSuggestion = z.infer<typeof WeighedSuggestion>;

/** Cleans and bounds what an event calls a suggestion, or says in one line why it is none. */
export function readSuggestion(given: unknown): Suggestion | { readonly dropped: string } {
  const read = Suggestion.safeParse(tidy(given));
  return read.success ? read.data : { dropped: cut(oneLine(z.prettifyError(read.error)), 300) };
}

/** Texts are cleaned and cut; a name is taken as it is or not at all. Wrong types are left to the schema. */
function tidy(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      if (field === 'reason') return [field, tidyText(value, 500)];
      // the quotes: no other field has several values
      return [field, Array.isArray(value) ? value.slice(0, 5).map((one) => tidyText(one, 300)) : value];
    }),
  );
}

const tidyText = (value: unknown, most: number): unknown =>
  typeof value === 'string' ? cut(oneLine(value), most) : value;

/** Control characters would begin new lines or hide text. Joiners stay: scripts and emoji need them. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replaceAll(/[\p{Cf}--[\u200c\u200d]]/gv, '')
    .trim();

/** At most so many UTF-16 units of a well-formed text, never half a character. */
const cut = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '');

/** Keeps the quotes that are really in the ticket, word for word, and counts those that are not. */
export function weigh(suggestion: Suggestion, ticket: string, role: SuggestionRole): WeighedSuggestion {
  const text = comparable(ticket);
  const quotes = suggestion.quotes.filter((quote) => isQuoted(text, comparable(quote)));
  const misquotes = suggestion.quotes.length - quotes.length;
  return { ...suggestion, quotes, role, ...(misquotes > 0 ? { misquotes } : {}) };
}

const comparable = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim();

/** Whole words only, in scripts that put blanks between words: "proved" is no quote of "approved". */
function isQuoted(text: string, quote: string): boolean {
  if (!/[\p{L}\p{N}]/u.test(quote)) return false;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
    const end = at + quote.length;
    if (!splitsWord(text, at) && !splitsWord(text, end)) return true;
  }
  return false;
}

const splitsWord = (text: string, at: number): boolean =>
  inWord.test(text.charAt(at - 1)) && inWord.test(text.charAt(at));
const inWord = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}]/u;

/**
 * True when nothing but the machine named this runbook. Such a run is never approved without people, whatever the policy
 * says.
 */
export const restsOnMachine = (suggestion: WeighedSuggestion | undefined, runbook: string): boolean =>
  suggestion !== undefined && suggestion.role !== 'agrees' && suggestion.runbook === runbook;

/**
 * A suggestion as people read it: who said it, how sure it is, and that it is a machine. Raw text on one line; a card
 * escapes it. What the machine wrote stands in quotation marks it cannot close.
 */
export function suggestionInWords(suggestion: WeighedSuggestion): string {
  const { model, confidence, reason, quotes, misquotes = 0 } = suggestion;
  // a hair is added because 0.29 * 100 is less than 29
  const percent = Math.floor(confidence * 100 + 1e-9);
  return [
    `Suggested by ${model} (${percent} %), a machine: ${reason === '' ? 'no reason given' : quoted(reason)}`,
    ...(quotes.length > 0 ? [`it quotes ${quotes.map(quoted).join(', ')}`] : ['it quotes nothing']),
    ...(misquotes > 0 ? [`left out, because not in the ticket: ${misquotes} of its quotes`] : []),
    standing[suggestion.role](suggestion.runbook),
  ].join('; ');
}

/** ServiceNow shows what stands between [code] and [/code] in a work note as HTML, so these two get a blank. */
const quoted = (text: string): string => {
  const inert = text.replaceAll(/\[(?=\s*\/?\s*code\s*\])/giu, '[ ');
  return `"${inert.replaceAll(/["\u201c-\u201f\u2033\u2036\uff02]/g, "'")}"`;
};

const standing: Readonly<Record<SuggestionRole, (runbook: string) => string>> = {
  agrees: () => 'the rules of this runbook fit, too',
  alone: () => 'no rule of any runbook fits',
  differs: (runbook) => `it named ${runbook}, the rules chose another runbook`,
};
