/** A process to be killed: `crash-writer.ts <store>` owns the store, appends without end, and prints what was acknowledged. */
import { writeSync } from 'node:fs';
import { openSqlite } from '../../../src/adapters/store/open.ts';
import type { LogEntry } from '../../../src/domain/events.ts';
import { cancelRequested, runId } from '../../contract/store-fixtures.ts';
import { appended } from '../../contract/store-log.ts';

const { log, own } = await openSqlite(process.argv[2] ?? '', { now: () => new Date() });
await own();
writeSync(1, 'owned\n');

async function appendForEver(): Promise<never> {
  const run = runId();
  let head: LogEntry | undefined;
  for (;;) {
    const entries = await appended(log, run, head, [cancelRequested(), cancelRequested()]);
    head = entries.at(-1);
    for (const { event } of entries) writeSync(1, `${run} ${event}\n`);
  }
}
await Promise.all(Array.from({ length: 6 }, appendForEver));
