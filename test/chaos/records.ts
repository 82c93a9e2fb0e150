import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { verifyRun } from '../../src/adapters/store/chain.ts';
import { type LogEntry, parseEntry } from '../../src/domain/events.ts';
import { fold, type Run } from '../../src/domain/run.ts';

/** The store as a second, reading connection sees it beside the process that owns it. */
export type Records = {
  /** Ids of the runs that have an event about an incident, or stand in the list of runs. */
  readonly runIds: readonly string[];
  /** The run, when there is exactly one and it has begun. */
  readonly run: Run | undefined;
  readonly verifies: boolean;
  /** Leases that are still held on its configuration item. */
  readonly leases: number;
};

type Column = (sql: string, ...values: string[]) => unknown[];

function reading<T>(file: string, look: (column: Column) => T): T {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  try {
    return look((sql, ...values) =>
      db
        .prepare(sql)
        .all(...values)
        .map((row) => row['x']),
    );
  } finally {
    db.close();
  }
}

/** True when the run about an incident has ended and everybody who has to know has been told. */
export const isSettled = (file: string, incident: string): boolean =>
  reading(
    file,
    (column) =>
      column("SELECT status AS x FROM state WHERE kind = 'run' AND incident = ?", incident)[0] === 'settled',
  );

export const recordsOf = (file: string, incident: string, ciSysId: string): Records =>
  reading(file, (column) => {
    const known = [
      ...column('SELECT DISTINCT pk AS x FROM audit WHERE incident = ?', incident),
      ...column("SELECT pk AS x FROM state WHERE kind = 'run' AND incident = ?", incident),
    ];
    const runIds = [...new Set(known.map((pk) => String(pk).slice('run:'.length)))];
    const [runId] = runIds;
    const entries = runIds.length === 1 && runId !== undefined ? entriesOf(column, runId) : [];
    return {
      runIds,
      run: entries.length === 0 ? undefined : fold(runId ?? '', entries),
      verifies: entries.length > 0 && verifyRun(entries).ok,
      leases: column("SELECT pk AS x FROM state WHERE kind LIKE 'lease%' AND ci = ?", ciSysId).length,
    };
  });

const entriesOf = (column: Column, runId: string): LogEntry[] =>
  column('SELECT body AS x FROM audit WHERE pk = ? ORDER BY id', `run:${runId}`).map((body) =>
    parseEntry(JSON.parse(String(body))),
  );

export type LaunchedJob = { readonly job: string; readonly reference: string };

/** Every job the ops API ever accepted, read from its journal on disk. */
export function launchedJobs(journal: string): LaunchedJob[] {
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { run?: { runbook: string; reference: string } })
    .flatMap(({ run }) => (run === undefined ? [] : [{ job: run.runbook, reference: run.reference }]));
}
