import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { verifyRun } from '../../../src/adapters/store/chain.ts';
import { openSqlite } from '../../../src/adapters/store/open.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { tempFolder } from './files.ts';

const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
const clock = { now: () => new Date() };
const inUse = (error: unknown) =>
  error instanceof AppError && error.code === 'store-in-use' && error.fix !== '';

describe('A store whose process is killed with SIGKILL', () => {
  const files = tempFolder();
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    files.remove();
  });

  /** Runs the writer until it has printed so many lines, then kills it. Answers all lines it printed. */
  async function killAfter(path: string, lines: number, meanwhile: () => Promise<void>): Promise<string[]> {
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      if (printed.length === 1) await meanwhile();
      if (printed.length === lines) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
    // the last line may have been cut off by the kill
    return printed.filter((line) => line === 'owned' || line.length === 53);
  }

  it('has every acknowledged event once, in chains that verify, and is free for the next process at once', async () => {
    const path = files.path('crash.sqlite');
    const acknowledged = await killAfter(path, 150, async () => {
      const second = await openSqlite(path, clock);
      await assert.rejects(second.own(), inUse);
      await second.close();
    });
    assert.equal(acknowledged[0], 'owned');
    const next = await openSqlite(path, clock);
    const release = await next.own();
    for (const [run, acks] of Map.groupBy(acknowledged.slice(1), (line) => line.slice(0, 26))) {
      const entries = await next.log.read(run);
      assert.equal(verifyRun(entries).ok, true);
      assert.equal(entries.length % 2, 0, 'an append was stored by half');
      const stored = new Set(entries.map(({ event }) => `${run} ${event}`));
      assert.equal(stored.size, entries.length);
      assert.deepEqual(
        acks.filter((ack) => !stored.has(ack)),
        [],
      );
    }
    await release();
    await next.close();
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    db.close();
  });
});
