const shown = '***';

type Span = readonly [start: number, end: number];

/** Hides secret values in text that comes from a target. */
export type Mask = {
  (text: string): string;
  /** `at`, moved out of a secret value it would cut through: to its start, or to its end. */
  readonly cut: (text: string, at: number, to: 'start' | 'end') => number;
  /** Bytes of the longest form of a secret value. */
  readonly longest: number;
};

/**
 * Masks every form in which a value is likely to appear: as it is, line by line, JSON-escaped, URL-encoded, and in base64
 * at any alignment (a job that prints a Basic authorization header).
 */
export function maskOf(values: Iterable<string>): Mask {
  const forms = [...new Set([...values].flatMap(formsOf))].filter((form) => form !== '');
  const spans = (text: string) => merge(forms.flatMap((form) => occurrences(text, form)));
  const mask = (text: string) => {
    let out = '';
    let from = 0;
    for (const [start, end] of spans(text)) {
      out += text.slice(from, start) + shown;
      from = end;
    }
    return out + text.slice(from);
  };
  return Object.assign(mask, {
    cut: (text: string, at: number, to: 'start' | 'end') => {
      const hit = spans(text).find(([start, end]) => start < at && at < end);
      if (hit === undefined) return at;
      return to === 'start' ? hit[0] : hit[1];
    },
    longest: Math.max(0, ...forms.map((form) => Buffer.byteLength(form))),
  });
}

function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= 8);
  const plain = [value, value.trim(), ...lines];
  return [
    ...plain,
    ...plain.map((text) => JSON.stringify(text).slice(1, -1)),
    ...plain.map(encodeURIComponent),
    // The base64 of a very short value would match by accident, and hides nothing worth the noise.
    ...(value.length < 6 ? [] : [0, 1, 2].map((offset) => base64At(value, offset))),
  ];
}

/** The characters of a base64 text that depend on the value alone when it starts at this offset within a group of three. */
function base64At(value: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  const text = bytes.toString('base64').replace(/=+$/, '');
  const firstWhole = [0, 2, 3][offset] ?? 0;
  return bytes.length % 3 === 0 ? text.slice(firstWhole) : text.slice(firstWhole, -1);
}

function occurrences(text: string, form: string): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length]);
  return found;
}

function merge(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
