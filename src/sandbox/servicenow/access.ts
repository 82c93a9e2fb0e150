import type { Row } from './state.ts';

export type Rights = {
  /** Tables this user gets 403 for, e.g. sys_journal_field as integration users often do. */
  readonly deniedTables?: readonly string[];
  /** sys_ids this user does not see. The limit of a list counts them all the same: pages come short. */
  readonly deniedRecords?: readonly string[];
  /** Tables this user may read and not write. */
  readonly readOnlyTables?: readonly string[];
  /** `incident.state`: left out of answers, and left unwritten without a word. */
  readonly deniedColumns?: readonly string[];
};

/** What access rules let somebody do. */
export type Access = {
  reaches(table: string): boolean;
  sees(row: Row): boolean;
  writes(table: string): boolean;
  touches(table: string, column: string): boolean;
};

export const accessOf = (rights: Rights = {}): Access => ({
  reaches: (table) => rights.deniedTables?.includes(table) !== true,
  sees: (row) => rights.deniedRecords?.includes(row['sys_id'] ?? '') !== true,
  writes: (table) => rights.readOnlyTables?.includes(table) !== true,
  touches: (table, column) => rights.deniedColumns?.includes(`${table}.${column}`) !== true,
});
