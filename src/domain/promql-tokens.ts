/** One word of a PromQL query and where it begins. */
export type PromqlToken = {
  readonly kind: 'string' | 'word' | 'duration' | 'number' | 'operator';
  readonly text: string;
  readonly at: number;
};
export type PromqlTokens =
  | { readonly ok: true; readonly tokens: readonly PromqlToken[] }
  /** `at` counts characters from 1, as Prometheus does. */
  | { readonly ok: false; readonly at: number; readonly why: string };

const escapes = String.raw`[abfnrtv\\QUOTE]|x[0-9a-fA-F]{2}|[0-7]{3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}`;
const quoted = (quote: string): string =>
  String.raw`${quote}(?:[^\\\n${quote}]|\\(?:${escapes.replace('QUOTE', quote)}))*${quote}`;

const strings: [PromqlToken['kind'], RegExp] = [
  'string',
  new RegExp(`${quoted('"')}|${quoted("'")}|\`[^\`]*\``, 'y'),
];
const numbers: [PromqlToken['kind'], RegExp][] = [
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y],
  ['number', /(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)/y],
];
const outside: readonly [PromqlToken['kind'], RegExp][] = [
  strings,
  ...numbers,
  ['word', /[A-Za-z_:][\w:]*/y],
  ['operator', /=~|!~|!=|==|>=|<=|[-+*/%^=<>(){}[\],@]/y],
];
/** Between [ and ] a colon parts the range of a subquery from its step; elsewhere it belongs to names. */
const inside: readonly [PromqlToken['kind'], RegExp][] = [...numbers, ['operator', /[\]:]/y]];
const blank = /(?:\s|#[^\n]*)*/y;
const closers: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/**
 * Splits a query into its words by the lexical rules of PromQL (prometheus/prometheus promql/parser/lex.go), strings with
 * their quotes. It also sees brackets that do not close. The grammar itself is left to Prometheus.
 */
export function promqlTokens(query: string): PromqlTokens {
  const tokens: PromqlToken[] = [];
  const open: PromqlToken[] = [];
  for (let at = after(blank, query, 0); at < query.length; ) {
    const token = tokenAt(query, at, open.at(-1)?.text === '[' ? inside : outside);
    if (token === undefined)
      return fault(at, `${JSON.stringify(query.slice(at, at + 12))} is no word of PromQL`);
    if (!nests(open, token)) return fault(at, `${token.text} closes nothing`);
    tokens.push(token);
    at = after(blank, query, at + token.text.length);
  }
  const left = open.at(-1);
  return left === undefined ? { ok: true, tokens } : fault(left.at, `${left.text} is not closed`);
}

function tokenAt(
  query: string,
  at: number,
  rules: readonly [PromqlToken['kind'], RegExp][],
): PromqlToken | undefined {
  for (const [kind, pattern] of rules) {
    const end = after(pattern, query, at);
    if (end > at) return { kind, text: query.slice(at, end), at };
  }
  return undefined;
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Opens or closes a bracket. False when it closes one that is not open. */
function nests(open: PromqlToken[], token: PromqlToken): boolean {
  if (closers[token.text] !== undefined) open.push(token);
  else if (Object.values(closers).includes(token.text)) return closers[open.pop()?.text ?? ''] === token.text;
  return true;
}

const fault = (at: number, why: string): PromqlTokens => ({ ok: false, at: at + 1, why });
