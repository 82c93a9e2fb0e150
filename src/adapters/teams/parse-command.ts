import { closest } from './closest.ts';

export type Values = Readonly<Record<string, string>>;

/** What a person asks for in words. `form` commands answer the form the person has open. */
export type TextCommand =
  | { readonly name: 'help' | 'list' | 'status' }
  | { readonly name: 'run'; readonly runbook: string; readonly incident: string }
  | { readonly name: 'approve'; readonly code: string; readonly revision?: number }
  | { readonly name: 'show'; readonly code: string }
  | { readonly name: 'reject' | 'withdraw' | 'cancel'; readonly code: string; readonly reason: string }
  | { readonly name: 'confirm'; readonly code: string; readonly values: Values }
  | { readonly name: 'form'; readonly answer: 'set' | 'confirm' | 'cancel'; readonly values: Values }
  | { readonly name: 'incomplete'; readonly usage: string }
  | { readonly name: 'unknown'; readonly suggestion: string | undefined };

/** How each command is written. */
export const usages = {
  help: 'help',
  list: 'list',
  run: 'run <runbook> for <incident number>',
  status: 'status',
  approve: 'approve <code>',
  reject: 'reject <code> <reason>',
  withdraw: 'withdraw <code> [reason]',
  cancel: 'cancel <code> [reason]',
  confirm: 'confirm <code> [name=value ...]',
  show: 'show <code>',
} as const;
type Word = keyof typeof usages;
const words = Object.keys(usages) as Word[];

const longest = 2_000;
const incomplete = (word: Word): TextCommand => ({ name: 'incomplete', usage: usages[word] });

/**
 * Parses what a person typed; the bot's mention is removed already. Never throws.
 * Case, a leading slash and a leading "runbook" do not matter.
 */
export function parseCommand(typed: string): TextCommand {
  const text = normalise(typed);
  const [word, rest] = split(text.replace(/^\/ ?/, '').replace(/^runbook\b ?\/? ?/i, ''));
  if (word === '') return { name: 'help' };
  const command = words.find((known) => known === word.toLowerCase());
  if (command !== undefined) return parsers[command](rest);
  const values = parseValues(text);
  if (values !== undefined) return { name: 'form', answer: 'set', values };
  return { name: 'unknown', suggestion: closest(word.toLowerCase(), words) };
}

const parsers: Record<Word, (rest: string) => TextCommand> = {
  help: () => ({ name: 'help' }),
  list: () => ({ name: 'list' }),
  status: () => ({ name: 'status' }),
  run: parseRun,
  approve: (rest) =>
    withCode('approve', rest, (code, more) => {
      if (more === '') return { name: 'approve', code };
      return /^[1-9]\d{0,5}$/.test(more)
        ? { name: 'approve', code, revision: Number(more) }
        : incomplete('approve');
    }),
  show: (rest) => withCode('show', rest, (code) => ({ name: 'show', code })),
  reject: (rest) =>
    withCode('reject', rest, (code, reason) =>
      reason === '' ? incomplete('reject') : { name: 'reject', code, reason },
    ),
  withdraw: (rest) => withCode('withdraw', rest, (code, reason) => ({ name: 'withdraw', code, reason })),
  cancel: (rest) =>
    rest === ''
      ? { name: 'form', answer: 'cancel', values: {} }
      : withCode('cancel', rest, (code, reason) => ({ name: 'cancel', code, reason })),
  confirm: parseConfirm,
};

function parseRun(rest: string): TextCommand {
  const [runbook, more] = split(rest);
  const incident = more.replace(/^(for|on) /i, '').toUpperCase();
  if (runbook === '' || !/^[A-Z]{2,6}\d{3,15}$/.test(incident)) return incomplete('run');
  return { name: 'run', runbook: runbook.toLowerCase(), incident };
}

function parseConfirm(rest: string): TextCommand {
  if (rest === '') return { name: 'form', answer: 'confirm', values: {} };
  const own = parseValues(rest);
  if (own !== undefined) return { name: 'form', answer: 'confirm', values: own };
  return withCode('confirm', rest, (code, more) => {
    const values = more === '' ? {} : parseValues(more);
    return values === undefined ? incomplete('confirm') : { name: 'confirm', code, values };
  });
}

function withCode(word: Word, rest: string, make: (code: string, more: string) => TextCommand): TextCommand {
  const [first, more] = split(rest);
  const code = first.replace(/^#/, '').toUpperCase();
  return /^[0-9A-Z]{4,12}$/.test(code) ? make(code, more) : incomplete(word);
}

/** One line of ordinary spaces and quotes: Teams sends `&nbsp;`, line breaks and typographic quotes. */
function normalise(typed: string): string {
  return typed
    .slice(0, longest)
    .replaceAll(/&nbsp;/gi, ' ')
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

function split(text: string): [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trim()];
}

/** `name=value, other="two words"`: undefined unless the whole text has this form. Names keep their case. */
export function parseValues(text: string): Values | undefined {
  const starts = [...text.matchAll(/(?:^|[ ,])([a-z]\w{0,40}) ?= ?/gi)];
  if (starts.length === 0 || starts[0]?.index !== 0) return undefined;
  return Object.fromEntries(
    starts.map((start, n) => {
      const value = text.slice(start.index + start[0].length, starts[n + 1]?.index ?? text.length);
      return [start[1] ?? '', unquote(value.trim().replace(/,$/, '').trim())];
    }),
  );
}

const unquote = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;
