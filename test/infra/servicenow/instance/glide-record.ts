import { randomBytes } from 'node:crypto';
import type { Row, Store } from './store.ts';

type Test = (row: Row) => boolean;

const operators: Readonly<Record<string, (value: string, operand: string) => boolean>> = {
  '=': (value, operand) => value === operand,
  '!=': (value, operand) => value !== operand,
  '<': (value, operand) => value < operand,
  '<=': (value, operand) => value <= operand,
  '>': (value, operand) => value > operand,
  IN: (value, operand) => operand.split(',').includes(value),
};

const system = [
  'sys_id',
  'sys_created_on',
  'sys_created_by',
  'sys_updated_on',
  'sys_updated_by',
  'sys_mod_count',
];

/**
 * The class as scripts see it, as far as the application uses it. Values are strings, an empty one reads as null. Where the
 * platform ignores a column it does not know, this one throws: in our own code that is always a mistake.
 */
export function glideRecordOf(store: Store, isValid: (table: string, query: string) => boolean) {
  return class GlideRecord {
    readonly table: string;
    row: Row = {};
    #tests: Test[] = [];
    #order = '';
    #limit = Number.POSITIVE_INFINITY;
    #found: Row[] = [];

    constructor(table: string, row: Row = {}) {
      this.table = table;
      this.row = row;
    }
    #known(column: string): string {
      if (system.includes(column) || store.dictionary.isColumn(this.table, column)) return column;
      throw new Error(`${this.table} has no column ${column}`);
    }
    initialize(): void {
      this.row = { sys_id: randomBytes(16).toString('hex') };
    }
    get(first: string, second?: string): boolean {
      const [column, value] = second === undefined ? ['sys_id', first] : [this.#known(first), second];
      const found = [...store.table(this.table).values()].find((row) => row[column] === value);
      if (found !== undefined) this.row = { ...found };
      return found !== undefined;
    }
    addQuery(column: string, second: unknown, third?: unknown): void {
      const [operator, operand] =
        third === undefined ? ['=', String(second)] : [String(second), String(third)];
      const compare = operators[operator];
      if (compare === undefined) throw new Error(`no operator ${operator}`);
      this.#known(column);
      this.#tests.push((row) => compare(row[column] ?? '', operand));
    }
    addNotNullQuery(column: string): void {
      this.#known(column);
      this.#tests.push((row) => (row[column] ?? '') !== '');
    }
    orderBy(column: string): void {
      this.#order = this.#known(column);
    }
    setLimit(most: number): void {
      this.#limit = most;
    }
    query(): void {
      const by = this.#order;
      this.#found = [...store.table(this.table).values()]
        .filter((row) => this.#tests.every((test) => test(row)))
        .toSorted((a, b) => ((a[by] ?? '') < (b[by] ?? '') ? -1 : 1))
        .slice(0, this.#limit)
        .map((row) => ({ ...row }));
    }
    hasNext(): boolean {
      return this.#found.length > 0;
    }
    next(): boolean {
      const row = this.#found.shift();
      if (row !== undefined) this.row = row;
      return row !== undefined;
    }
    getValue(column: string): string | null {
      return this.row[column] || null;
    }
    setValue(column: string, value: unknown): void {
      this.row[this.#known(column)] = typeof value === 'boolean' ? String(Number(value)) : String(value);
    }
    getUniqueValue(): string {
      return this.row['sys_id'] ?? '';
    }
    isValidField(column: string): boolean {
      return system.includes(column) || store.dictionary.isColumn(this.table, column);
    }
    isValidEncodedQuery(query: string): boolean {
      return isValid(this.table, query);
    }
    insert(): string | null {
      return store.write(this.table, this.row)?.['sys_id'] ?? null;
    }
    update(): string | null {
      const stored = store.write(this.table, this.row);
      if (stored !== undefined) this.row = { ...stored };
      return stored?.['sys_id'] ?? null;
    }
    deleteMultiple(): void {
      for (const [sysId, row] of store.table(this.table))
        if (this.#tests.every((test) => test(row))) store.table(this.table).delete(sysId);
    }
  };
}
