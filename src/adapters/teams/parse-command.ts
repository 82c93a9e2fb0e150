import { type Word, words } from '../../domain/after-end.ts';
import { closest } from './closest.ts';
import { momentOf } from './moment.ts';

export type Values = Readonly<Record<string, string>>;

/** The number of the plan that is meant. Without it the first one: it is the only one ever shown to everybody. */
type Plan = { readonly revision?: number };

/** What a person asks for in words. `form` commands answer the form the person has open. */
export type TextCommand =
  | { readonly name: 'help' | 'list' | 'status' }
  | { readonly name: 'run'; readonly runbook: string; readonly incident: string }
  | ({ readonly name: 'approve'; readonly code: string } & Plan)
  | { readonly name: 'show' | 'why'; readonly code: string }
  | { readonly name: 'mine'; readonly code: string }
  | {
      readonly name: 'reject' | 'withdraw' | 'cancel' | 'not-mine';
      readonly code: string;
      readonly reason: string;
    }
  | { readonly name: 'confirm'; readonly code: string; readonly values: Values }
  | ({ readonly name: 'narrow'; readonly code: string; readonly values: Values } & Plan)
  | ({ readonly name: 'break-glass'; readonly code: string; readonly reason: string } & Plan)
  | {
      readonly name: 'review';
      readonly code: string;
      readonly verdict: 'justified' | 'not justified';
      readonly note: string;
    }
  | { readonly name: 'settle'; readonly code: string; readonly word: Word; readonly reason: string }
  | { readonly name: 'continue'; readonly code: string }
  | ControlCommand
  | { readonly name: 'form'; readonly answer: 'set' | 'confirm' | 'cancel'; readonly values: Values }
  | { readonly name: 'incomplete'; readonly usage: string }
  | { readonly name: 'unknown'; readonly suggestion: string | undefined };

/** What concerns every run. */
export type ControlCommand =
  | { readonly name: 'stop' | 'resume'; readonly reason: string }
  | {
      readonly name: 'delegate';
      /** User principal name or email address. */
      readonly to: string;
      /** ISO 8601, UTC. */
      readonly until: string;
      readonly reason: string;
    }
  | { readonly name: 'end-delegation' };

/** How each command is written. */
export const usages = {
  help: 'help',
  list: 'list',
  run: 'run <runbook> for <incident number>',
  status: 'status',
  approve: 'approve <code> [plan]',
  reject: 'reject <code> <reason>',
  withdraw: 'withdraw <code> [reason]',
  cancel: 'cancel <code> [reason]',
  confirm: 'confirm <code> [name=value ...]',
  mine: 'mine <code>',
  'not-mine': 'not-mine <code> <what you know about it>',
  show: 'show <code>',
  why: 'why <code>',
  narrow: 'narrow <code> [plan] name=value ...',
  'break-glass': 'break-glass <code> [plan <number>] <reason>',
  review: 'review <code> justified|unjustified <what you found>',
  settle: 'settle <code> ran|did-not-run|cancel <what you found>',
  continue: 'continue <code>',
  stop: 'stop <reason>',
  resume: 'resume [reason]',
  delegate: 'delegate <user principal name> until <YYYY-MM-DD or time with zone> [reason]',
  'delegate end': 'delegate end',
} as const;
type Verb = Exclude<keyof typeof usages, 'delegate end'>;
const verbs = Object.keys(usages).filter((word): word is Verb => word !== 'delegate end');

const longest = 2_000;
const incomplete = (word: Verb): TextCommand => ({ name: 'incomplete', usage: usages[word] });

/**
 * Parses what a person typed; the bot's mention is removed already. Never throws.
 * Case, a leading slash and a leading "runbook" do not matter.
 */
export function parseCommand(typed: string): TextCommand {
  const text = normalise(typed);
  const [word, rest] = split(text.replace(/^\/ ?/, '').replace(/^runbook\b ?\/? ?/i, ''));
  if (word === '') return { name: 'help' };
  const command = verbs.find((known) => known === word.toLowerCase());
  if (command !== undefined) return parsers[command](rest);
  const values = parseValues(text);
  if (values !== undefined) return { name: 'form', answer: 'set', values };
  return { name: 'unknown', suggestion: closest(word.toLowerCase(), verbs) };
}

