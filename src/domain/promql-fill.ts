import type { Value } from './parameter.ts';
import { fill, placeholdersIn } from './placeholder.ts';
import { type PromqlToken, promqlTokens } from './promql-tokens.ts';

/**
 * Fills parameters into a query. They stand in quoted label values only, escaped for the string and, after =~ and !~, for
 * the regular expression: a value is text to be equal to and can never be anything else. A query with a placeholder
 * anywhere else has `placementFaults` and is left as it is.
 */
export function fillPromql(query: string, parameters: Readonly<Record<string, Value>>): string {
  const read = promqlTokens(query);
  if (!read.ok || placementFaults(query).length > 0) return query;
  const escaped = (asPattern: boolean) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, quotable(String(value), asPattern)]),
    );
  const [plain, pattern] = [escaped(false), escaped(true)];
  let filled = '';
  let done = 0;
  for (const [n, { text, at }] of read.tokens.entries()) {
    filled += query.slice(done, at) + String(fill(text, isRegex(read.tokens[n - 1]) ? pattern : plain));
    done = at + text.length;
  }
  return filled + query.slice(done);
}

/** What is wrong with where a query has its placeholders; one sentence each. */
export function placementFaults(query: string): string[] {
  const read = promqlTokens(query);
  if (!read.ok) return [];
  const { tokens } = read;
  // no other word can hold one: outside of strings a bracket is a word of its own
  const inStrings = tokens.flatMap((token, n) => {
    const why = misplaced(token, tokens[n - 1]);
    return placeholdersIn(token.text).map((name) => ({ name, why }));
  });
  const bare = placeholdersIn(query).length - inStrings.length;
  const outside = 'a parameter may stand in the quoted value of a label only, e.g. up{instance="{host}"}';
  return [
    ...(bare > 0 ? [outside] : []),
    ...inStrings.flatMap(({ name, why }) => (why === undefined ? [] : [`{${name}}: ${why}`])),
  ];
}

const matchers = ['=', '!=', '=~', '!~'];
const isRegex = (before: PromqlToken | undefined): boolean => before?.text === '=~' || before?.text === '!~';

function misplaced({ text }: PromqlToken, before: PromqlToken | undefined): string | undefined {
  if (before === undefined || !matchers.includes(before.text))
    return 'a parameter may stand in the value of a label only, not in other strings';
  if (text[0] === '`') return 'write this value in double quotes, in backquotes nothing can be escaped';
  return isRegex(before) && !isPlainPattern(text)
    ? 'a parameter in a regular expression may stand beside plain text, ., *, +, ?, | and ( ) only'
    : undefined;
}

/**
 * Whether whatever stands for a placeholder in this pattern is matched as text: not in a class, not in a quantifier or the
 * name of a group, not after a backslash. Escapes of the string are refused altogether, `\\.` for `.` aside.
 */
const isPlainPattern = (pattern: string): boolean =>
  /^(?:[^\\[\]{}(]|\((?!\?)|\(\?:|\\\\[.]|\{[a-zA-Z_]\w*\}(?![*+?]))*$/.test(pattern);

function quotable(value: string, asPattern: boolean): string {
  const text = value.toWellFormed();
  const plain = asPattern ? text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`) : text;
  return plain.replaceAll(/[\\"'\p{Cc}]/gu, (character) => escapes[character] ?? hex(character));
}

// \u and not a quote after a backslash: which of the two quotes may be escaped depends on the string around it
const hex = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
