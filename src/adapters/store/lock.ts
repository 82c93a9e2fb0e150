import { realpathSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';
import { privateFile, sqliteFailure } from './sqlite-file.ts';

/**
 * Takes a store file for this process alone, and answers how to give it back. The lock is the operating system's, on
 * a file beside the store, held through SQLite: it ends with the process, also when that is killed.
 * Throws AppError `store-in-use`. Not for network disks, where such locks cannot be relied on.
 */
export function lockStore(path: string): () => void {
  const file = `${realpathSync(path)}.lock`;
  privateFile(file);
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const failure = sqliteFailure(error, false);
    throw isBusy(error) ? inUse(`${path} is used by another process`) : failure;
  }
  return () => {
    if (db.isOpen) db.close();
  };
}

const isBusy = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === 5;

export const inUse = (message: string, retryAfterMs?: number): AppError =>
  new AppError({
    code: 'store-in-use',
    message,
    fix: 'Stop the other Handrail, or give this one a store of its own. For several processes on one store use the restate engine.',
    ...(retryAfterMs === undefined ? {} : { retryable: true, retryAfterMs }),
  });
