import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';
import { canonicalJson, type Json } from '../../domain/json.ts';

export type Path = readonly (string | number)[];
export type Fault = {
  readonly file: string;
  readonly line: number;
  readonly field: string;
  readonly message: string;
};
/** A file that fits its schema: its value, the plain content behind it, and where each field stands. */
export type ReadFile<T> = {
  readonly value: T;
  readonly content: unknown;
  faultAt(path: Path, message: string): Fault;
};
export type Read<T> =
  | { readonly ok: true; readonly read: ReadFile<T> }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Reads one YAML file against a schema; what does not fit is told with its line and field. */
export function readYaml<T>(file: string, text: string, schema: z.ZodType<T>): Read<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    field: '',
    message: error.message,
  }));
  if (broken.length > 0) return { ok: false, faults: broken };
  const faultAt = (path: Path, message: string): Fault => ({
    file,
    line: lineOf(path),
    field: path.join('.'),
    message,
  });
  let content: unknown;
  try {
    content = document.toJS();
    canonicalJson(content as Json);
  } catch (error) {
    // aliases that multiply without end, or what has no canonical form and therefore no hash
    return { ok: false, faults: [faultAt([], messageOf(error))] };
  }
  const parsed = schema.safeParse(content, { error: wording });
  if (parsed.success) return { ok: true, read: { value: parsed.data, content, faultAt } };
  return { ok: false, faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, [], faultAt)) };

  function lineOf(path: Path): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true);
      if (node && typeof node === 'object' && 'range' in node && Array.isArray(node.range))
        return lines.linePos(Number(node.range[0])).line;
    }
    return 1;
  }
}

const wording: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : undefined;

/** An issue as faults: a key nobody knows is told at its own line, a choice of shapes by the shape that was meant. */
export function faultsOf(
  issue: z.core.$ZodIssue,
  under: Path,
  faultAt: ReadFile<unknown>['faultAt'],
): Fault[] {
  const path = [...under, ...issue.path.filter((key) => typeof key !== 'symbol')];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => faultAt([...path, key], 'there is no such field'));
  if (issue.code === 'invalid_key') return issue.issues.map((one) => faultAt(path, one.message));
  if (issue.code !== 'invalid_union') return [faultAt(path, issue.message)];
  const [meant] = [...issue.errors].sort(
    (a, b) => depth(b) - depth(a) || otherKind(a) - otherKind(b) || a.length - b.length,
  );
  if (meant === undefined || issue.message !== 'Invalid input') return [faultAt(path, issue.message)];
  return meant.flatMap((one) => faultsOf(one, path, faultAt));
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length));

/** 1 when what was written is not even the kind of value this shape takes: a text for a map, a map for a word. */
const otherKind = (issues: readonly z.core.$ZodIssue[]): number =>
  Number(issues.some(({ code, path }) => path.length === 0 && isKindOf(code)));

const isKindOf = (code: z.core.$ZodIssue['code']): boolean =>
  code === 'invalid_type' || code === 'invalid_value';
