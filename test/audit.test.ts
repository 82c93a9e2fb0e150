import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { showRecord, verifyRecords } from '../src/audit.ts';
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
    await assert.rejects(showRecord(process.store, 'ZZZZZ'), /there is no run ZZZZZ/);
  });

  it('verifies every run, and names the one somebody changed behind our back', async () => {
    assert.deepEqual(await verifyRecords(process.store), { ok: true, lines: ['1 runs read, 0 broken'] });
    const db = new DatabaseSync(temp.file);
    db.exec('PRAGMA busy_timeout=5000');
    for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type='trigger'").all())
      db.exec(`DROP TRIGGER ${String(name)}`);
    db.exec('UPDATE audit SET body = replace(body, \'"arne"\', \'"mia"\')');
    db.close();
    const { ok, lines } = await verifyRecords(process.store);
    assert.equal(ok, false);
    assert.match(lines[0] ?? '', /^run 01JD8Z6N3V6Q4W8X2Y5A7K2QDM #\d+: content/);
    assert.match((await showRecord(process.store, f.RUN))[0] ?? '', /CHAIN BROKEN at #\d+: content/);
  });
});
