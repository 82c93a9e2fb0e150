import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { eventLog, verifyStored } from '../../../src/adapters/store/event-log.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/adapters/store/sqlite.ts';
import { listStatement } from '../../../src/adapters/store/sqlite-rows.ts';
import type { Container, ListQuery } from '../../../src/adapters/store/store.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { cancelRequested, handClock, item, runId } from '../../contract/store-fixtures.ts';
import { appended, events } from '../../contract/store-log.ts';
import { tempFolder } from './files.ts';

const failsWith = (code: string, fix: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === code && fix.test(error.fix);

describe('The SQLite store file', () => {
  const files = tempFolder();
  const clock = handClock();
  const path = files.path('folder/store.sqlite');
  const run = runId();
  let store: SqliteStore;
  let raw: DatabaseSync;
  before(async () => {
    store = openSqliteStore(path, clock);
    await appended(eventLog(store), run, undefined, events(5));
    raw = new DatabaseSync(path);
  });
  after(async () => {
    raw.close();
    await store.close();
    files.remove();
  });

  it('can be read by its owner only, its log too', async () => {
    for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(path + suffix).mode & 0o777, 0o600);
    chmodSync(path, 0o644);
    await openSqliteStore(path, clock).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  for (const text of [
    "UPDATE audit SET body = '{}'",
    'DELETE FROM audit',
    'INSERT OR REPLACE INTO audit SELECT * FROM audit',
    "UPDATE OR IGNORE audit SET body = '{}'",
  ])
    it(`stops ${text}`, async () => {
      assert.throws(() => raw.exec(text), /append-only/);
      assert.equal((await verifyStored(store, run)).ok, true);
    });

  it('shows what an owner changed who dropped the triggers first', async () => {
    const other = files.path('owner.sqlite');
    const opened = openSqliteStore(other, clock);
    await appended(eventLog(opened), run, undefined, events(5));
    const owner = new DatabaseSync(other);
    owner.exec('DROP TRIGGER audit_no_update');
    owner.exec("UPDATE audit SET body = json_set(body, '$.tenant', 'mallory') WHERE id = '0000000003'");
    owner.close();
    assert.deepEqual(await verifyStored(opened, run), { ok: false, seq: 3, why: 'content' });
    await opened.close();
  });

  it('keeps everything when it is opened again', async () => {
    const entries = await eventLog(store).read(run);
    const again = openSqliteStore(path, clock);
    assert.deepEqual(await eventLog(again).read(run), entries);
    assert.deepEqual((await appended(eventLog(again), run, entries.at(-1), [cancelRequested()]))[0]?.seq, 6);
    await again.close();
  });

  it('answers lists from an index, in order', () => {
    for (const [container, where] of [
      ['audit', 'incident = ?'],
      ['audit', 'conversation = ?'],
      ['audit', 'runbook = ?'],
      ['audit', 'ci = ? AND runbook = ? AND kind = ? AND phase = ?'],
      ['state', 'kind = ?'],
      ['state', 'kind = ? AND status = ?'],
      ['state', 'kind = ? AND code = ?'],
      ['state', 'kind = ? AND ci = ?'],
    ]) {
      const plan = raw.prepare(
        `EXPLAIN QUERY PLAN SELECT * FROM ${container} WHERE ${where} ORDER BY k DESC LIMIT 9`,
      );
      const details = plan.all().map(({ detail }) => String(detail));
      assert.equal(details.length, 1, `${container} ${where}: ${details.join(', ')}`);
      assert.match(details[0] ?? '', /USING INDEX/);
    }
  });

  it('deletes expired items in passing', async () => {
    const expired = item({ ttl: 1 });
    await store.put(expired, 'new');
    clock.advance(120);
    await store.put(item(), 'new');
    const left = raw.prepare('SELECT count(*) AS n FROM state WHERE id = ?').get(expired.id);
    assert.equal(left?.['n'], 0);
  });

  const asked: readonly (readonly [Container, ListQuery['where'], string])[] = [
    [
      'audit',
      { ci: 'c', kind: 'step-started', phase: 'remediation' },
      'audit_ci_phase_kind (ci=? AND phase=? AND kind=?',
    ],
    ['audit', { kind: 'step-started', phase: 'remediation' }, 'audit_phase_kind (phase=? AND kind=?'],
    ['audit', { incident: 'INC1', kind: 'run-proposed' }, 'audit_incident (incident=?'],
    ['audit', { conversation: 'a' }, 'audit_conversation (conversation=?'],
    ['state', { kind: 'run' }, 'state_kind (kind=?'],
    ['state', { kind: 'run', status: 'open' }, 'state_kind_status (kind=? AND status=?'],
    [
      'state',
      { kind: 'run', status: 'open', incident: 'INC1' },
      'state_kind_status_incident (kind=? AND status=? AND incident=?',
    ],
    ['state', { kind: 'run', code: 'AB123' }, 'state_code (code=?'],
    ['state', { kind: 'lease', ci: 'c' }, 'state_ci (ci=?'],
  ];
  for (const [container, where, index] of asked)
    it(`answers ${Object.keys(where ?? {}).join(' and ')} of ${container} by an index, however much there is`, () => {
      const { text, bound } = listStatement(container, { where: where ?? {}, order: 'desc', limit: 10 }, 0);
      const plan = raw.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...bound);
      assert.equal(plan.length, 1, 'sorted after it was read');
      const detail = String(plan[0]?.['detail']);
      assert.ok(detail.startsWith(`SEARCH ${container} USING INDEX ${index}`), detail);
    });

  it('takes over a file of the first release, with everything in it', async () => {
    const old = files.path('old.sqlite');
    const before = openSqliteStore(old, clock);
    await appended(eventLog(before), run, undefined, events(5));
    await before.close();
    const db = new DatabaseSync(old);
    db.exec(
      'DROP INDEX audit_ci_phase_kind; DROP INDEX audit_phase_kind; DROP INDEX state_kind_status_incident',
    );
    db.exec(
      'PRAGMA user_version = 1; CREATE INDEX state_incident ON state(incident, k) WHERE incident IS NOT NULL',
    );
    db.exec(
      'CREATE INDEX audit_ci_runbook ON audit(ci, runbook, k) WHERE ci IS NOT NULL AND runbook IS NOT NULL',
    );
    const indexes = () =>
      db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        .all()
        .map(({ name }) => String(name));
    const wanted = raw
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
      .all();
    const after = openSqliteStore(old, clock);
    assert.equal((await verifyStored(after, run)).ok, true);
    assert.deepEqual(indexes().toSorted(), wanted.map(({ name }) => String(name)).toSorted());
    assert.deepEqual(db.prepare('PRAGMA user_version').get(), raw.prepare('PRAGMA user_version').get());
    db.close();
    await after.close();
  });

  it('gives up on a store another process writes to, and may be asked again', async () => {
    const impatient = openSqliteStore(path, clock, { busyTimeout: 20 });
    raw.exec('BEGIN IMMEDIATE');
    const writing = impatient.put(item(), 'new');
    await assert.rejects(writing, failsWith('store-unavailable', /process/));
    raw.exec('ROLLBACK');
    assert.ok((await impatient.put(item(), 'new')).ok);
    await impatient.close();
  });

  it('refuses a file of a newer release, one that is no database, and a folder', () => {
    const newer = files.path('newer.sqlite');
    const db = new DatabaseSync(newer);
    db.exec('PRAGMA user_version = 99');
    db.close();
    assert.throws(() => openSqliteStore(newer, clock), failsWith('store-refused', /newer release/));
    const text = files.path('text.sqlite');
    writeFileSync(text, 'x'.repeat(5000));
    assert.throws(() => openSqliteStore(text, clock), failsWith('store-unavailable', /path/));
    assert.throws(() => openSqliteStore(files.path('.'), clock), failsWith('store-unavailable', /.+/));
  });
});
