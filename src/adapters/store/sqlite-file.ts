import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, messageOf } from '../../domain/errors.ts';
import { fields } from './store.ts';

/** What `PRAGMA user_version` says of a file with the tables below. */
const schemaVersion = 2;

const table = (name: string) => `CREATE TABLE ${name}(
  pk TEXT NOT NULL, id TEXT NOT NULL, k TEXT NOT NULL,
  ${fields.map((field) => `${field} TEXT`).join(', ')},
  etag TEXT NOT NULL, ttl INTEGER, expires INTEGER, body TEXT NOT NULL,
  PRIMARY KEY(pk, id)) STRICT;`;

/** Each index is paid for with every write: only what lists really ask for, and only rows that have the field. */
const index = (container: string, ...columns: string[]) =>
  `CREATE INDEX ${container}_${columns.join('_')} ON ${container}(${columns.join(', ')}, k)
   WHERE ${columns.map((column) => `${column} IS NOT NULL`).join(' AND ')};`;

const openRunsOfIncident = index('state', 'kind', 'status', 'incident');
/** What the guardrails ask at every decision: the remediations on this item, and those of the last hour. */
const pastSteps = [index('audit', 'ci', 'phase', 'kind'), index('audit', 'phase', 'kind')];

const schema = [
  table('audit'),
  index('audit', 'incident'),
  index('audit', 'conversation'),
  index('audit', 'runbook'),
  ...pastSteps,
  "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;",
  "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;",
  // INSERT OR REPLACE fires delete triggers only on connections with recursive_triggers; this one fires on all
  `CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
   WHEN EXISTS (SELECT 1 FROM audit WHERE pk = NEW.pk AND id = NEW.id)
   BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;`,
  table('state'),
  index('state', 'kind'),
  index('state', 'kind', 'status'),
  index('state', 'code'),
  index('state', 'ci'),
  openRunsOfIncident,
  'CREATE INDEX state_expires ON state(expires) WHERE expires IS NOT NULL;',
  `PRAGMA user_version = ${schemaVersion};`,
].join('\n');

/** What makes a file of an earlier release one of this: by the version it has. */
const upgrades: Readonly<Record<number, readonly string[]>> = {
  1: ['DROP INDEX audit_ci_runbook;', 'DROP INDEX state_incident;', ...pastSteps, openRunsOfIncident],
};

/** A file only its owner can read, made with that mode before anything is in it. */
export function privateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** Opens (or makes) a store file; waits for other writers up to `busyTimeout` ms. Throws AppError `store-unavailable`, or `store-refused` for a newer schema. */
export function openFile(path: string, busyTimeout: number): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    privateFile(path);
    db = new DatabaseSync(path, { timeout: busyTimeout });
    // FULL: an answer is given after the fsync, so a power cut loses nothing that was acknowledged
    db.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA recursive_triggers=ON;',
    );
    migrate(db, path);
    return db;
  } catch (error) {
    if (db?.isOpen) db.close();
    throw error instanceof AppError ? error : sqliteFailure(error, false);
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const versionOf = () => db.prepare('PRAGMA user_version').get()?.['user_version'];
  if (versionOf() === 0 || Number(versionOf()) in upgrades) {
    db.exec('BEGIN IMMEDIATE');
    // another process may have made the tables while this one waited
    if (versionOf() === 0) db.exec(schema);
    else upgrade(db, Number(versionOf()));
    db.exec('COMMIT');
  }
  const version = versionOf();
  if (version === schemaVersion) return;
  throw new AppError({
    code: 'store-refused',
    message: `${path} has schema version ${version}, this release knows ${schemaVersion}`,
    fix: 'Start the newer release of Handrail that wrote this store, or give this one another store file.',
  });
}

function upgrade(db: DatabaseSync, from: number): void {
  for (let version = from; version in upgrades; version++) {
    db.exec((upgrades[version] ?? []).join('\n'));
    db.exec(`PRAGMA user_version = ${version + 1};`);
  }
}

const fixes: Readonly<Record<number, string>> = {
  5: 'Another process writes to this store: stop it, or wait until it has finished.',
  6: 'Another process writes to this store: stop it, or wait until it has finished.',
  8: 'Make the store file and its folder writable for this user.',
  13: 'Free space on the disk that holds the store.',
  14: 'Make the folder of the store writable for this user.',
  26: 'Give the path of a Handrail store, or of a file that does not exist yet.',
};

/** An error of SQLite in our words. `committing`: it came from COMMIT, so the writes may or may not be there. */
export function sqliteFailure(error: unknown, committing: boolean): AppError {
  if (error instanceof AppError) return error;
  const code =
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
      ? error.errcode & 255
      : 0;
  return new AppError({
    code: 'store-unavailable',
    message: `SQLite: ${messageOf(error)}`,
    fix: fixes[code] ?? 'Check the disk that holds the store, then start Handrail again.',
    retryable: true,
    maybeApplied: committing,
    cause: error,
  });
}
