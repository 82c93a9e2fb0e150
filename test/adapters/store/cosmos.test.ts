import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { openCosmosStore } from '../../../src/adapters/store/cosmos.ts';
import type { CosmosSettings } from '../../../src/adapters/store/cosmos-account.ts';
import { eventLog, verifyStored } from '../../../src/adapters/store/event-log.ts';
import type { Store } from '../../../src/adapters/store/store.ts';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import { cancelRequested, handClock, item, runId } from '../../contract/store-fixtures.ts';
import { appended, events } from '../../contract/store-log.ts';
import { emulatorKey, type FakeCosmos, type Fault, startFakeCosmos } from '../../fakes/cosmos.ts';

type Expected = {
  readonly retryable: boolean;
  readonly maybeApplied: boolean;
  readonly retryAfterMs?: number;
};

const failsWith =
  (code: ErrorCode, expected: Partial<Expected> = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof AppError, inspect(error));
    assert.equal(error.code, code);
    assert.notEqual(error.fix, '');
    for (const [name, value] of Object.entries(expected))
      assert.equal(error[name as keyof Expected], value, name);
    assert.equal(inspect(error, { depth: 9 }).includes(emulatorKey), false);
    return true;
  };

describe('The Cosmos store', () => {
  let cosmos: FakeCosmos;
  let store: Store;
  const settings = (more: Partial<CosmosSettings> = {}): CosmosSettings => ({
    endpoint: cosmos.faultyEndpoint,
    key: emulatorKey,
    database: 'faults',
    ...more,
  });
  before(async () => {
    cosmos = await startFakeCosmos();
    store = await openCosmosStore(settings({ create: true }), handClock());
    await store.ready();
  });
  after(async () => {
    await store.close();
    await cosmos.close();
  });
  afterEach(() => {
    cosmos.faults = () => 'none';
    cosmos.account = {};
  });

  /** The next writes of items meet these faults, one each. */
  const onWrites = (...faults: Fault[]) => {
    cosmos.faults = ({ writesItem }) => (writesItem ? faults.shift() : undefined) ?? 'none';
  };
  const writesSent = async (work: () => Promise<unknown>): Promise<number> => {
    cosmos.seen.length = 0;
    await work();
    return cosmos.seen.filter(({ writesItem }) => writesItem).length;
  };

  it('recognises its own write when the answer was lost, and does not send it again', async () => {
    for (const when of ['new', 'any'] as const) {
      const one = item();
      onWrites('lose-answer');
      let etag = '';
      const sent = await writesSent(async () => {
        const written = await store.put(one, when);
        assert.ok(written.ok);
        etag = written.etag;
      });
      assert.equal(sent, 1);
      assert.equal((await store.get('state', one.pk, one.id))?.etag, etag);
    }
  });

  it('recognises its own replacement when the answer was lost', async () => {
    const one = item();
    const first = await store.put(one, 'new');
    assert.ok(first.ok);
    onWrites('lose-answer');
    const second = await store.put({ ...one, body: 2 }, { etag: first.etag });
    assert.ok(second.ok && second.etag !== first.etag);
    assert.deepEqual(await store.put(one, { etag: first.etag }), { ok: false, why: 'changed' });
  });

  it('does not take the write of another for its own', async () => {
    const one = item();
    await store.put(one, 'new');
    onWrites('reset');
    const expected = failsWith('store-unavailable', { retryable: true, maybeApplied: true });
    await assert.rejects(store.put(one, 'any'), expected);
    assert.ok(await store.get('state', one.pk, one.id));
  });

  for (const fault of ['reset', 'unavailable', 'retry-with'] as const)
    it(`says that a write may be stored after ${fault}, and sends it once`, async () => {
      onWrites(fault);
      const expected = failsWith('store-unavailable', { retryable: true, maybeApplied: true });
      assert.equal(await writesSent(() => assert.rejects(store.put(item(), 'new'), expected)), 1);
      onWrites(fault);
      assert.equal(await writesSent(() => assert.rejects(store.append([item()]), expected)), 1);
      onWrites(fault);
      assert.equal(await writesSent(() => assert.rejects(store.remove('a', 'b'), expected)), 1);
    });

  it('says when to come back while the database is at its limit, and that nothing is stored', async () => {
    cosmos.faults = ({ writesItem }) => (writesItem ? 'throttle' : 'none');
    const expected = { retryable: true, maybeApplied: false, retryAfterMs: 5 };
    await assert.rejects(store.put(item(), 'new'), failsWith('store-unavailable', expected));
  });

  it('bears short throttling without a word', async () => {
    onWrites('throttle', 'throttle');
    assert.ok((await store.put(item(), 'new')).ok);
  });

  it('says which roles are missing when it is forbidden', async () => {
    cosmos.faults = () => 'forbid';
    const rejection = assert.rejects(store.append([item()]), (error) => {
      failsWith('store-refused', { retryable: false, maybeApplied: false })(error);
      return error instanceof AppError && /data roles/.test(error.fix);
    });
    await rejection;
    await assert.rejects(store.get('state', 'a', 'b'), failsWith('store-refused'));
    await assert.rejects(store.list('state', { limit: 1 }), failsWith('store-refused'));
  });

  it('asks for one partition in the text of the query, not by an option an emulator may ignore', async () => {
    const one = item();
    await store.put(one, 'new');
    await store.put(item(), 'new');
    const page = await store.list('state', { pk: one.pk, limit: 10 });
    assert.deepEqual(
      page.items.map((found) => found.item.id),
      [one.id],
    );
  });

  it('refuses an account that accepts writes in several regions', async () => {
    cosmos.account = { enableMultipleWriteLocations: true };
    await assert.rejects(store.ready(), failsWith('config-invalid'));
  });

  it('refuses a missing database, and containers that would lose events', async () => {
    const missing = await openCosmosStore(settings({ database: 'missing' }), handClock());
    await assert.rejects(missing.ready(), failsWith('store-refused'));
    await missing.close();
    const { CosmosClient } = await import('@azure/cosmos');
    const client = new CosmosClient({
      endpoint: cosmos.endpoint,
      key: emulatorKey,
      connectionPolicy: { enableEndpointDiscovery: false },
    });
    const wrong = [
      ['expiring', { id: 'audit', partitionKey: { paths: ['/pk'] }, defaultTtl: 60 }],
      ['elsewhere', { id: 'audit', partitionKey: { paths: ['/id'] } }],
    ] as const;
    for (const [id, container] of wrong) {
      const { database } = await client.databases.create({ id });
      await database.containers.create({
        ...container,
        partitionKey: { paths: [...container.partitionKey.paths] },
      });
      const opened = await openCosmosStore(settings({ database: id }), handClock());
      await assert.rejects(opened.ready(), failsWith('config-invalid'));
      await opened.close();
    }
    client.dispose();
  });

  it('refuses to send its identity without https', () =>
    assert.rejects(openCosmosStore(settings({ key: undefined }), handClock()), failsWith('config-invalid')));

  it('says that nobody is there', async () => {
    const nobody = await startFakeCosmos();
    const opened = await openCosmosStore(settings({ endpoint: nobody.endpoint }), handClock());
    await nobody.close();
    await assert.rejects(opened.put(item(), 'new'), failsWith('store-unavailable', { maybeApplied: false }));
    await opened.close();
  });

  describe('under the event log', () => {
    for (const fault of ['lose-answer', 'reset', 'unavailable', 'retry-with'] as const)
      it(`stores an event once after ${fault}`, async () => {
        const run = runId();
        onWrites(fault);
        const entries = await appended(eventLog(store), run, undefined, events(2));
        assert.deepEqual(await eventLog(store).read(run), entries);
        assert.equal((await verifyStored(store, run, entries.at(-1))).ok, true);
      });

    it('completes several events whose second answer was lost', async () => {
      const run = runId();
      onWrites('none', 'lose-answer');
      const entries = await appended(eventLog(store), run, undefined, events(4));
      assert.deepEqual(await eventLog(store).read(run), entries);
      assert.equal(entries.length, 4);
    });

    it('answers conflict when somebody else came first while the answer was out', async () => {
      const run = runId();
      await appended(eventLog(store), run, undefined, [cancelRequested('theirs')]);
      onWrites('reset');
      const answer = await eventLog(store).append(run, undefined, [cancelRequested('ours')]);
      assert.deepEqual(answer, { ok: false, why: 'conflict' });
    });

    it('gives up after a bounded number of attempts and keeps the chain whole', async () => {
      const run = runId();
      cosmos.faults = ({ writesItem }) => (writesItem ? 'unavailable' : 'none');
      const expected = failsWith('store-unavailable', { retryable: true, maybeApplied: true });
      const sent = await writesSent(() =>
        assert.rejects(eventLog(store).append(run, undefined, events(1)), expected),
      );
      assert.equal(sent, 6);
      assert.deepEqual(await eventLog(store).read(run), []);
    });
  });
});
