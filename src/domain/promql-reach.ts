import { type PromqlToken, promqlTokens } from './promql-tokens.ts';

export type PromqlReach = {
  /** What it reads, without ranges and blanks: `up{job="x"}`. What is read with `offset` or `@` is meant to be old and left out. */
  readonly selectors: readonly string[];
  /** Milliseconds before that time from which samples may still count. */
  readonly reachMs: number;
};

const labelLists = ['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'];
const reserved = new Set([...labelLists, 'and', 'or', 'unless', 'atan2', 'bool', 'offset', 'inf', 'nan']);
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/**
 * What a query reads, and how far back. Prometheus answers a query with the time it was asked about, not with the time of
 * the samples (docs/querying/api.md), so that the age of what was read has to be asked for separately.
 */
export function reachOf(query: string): PromqlReach {
  const read = promqlTokens(query);
  if (!read.ok) return { selectors: [], reachMs: 0 };
  const parts = [...partsOf(read.tokens)];
  const selectors = parts.flatMap(({ selector }) =>
    selector ? [selector.map(({ text }) => text).join('')] : [],
  );
  return {
    selectors: [...new Set(selectors)],
    reachMs: reachMs(parts.flatMap(({ range }) => (range ? [range] : []))),
  };
}

type Part = { readonly selector?: readonly PromqlToken[]; readonly range?: readonly PromqlToken[] };

/** Its selectors and what stands between [ and ], in order. */
function* partsOf(tokens: readonly PromqlToken[]): Generator<Part> {
  for (let n = 0; n < tokens.length; ) {
    const end = selectorEnd(tokens, n);
    if (end > n) {
      const past = pastEnd(tokens, end);
      if (past === end) yield { selector: tokens.slice(n, end) };
      n = past;
    } else if (wordAt(tokens, n) === '[') {
      const close = closing(tokens, n);
      yield { range: tokens.slice(n + 1, close) };
      n = close;
    } else n = labelLists.includes(wordAt(tokens, n)) ? closing(tokens, n + 1) : n + 1;
  }
}

/** Where a selector's range ends when `offset` or `@` follows: it is meant to read the past. Else the end of the selector. */
function pastEnd(tokens: readonly PromqlToken[], end: number): number {
  const then = wordAt(tokens, end) === '[' ? closing(tokens, end) + 1 : end;
  return ['offset', '@'].includes(wordAt(tokens, then)) ? then + 1 : end;
}

/** Ranges inside a subquery add up. */
function reachMs(ranges: readonly (readonly PromqlToken[])[]): number {
  const nested = ranges.some((range) => range.some(({ text }) => text === ':'));
  const spans = ranges.map(([first]) => (first === undefined ? 0 : spanOf(first)));
  return nested ? spans.reduce((sum, span) => sum + span, 0) : Math.max(0, ...spans);
}

/** A duration in milliseconds; a bare number is seconds. */
const spanOf = ({ text, kind }: PromqlToken): number =>
  kind === 'number'
    ? Number(text) * 1_000
    : [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
        (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0),
        0,
      );

/** One past the end of the selector that begins at `n`; `n` when none does. */
function selectorEnd(tokens: readonly PromqlToken[], n: number): number {
  const [word, next] = [wordAt(tokens, n), wordAt(tokens, n + 1)];
  if (word === '{') return closing(tokens, n) + 1;
  if (tokens[n]?.kind !== 'word' || reserved.has(word)) return n;
  // a function, or an aggregation with its labels before what it is about
  if (['(', 'by', 'without'].includes(next)) return n;
  return next === '{' ? closing(tokens, n + 1) + 1 : n + 1;
}

/** Where the bracket that opens at `from` closes; `from` itself when none opens there. */
function closing(tokens: readonly PromqlToken[], from: number): number {
  let depth = 0;
  for (let n = from; n < tokens.length; n++) {
    if (['(', '[', '{'].includes(wordAt(tokens, n))) depth += 1;
    if ([')', ']', '}'].includes(wordAt(tokens, n))) depth -= 1;
    if (depth === 0) return n;
  }
  return tokens.length;
}

/** PromQL does not tell upper case from lower in its own words. */
const wordAt = (tokens: readonly PromqlToken[], n: number): string => tokens[n]?.text.toLowerCase() ?? '';
