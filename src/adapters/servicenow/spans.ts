/** From `start` to before `end`, in milliseconds since 1970. */
export type Span = { readonly start: number; readonly end: number };

/** What is left of `whole` when the others are taken out of it, in order. */
export function without(whole: Span, others: readonly Span[]): Span[] {
  const left: Span[] = [];
  let at = whole.start;
  for (const other of others.toSorted((a, b) => a.start - b.start)) {
    if (other.start > at) left.push({ start: at, end: Math.min(other.start, whole.end) });
    at = Math.max(at, other.end);
    if (at >= whole.end) return left.filter(lasts);
  }
  return [...left, { start: at, end: whole.end }].filter(lasts);
}

/** The same times with neighbours joined, in order. */
export function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans.filter(lasts).toSorted((a, b) => a.start - b.start)) {
    const last = whole.at(-1);
    if (last === undefined || span.start > last.end) whole.push(span);
    else whole[whole.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return whole;
}

const lasts = (span: Span): boolean => span.start < span.end;
