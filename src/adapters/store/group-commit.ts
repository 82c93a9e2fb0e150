import type { DatabaseSync } from 'node:sqlite';

export type GroupCommit = {
  /** Runs the work in the next transaction and answers after its commit. An error of the work undoes this work only. */
  write<T>(work: () => T): Promise<T>;
  /** Commits what waits, now. */
  flush(): void;
  /** Transactions committed so far: one fsync each. */
  commits(): number;
};

type Job = { readonly run: () => () => void; readonly reject: (error: unknown) => void };

/** Writes in one transaction; more would keep the process from its other work for too long. */
const largest = 500;

/**
 * Collects the writes issued in one turn of the event loop and commits them together, so that many runs share one
 * fsync. Waiting for an fsync blocks this thread, meanwhile requests queue up, and the next transaction is larger:
 * the batch grows with the load by itself.
 */
export function groupCommit(
  db: DatabaseSync,
  failure: (error: unknown, committing: boolean) => Error,
): GroupCommit {
  const waiting: Job[] = [];
  let scheduled = false;
  let commits = 0;

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      commitBatch();
      if (waiting.length > 0) schedule();
    });
  };

  const runAlone = (job: Job): (() => void) => {
    db.exec('SAVEPOINT job');
    try {
      const settle = job.run();
      db.exec('RELEASE job');
      return settle;
    } catch (error) {
      // a full disk or an I/O error ends the whole transaction: then nobody in it has written
      if (!db.isTransaction) throw error;
      db.exec('ROLLBACK TO job; RELEASE job');
      return () => job.reject(failure(error, false));
    }
  };

  function commitBatch(): void {
    const batch = waiting.splice(0, largest);
    if (batch.length === 0) return;
    let committing = false;
    let settled: (() => void)[];
    try {
      db.exec('BEGIN IMMEDIATE');
      settled = batch.map(runAlone);
      committing = true;
      db.exec('COMMIT');
      commits += 1;
    } catch (error) {
      rollback(db);
      settled = batch.map((job) => () => job.reject(failure(error, committing)));
    }
    for (const settle of settled) settle();
  }

  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        const run = () => {
          const result = work();
          return () => resolve(result);
        };
        waiting.push({ run, reject });
        schedule();
      }),
    flush() {
      while (waiting.length > 0) commitBatch();
    },
    commits: () => commits,
  };
}

function rollback(db: DatabaseSync): void {
  if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
}
