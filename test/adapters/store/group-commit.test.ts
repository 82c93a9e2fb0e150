import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type GroupCommit, groupCommit } from '../../../src/adapters/store/group-commit.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite.ts';
import { sqliteFailure } from '../../../src/adapters/store/sqlite-file.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { handClock, item } from '../../contract/store-fixtures.ts';
import { tempFolder } from './files.ts';

const unavailable = (error: unknown) => error instanceof AppError && error.code === 'store-unavailable';

describe('A group commit', () => {
  let db: DatabaseSync;
  let group: GroupCommit;
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE t(n INTEGER PRIMARY KEY) STRICT');
    group = groupCommit(db, sqliteFailure);
  });
  afterEach(() => db.close());

  const insert = (n: number | null) => () => db.prepare('INSERT INTO t VALUES(?)').run(n).changes;
  const stored = () =>
    db
      .prepare('SELECT n FROM t ORDER BY n')
      .all()
      .map(({ n }) => n);

  it('puts all writes of one turn of the event loop into one transaction', async () => {
    await Promise.all([1, 2, 3].map((n) => group.write(insert(n))));
    assert.equal(group.commits(), 1);
    await Promise.all([group.write(insert(4)), Promise.resolve().then(() => group.write(insert(5)))]);
    assert.equal(group.commits(), 2);
    assert.deepEqual(stored(), [1, 2, 3, 4, 5]);
  });

  it('undoes only the write that fails, all of it', async () => {
    const twice = () => {
      insert(9)();
      insert(1)();
    };
    const results = await Promise.allSettled(
      [insert(1), twice, insert(2)].map((work) => group.write<unknown>(work)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(stored(), [1, 2]);
    assert.equal(group.commits(), 1);
  });

  it('answers nobody before the commit', async () => {
    const order: string[] = [];
    const first = group
      .write(insert(1))
      .then(() => order.push(`answered in transaction: ${db.isTransaction}`));
    const second = group.write(() => order.push('second works'));
    await Promise.all([first, second]);
    assert.deepEqual(order, ['second works', 'answered in transaction: false']);
  });

  it('rejects every write of a transaction that cannot be committed, and says they may be stored', async () => {
    db.exec('CREATE TABLE c(n REFERENCES p(n) DEFERRABLE INITIALLY DEFERRED); CREATE TABLE p(n PRIMARY KEY)');
    const orphan = () => db.exec('INSERT INTO c VALUES(1)');
    const results = await Promise.allSettled([insert(1), orphan].map((work) => group.write<unknown>(work)));
    for (const result of results)
      assert.ok(result.status === 'rejected' && unavailable(result.reason) && result.reason.maybeApplied);
    assert.deepEqual(stored(), []);
    assert.equal(await group.write(insert(2)), 1);
  });

  it('rejects every write when an error ends the whole transaction, and works again afterwards', async () => {
    const end = () => db.exec('ROLLBACK; SELECT nonsense');
    const results = await Promise.allSettled(
      [insert(1), end, insert(2)].map((work) => group.write<unknown>(work)),
    );
    assert.ok(results.every((result) => result.status === 'rejected' && unavailable(result.reason)));
    assert.deepEqual(stored(), []);
    assert.equal(await group.write(insert(3)), 1);
  });

  it('keeps a transaction to a size that does not hold up everything else', async () => {
    await Promise.all(Array.from({ length: 1200 }, (_, n) => group.write(insert(n))));
    assert.equal(group.commits(), 3);
  });
});

describe('The SQLite store under load', () => {
  const files = tempFolder();
  after(() => files.remove());

  it('commits 100 concurrent writes of different runs with one fsync, each with its own answer', async () => {
    const store = openSqliteStore(files.path('load.sqlite'), handClock());
    const taken = item();
    const appends = Array.from({ length: 50 }, (_, n) => store.append([item({ pk: `run:${n}` })]));
    const puts = Array.from({ length: 50 }, (_, n) => store.put({ ...taken, body: n }, 'new'));
    const answers = [...(await Promise.all(appends)), ...(await Promise.all(puts)).map(({ ok }) => ok)];
    assert.equal(store.commits(), 1);
    assert.equal(answers.filter((answer) => answer === 'stored').length, 50);
    assert.equal(answers.filter((answer) => answer === true).length, 1);
    await store.close();
  });

  it('stores all events of an append or none', async () => {
    const store = openSqliteStore(files.path('atomic.sqlite'), handClock());
    const second = item({ pk: 'run:1', id: '0000000002' });
    await store.append([second]);
    assert.equal(await store.append([item({ pk: 'run:1', id: '0000000001' }), second]), 'exists');
    assert.equal(await store.get('audit', 'run:1', '0000000001'), undefined);
    await store.close();
  });

  it('carries out what was asked before it closes, and nothing after', async () => {
    const path = files.path('close.sqlite');
    const store = openSqliteStore(path, handClock());
    const one = item();
    const written = store.put(one, 'new');
    await store.close();
    await store.close();
    assert.ok((await written).ok);
    for (const late of [
      store.put(item(), 'new'),
      store.append([item()]),
      store.remove('a', 'b'),
      store.ready(),
    ])
      await assert.rejects(late, unavailable);
    await assert.rejects(store.get('state', one.pk, one.id), unavailable);
    const again = openSqliteStore(path, handClock());
    assert.deepEqual((await again.get('state', one.pk, one.id))?.item, one);
    await again.close();
  });
});
