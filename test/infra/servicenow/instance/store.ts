import { randomBytes } from 'node:crypto';

export type Row = Record<string, string>;
/** A record of the built application: its table and its fields. */
export type AppRecord = Readonly<Record<string, string>>;

type Rule = (record: { readonly table: string; readonly row: Row }, previous: Row | undefined) => void;
type Rules = {
  /** Run in their order around each write; what is asynchronous waits for `work`. */
  readonly before: Rule;
  readonly after: Rule;
};

/** What the platform knows of a table: how long its columns are, and which have to be unique. */
export type Dictionary = {
  readonly lengths: ReadonlyMap<string, number>;
  readonly unique: ReadonlySet<string>;
  isColumn(table: string, column: string): boolean;
};

export type Store = ReturnType<typeof openStore>;

export const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** The database of an instance: what is too long is cut without a word, and each write runs the business rules. */
export function openStore(dictionary: Dictionary, userName: () => string) {
  const tables = new Map<string, Map<string, Row>>();
  let rules: Rules = { before: () => undefined, after: () => undefined };
  const table = (name: string): Map<string, Row> => {
    const known = tables.get(name) ?? new Map<string, Row>();
    tables.set(name, known);
    return known;
  };
  const cut = (name: string, row: Row): Row =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        value.slice(0, dictionary.lengths.get(`${name}.${column}`) ?? 255_000),
      ]),
    );
  const violates = (name: string, row: Row): boolean =>
    [...dictionary.unique]
      .filter((key) => key.startsWith(`${name}.`))
      .some((key) => {
        const column = key.slice(name.length + 1);
        return [...table(name).values()].some(
          (other) => other['sys_id'] !== row['sys_id'] && other[column] === row[column],
        );
      });

  return {
    rules(given: Rules): void {
      rules = given;
    },
    table,
    dictionary,
    clear: () => tables.clear(),
    /** Creates or changes a record as a save does. Answers it, or undefined when a unique index refuses it. */
    write(name: string, given: Row): Row | undefined {
      const sysId = given['sys_id'] ?? randomBytes(16).toString('hex');
      const before = table(name).get(sysId);
      const draft: Row = { ...before, ...given, sys_id: sysId };
      rules.before({ table: name, row: draft }, before);
      const changed = Object.keys(draft).some((column) => draft[column] !== before?.[column]);
      if (before !== undefined && !changed) return before;
      const now = stamp(Date.now());
      const after = cut(name, {
        sys_created_on: now,
        sys_created_by: userName(),
        ...draft,
        sys_updated_on: now,
        sys_updated_by: userName(),
        sys_mod_count: before === undefined ? '0' : String(Number(before['sys_mod_count']) + 1),
      });
      if (violates(name, after)) return undefined;
      table(name).set(sysId, after);
      rules.after({ table: name, row: { ...after } }, before);
      return table(name).get(sysId);
    },
    /** Makes everything older: time passes while the clock stands, which the signatures need. */
    age(seconds: number): void {
      for (const rows of tables.values())
        for (const row of rows.values())
          for (const column of ['sys_created_on', 'sys_updated_on', 'next_attempt']) {
            const value = row[column];
            if (value !== undefined && value !== '')
              row[column] = stamp(Date.parse(`${value.replace(' ', 'T')}Z`) - seconds * 1000);
          }
    },
  };
}
