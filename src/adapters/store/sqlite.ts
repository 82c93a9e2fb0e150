import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports.ts';
import { groupCommit } from './group-commit.ts';
import { openFile, sqliteFailure } from './sqlite-file.ts';
import {
  appendRows,
  getRow,
  listRows,
  purgeRowsOf,
  putRow,
  removeRow,
  rowsOf,
  type Text,
} from './sqlite-rows.ts';
import { checkItem, type Store } from './store.ts';

/** How often expired items are deleted, ms. */
const purgeEvery = 60_000;

export type SqliteStore = Store & {
  /** Transactions committed so far: one fsync each. */
  commits(): number;
};

/** Opens a store file; makes it when there is none. `busyTimeout`: how long to wait for other writers, ms. Throws AppError `store-unavailable` or `store-refused`. */
export function openSqliteStore(path: string, clock: Clock, { busyTimeout = 5000 } = {}): SqliteStore {
  const db = openFile(path, busyTimeout);
  const rows = rowsOf(db, clock);
  const group = groupCommit(db, sqliteFailure);
  let purgedAt = 0;

  const purge = () => {
    if (rows.now() - purgedAt < purgeEvery) return;
    purgedAt = rows.now();
    purgeRowsOf(rows);
  };

  return {
    commits: group.commits,
    ready: () => read(db, () => void rows.sql('SELECT 1').get()),
    async append(items) {
      const texts = items.map((item): Text => [item, checkItem('audit', item)]);
      assertOpen(db);
      return group.write(() => appendRows(rows, texts));
    },
    async put(item, when) {
      const text: Text = [item, checkItem('state', item)];
      assertOpen(db);
      return group.write(() => {
        purge();
        return putRow(rows, text, when);
      });
    },
    async remove(pk, id, etag) {
      assertOpen(db);
      return group.write(() => removeRow(rows, pk, id, etag));
    },
    get: (container, pk, id) => read(db, () => getRow(rows, container, pk, id)),
    list: (container, query) => read(db, () => listRows(rows, container, query)),
    async close() {
      if (!db.isOpen) return;
      group.flush();
      db.close();
    },
  };
}

async function read<T>(db: DatabaseSync, work: () => T): Promise<T> {
  assertOpen(db);
  try {
    return work();
  } catch (error) {
    throw sqliteFailure(error, false);
  }
}

function assertOpen(db: DatabaseSync): void {
  if (db.isOpen) return;
  throw new AppError({
    code: 'store-unavailable',
    message: 'the store is closed',
    fix: 'Handrail is stopping: send the request again when it has started.',
    retryable: true,
  });
}
