import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { showRecord, verifyRecords } from '../src/audit.ts';
import { CONTROL } from '../src/domain/control.ts';
import { markOpen } from '../src/flow/projection.ts';
import * as f from './fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from './fakes/flow.ts';

describe('the record', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    await markOpen(process.deps, f.RUN, 'INC0010023', 'recycle');
    await process.command(propose);
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  /** Somebody who has the file does what the store itself never does. */
  function tamper(sql: string): void {
    const db = new DatabaseSync(temp.file);
    db.exec('PRAGMA busy_timeout=5000');
    for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type='trigger'").all())
      db.exec(`DROP TRIGGER ${String(name)}`);
    db.exec(sql);
    db.close();
  }

  it('is shown by the code on the card, one line an event, who and why included', async () => {
    const lines = await showRecord(process.store, f.RUN.slice(-5).toLowerCase());
    assert.match(
      lines[0] ?? '',
      /^run 01JD8Z6N3V6Q4W8X2Y5A7K2QDM, \d+ events, chain verified, head [0-9a-f]{64}$/,
    );
    const has = (pattern: RegExp) =>
      assert.ok(
        lines.some((line) => pattern.test(line)),
        String(pattern),
      );
    has(
      /#001 .* run-proposed .* ServiceNow: recycle 1\.0\.0 \([0-9a-f]{12}\) for INC0010023 on shop-web-01, matches/,
    );
    has(/vote-cast +arne: approve plan 1 \([0-9a-f]{12}\) as web-approvers \[message act\]/);
    has(/step-finished .* remediation recycle-pool succeeded: .*sha256 [0-9a-f]{64}/);
    has(/run-closed .*: succeeded: verified healthy/);
    assert.deepEqual(await showRecord(process.store, f.RUN), lines);
  });

  it('names what to do when there is no such run', async () => {
    await assert.rejects(showRecord(process.store, 'ZZZZZ'), /there is no record of ZZZZZ/);
  });

  it('shows and verifies what concerns every run as well: who may vote for whom', async () => {
    await assert.rejects(showRecord(process.store, 'control'), /there is no record of control/);
    const delegation = { delegation: { to: 'web-operations' } };
    Object.assign(process.deps.catalogue, { policy: f.policy(delegation) });
    const until = '2026-11-23T00:00:00.000Z';
    await process.command(f.command('delegate', f.arne, { to: f.mia, until, reason: 'away' }), CONTROL);
    const lines = await showRecord(process.store, 'control');
    assert.match(lines[1] ?? '', /vote-delegated +arne: arne to mia until 2026-11-23T00:00:00.000Z: away/);
    tamper(`UPDATE audit SET body = replace(body, '"mia"', '"eve"') WHERE pk LIKE '%${CONTROL}'`);
    const verified = await verifyRecords(process.store);
    assert.deepEqual(verified, {
      ok: false,
      lines: ['control #1: content', 'control and 1 runs read, 1 broken'],
    });
  });

  it('misses the events of a run that was told to its end', async () => {
    tamper('DELETE FROM audit');
    const verified = await verifyRecords(process.store);
    assert.deepEqual(verified.lines, [
      `run ${f.RUN}: its events are gone`,
      'control and 1 runs read, 1 broken',
    ]);
  });

  it('verifies every run, and names the one somebody changed behind our back', async () => {
    assert.deepEqual(await verifyRecords(process.store), {
      ok: true,
      lines: ['control and 1 runs read, 0 broken'],
    });
    tamper('UPDATE audit SET body = replace(body, \'"arne"\', \'"mia"\')');
    const { ok, lines } = await verifyRecords(process.store);
    assert.equal(ok, false);
    assert.match(lines[0] ?? '', /^run 01JD8Z6N3V6Q4W8X2Y5A7K2QDM #\d+: content/);
    assert.match((await showRecord(process.store, f.RUN))[0] ?? '', /CHAIN BROKEN at #\d+: content/);
  });
});
