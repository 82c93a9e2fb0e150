import type { Answer } from '../ops-api/loopback.ts';
import { page } from './pages.ts';

/** An exported object of Jenkins: what it shows of itself by default, inside other objects, and only when asked for. */
export type Bean = {
  readonly _class: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What is shown of it inside another object; everything without it. */
  readonly brief?: readonly string[];
  /** What is shown only when a tree asks for it. */
  readonly onRequest?: readonly string[];
};
type Range = { readonly from: number; readonly to: number };
export type Tree = ReadonlyMap<string, { readonly tree: Tree; readonly range?: Range }>;

const isBean = (value: unknown): value is Bean =>
  typeof value === 'object' && value !== null && '_class' in value && 'data' in value;

/** Parses `jobs[name,builds[number]{0,5}]`; undefined when it is none (org.kohsuke.stapler.export.NamedPathPruner). */
export function parseTree(text: string): Tree | undefined {
  let at = 0;
  const list = (): Tree | undefined => {
    const found = new Map<string, { tree: Tree; range?: Range }>();
    do {
      const name = /^[A-Za-z_*][A-Za-z0-9_]*/.exec(text.slice(at))?.[0];
      if (name === undefined) return undefined;
      at += name.length;
      const tree = nested();
      if (tree === undefined) return undefined;
      const range = rangeHere();
      found.set(name, { tree, ...(range === undefined ? {} : { range }) });
    } while (taken(','));
    return found;
  };
  const taken = (character: string) => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };
  const nested = (): Tree | undefined => {
    if (!taken('[')) return new Map();
    const inner = list();
    return taken(']') ? inner : undefined;
  };
  const rangeHere = (): Range | undefined => {
    const [whole, from, comma, to] = /^\{(\d*)(,?)(\d*)\}/.exec(text.slice(at)) ?? [];
    if (whole === undefined) return undefined;
    at += whole.length;
    if (comma === '') return { from: Number(from), to: Number(from) + 1 };
    return { from: Number(from || 0), to: to === '' ? Number.MAX_SAFE_INTEGER : Number(to) };
  };
  const parsed = list();
  return at === text.length ? parsed : undefined;
}

/** An object as far as a tree asks for it; its class is always told. */
export function prune(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((one) => prune(one, tree));
  if (!isBean(value)) return value;
  const all = tree.has('*') ? Object.keys(value.data) : [...tree.keys()];
  const shown = all
    .filter((name) => name in value.data)
    .map((name) => {
      const { tree: inner, range } = tree.get(name) ?? { tree: new Map() as Tree };
      const found = value.data[name];
      const part = range !== undefined && Array.isArray(found) ? found.slice(range.from, range.to) : found;
      return [name, prune(part, inner)] as const;
    });
  return { _class: value._class, ...Object.fromEntries(shown) };
}

/** An object as it is shown without a tree: nested ones in brief, or whole down to `depth`. */
export function whole(value: unknown, depth: number, inside = false): unknown {
  if (Array.isArray(value)) return value.map((one) => whole(one, depth, inside));
  if (!isBean(value)) return value;
  const open = inside && depth <= 0 ? value.brief : undefined;
  const names = open ?? Object.keys(value.data).filter((name) => !value.onRequest?.includes(name));
  const left = inside && value.brief !== undefined ? depth - 1 : depth;
  return {
    _class: value._class,
    ...Object.fromEntries(names.map((name) => [name, whole(value.data[name], left, true)])),
  };
}

/** `…/api/json` with `tree` or `depth`. */
export function exported(bean: Bean, query: URLSearchParams): Answer {
  const asked = query.get('tree');
  if (asked === null) return { status: 200, json: whole(bean, Number(query.get('depth') ?? 0)) };
  const tree = parseTree(asked);
  return tree === undefined
    ? page(400, 'Bad Request', `Failed to parse the tree ${asked}`)
    : { status: 200, json: prune(bean, tree) };
}
