import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { rootOf, storedIn } from './dictionary.ts';

export type Row = Record<string, string>;
/** An event on its way out, as a row of the app's outbox table. */
export type OutboxRow = {
  readonly eventId: string;
  readonly body: string;
  readonly state: 'ready' | 'sent' | 'dead';
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly nextAttempt: number;
  readonly lastStatus: number;
  readonly lastError: string;
};
/** Everything the instance remembers; plain JSON. */
export type State = {
  /** Rows by table (configuration items under cmdb_ci) and sys_id. */
  readonly tables: Record<string, Record<string, Row>>;
  /** Base64 content of attachments by sys_id. */
  readonly contents: Record<string, string>;
  readonly outbox: Record<string, OutboxRow>;
  readonly numbers: Record<string, number>;
};
export type Seed = Readonly<Record<string, readonly Readonly<Row>[]>>;

export type OpenState = {
  readonly state: State;
  /** Resolves when everything changed so far is on disk. Calls at the same time share one write. */
  flush(): Promise<void>;
};

const empty = (): State => ({ tables: {}, contents: {}, outbox: {}, numbers: {} });

/** Opens the state kept in a file; without a file it lives in memory. Throws when the file cannot be read. */
export async function openState(file: string | undefined): Promise<OpenState> {
  if (file === undefined) return { state: empty(), flush: () => Promise.resolve() };
  await mkdir(dirname(file), { recursive: true });
  const state = { ...empty(), ...(await load(file)) };
  let writing: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;
  const flush = (): Promise<void> => {
    queued ??= writing
      .catch(() => undefined) // a failed write was told to those who waited for it; the next one may succeed
      .then(() => {
        queued = undefined;
        writing = save(file, JSON.stringify(state));
        return writing;
      });
    return queued;
  };
  return { state, flush };
}

async function load(file: string): Promise<Partial<State>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<State>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} cannot be read: move it away to start with an empty ServiceNow`, {
      cause: error,
    });
  }
}

/** Write beside, sync, rename: a crash leaves the old file or the new one, never half a file. */
async function save(file: string, text: string): Promise<void> {
  const beside = `${file}.new`;
  const handle = await open(beside, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

export const newSysId = (): string => randomBytes(16).toString('hex');

/** A time as the instance stores it: `YYYY-MM-DD HH:MM:SS` in UTC. */
export const stamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

export const rowsOf = (state: State, table: string): Row[] =>
  storedIn(table).flatMap((one) => Object.values(state.tables[one] ?? {}));

/** The row with this sys_id that is stored for a table. */
export const rowIn = (state: State, table: string, sysId: string): Row | undefined =>
  storedIn(table)
    .map((one) => state.tables[one]?.[sysId])
    .find((row) => row !== undefined);

/** The sys_id a seed's record gets when it names none: always the same one. */
export function plantedSysId(table: string, record: Readonly<Row>): string {
  const key = `${table}|${record['number'] ?? record['user_name'] ?? record['name'] ?? JSON.stringify(record)}`;
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Adds the seed's records that are not there yet. A record without a sys_id gets the same one each time. */
export function plant(state: State, seed: Seed, now: Date): void {
  for (const [table, records] of Object.entries(seed)) {
    const root = rootOf(table);
    state.tables[root] ??= {};
    const rows = state.tables[root];
    for (const record of records) {
      const sysId = record['sys_id'] ?? plantedSysId(table, record);
      rows[sysId] ??= {
        sys_created_on: stamp(now),
        sys_created_by: 'system',
        sys_updated_on: stamp(now),
        sys_updated_by: 'system',
        sys_mod_count: '0',
        sys_class_name: table,
        ...record,
        sys_id: sysId,
      };
    }
  }
}

const prefixes: Readonly<Record<string, readonly [string, number]>> = {
  incident: ['INC', 10_000],
  change_request: ['CHG', 30_000],
};

/** The next free number of a task table, e.g. INC0010001; undefined for tables without numbers. */
export function nextNumber(state: State, table: string): string | undefined {
  const [prefix, first] = prefixes[table] ?? [];
  if (prefix === undefined || first === undefined) return undefined;
  const taken = new Set(rowsOf(state, table).map((row) => row['number']));
  for (let n = (state.numbers[table] ?? first) + 1; ; n += 1) {
    const number = prefix + String(n).padStart(7, '0');
    state.numbers[table] = n;
    if (!taken.has(number)) return number;
  }
}
