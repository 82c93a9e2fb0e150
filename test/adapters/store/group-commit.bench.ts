/**
 * How many fsyncs concurrent appends take: `node test/adapters/store/group-commit.bench.ts [appends]`.
 * Each line appends to that many runs at once, one event after the other in each run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLog } from '../../../src/adapters/store/event-log.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite.ts';
import type { LogEntry } from '../../../src/domain/events.ts';
import type { EventLog } from '../../../src/ports.ts';
import { cancelRequested, handClock, runId } from '../../contract/store-fixtures.ts';
import { appended } from '../../contract/store-log.ts';

const total = Number(process.argv[2] ?? 2048);
const padding = 'x'.repeat(600);

async function appendRun(log: EventLog, count: number): Promise<void> {
  const run = runId();
  let head: LogEntry | undefined;
  for (let i = 0; i < count; i += 1)
    head = (await appended(log, run, head, [cancelRequested(padding)])).at(-1);
}

const folder = mkdtempSync(join(tmpdir(), 'handrail-bench-'));
for (const atOnce of [1, 8, 32, 128]) {
  const store = openSqliteStore(join(folder, `${atOnce}.sqlite`), handClock());
  const log = eventLog(store);
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, () => appendRun(log, total / atOnce)));
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(total / seconds);
  console.log(`${atOnce} at once: ${total} appends, ${store.commits()} fsyncs, ${rate} appends a second`);
  await store.close();
}
rmSync(folder, { recursive: true });