const parsers: Record<Verb, (rest: string) => TextCommand> = {
  help: () => ({ name: 'help' }),
  list: () => ({ name: 'list' }),
  status: () => ({ name: 'status' }),
  run: parseRun,
  approve: (rest) =>
    withPlan('approve', rest, (code, plan, more) =>
      more === '' ? { name: 'approve', code, ...plan } : incomplete('approve'),
    ),
  mine: (rest) => withCode('mine', rest, (code) => ({ name: 'mine', code })),
  'not-mine': (rest) =>
    withCode('not-mine', rest, (code, reason) =>
      reason === '' ? incomplete('not-mine') : { name: 'not-mine', code, reason },
    ),
  show: (rest) => withCode('show', rest, (code) => ({ name: 'show', code })),
  why: (rest) => withCode('why', rest, (code) => ({ name: 'why', code })),
  reject: (rest) =>
    withCode('reject', rest, (code, reason) =>
      reason === '' ? incomplete('reject') : { name: 'reject', code, reason },
    ),
  'break-glass': (rest) =>
    withPlan(
      'break-glass',
      rest,
      (code, plan, reason) =>
        /[^\d #]/.test(reason) ? { name: 'break-glass', code, reason, ...plan } : incomplete('break-glass'),
      named,
    ),
  narrow: (rest) =>
    withPlan('narrow', rest, (code, plan, more) => {
      const values = parseValues(more);
      return values === undefined ? incomplete('narrow') : { name: 'narrow', code, values, ...plan };
    }),
  review: (rest) => withCode('review', rest, parseReview),
  settle: (rest) => withCode('settle', rest, parseSettle),
  continue: (rest) => withCode('continue', rest, (code) => ({ name: 'continue', code })),
  stop: (reason) => (reason === '' ? incomplete('stop') : { name: 'stop', reason }),
  resume: (reason) => ({ name: 'resume', reason }),
  delegate: parseDelegate,
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

function parseReview(code: string, rest: string): TextCommand {
  const [, said, note] = /^(justified|unjustified|not justified) (.+)$/i.exec(rest) ?? [];
  if (said === undefined || note === undefined) return incomplete('review');
  const verdict = said.toLowerCase() === 'justified' ? 'justified' : 'not justified';
  return { name: 'review', code, verdict, note };
}

function parseSettle(code: string, rest: string): TextCommand {
  const [, said, reason] = /^(ran|did[- ]not[- ]run|cancel) (.+)$/i.exec(rest) ?? [];
  const word = words.find((one) => one === said?.toLowerCase().replaceAll(' ', '-'));
  return word === undefined || reason === undefined
    ? incomplete('settle')
    : { name: 'settle', code, word, reason };
}

function parseDelegate(rest: string): TextCommand {
  const [to, more] = split(rest);
  if (to.toLowerCase() === 'end' && more === '') return { name: 'end-delegation' };
  const [word, after] = split(more);
  const [typed, reason] = split(after);
  const until = momentOf(typed);
  return word.toLowerCase() !== 'until' || until === undefined
    ? incomplete('delegate')
    : { name: 'delegate', to, until, reason };
}

function withCode(word: Verb, rest: string, make: (code: string, more: string) => TextCommand): TextCommand {
  const [first, more] = split(rest);
  const code = first.replace(/^#/, '').toUpperCase();
  return /^[0-9A-Z]{4,12}$/.test(code) ? make(code, more) : incomplete(word);
}

const bare = /^(?:plan |#)?([1-9]\d{0,5})(?: (.*))?$/i;
/** Where words follow, a number alone is one of them: "3 servers are down". */
const named = /^(?:plan |#)([1-9]\d{0,5})(?: (.*))?$/i;

/** A code, and the number of a plan if one is named. */
function withPlan(
  word: Verb,
  rest: string,
  make: (code: string, plan: Plan, more: string) => TextCommand,
  written = bare,
): TextCommand {
  return withCode(word, rest, (code, after) => {
    const [, number, more = ''] = written.exec(after) ?? [];
    return number === undefined ? make(code, {}, after) : make(code, { revision: Number(number) }, more);
  });
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
