import assert from 'node:assert/strict';
import { leaseStore } from '../../../src/adapters/store/lease.ts';
import { openSqliteStore, type SqliteStore } from '../../../src/adapters/store/sqlite.ts';
import { stateStore } from '../../../src/adapters/store/state-store.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { StateStore } from '../../../src/ports.ts';
import { type HandClock, handClock } from '../../contract/store-fixtures.ts';
import { tempFolder } from './files.ts';

const away = new AppError({ code: 'store-unavailable', message: 'away', fix: 'wait', retryable: true });

describe('A lease that is held', () => {
  const files = tempFolder();
  let store: SqliteStore;
  let clock: HandClock;
  let state: StateStore;
  let n = 0;
  beforeEach(() => {
    n += 1;
    clock = handClock();
    store = openSqliteStore(files.path(`${n}.sqlite`), clock);
    state = stateStore(store);
  });
  afterEach(() => store.close());
  after(() => files.remove());

  /** Answers when the lease has been written so many times. */
  function counted(
    times: number,
    put: StateStore['put'] = state.put,
  ): { state: StateStore; reached: Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<void>();
    let written = 0;
    const counting: StateStore['put'] = async (item, when) => {
      try {
        return await put(item, when);
      } finally {
        written += 1;
        if (written === times) resolve();
      }
    };
    return { state: { ...state, put: counting }, reached: promise };
  }

  it('is renewed before it runs out', async () => {
    const { state: watched, reached } = counted(2);
    const release = await leaseStore(watched, clock, { holder: 'a', seconds: 1 });
    const [first] = (await state.list({ where: { kind: 'lease' }, limit: 1 })).items;
    await reached;
    const [second] = (await state.list({ where: { kind: 'lease' }, limit: 1 })).items;
    assert.notEqual(first?.etag, second?.etag);
    await release();
    assert.deepEqual((await state.list({ where: { kind: 'lease' }, limit: 1 })).items, []);
  });

  it('is given up, and said so once, when somebody else has it', async () => {
    const { promise, resolve } = Promise.withResolvers<AppError>();
    const release = await leaseStore(state, clock, { holder: 'a', seconds: 1, lost: resolve });
    clock.advance(5);
    const next = await leaseStore(state, clock, { holder: 'b', seconds: 60 });
    assert.equal((await promise).code, 'store-in-use');
    await release();
    await assert.rejects(leaseStore(state, clock, { holder: 'c', seconds: 60 }), /used by b/);
    await next();
  });

  it('survives a store that is away for a moment', async () => {
    let beats = 0;
    const flaky: StateStore['put'] = (item, when) => {
      beats += 1;
      return beats === 2 ? Promise.reject(away) : state.put(item, when);
    };
    const { state: watched, reached } = counted(3, flaky);
    const told: AppError[] = [];
    const settings = { holder: 'a', seconds: 1, lost: (error: AppError) => void told.push(error) };
    const release = await leaseStore(watched, { now: () => new Date(0) }, settings);
    await reached;
    assert.deepEqual(told, []);
    await release();
  });

  it('is taken and kept by its holder when a write was carried out although no answer came', async () => {
    let writes = 0;
    const mute: StateStore['put'] = async (item, when) => {
      writes += 1;
      const lost = writes === 1 || writes === 4;
      const written = await state.put(item, when);
      if (lost) throw away;
      return written;
    };
    // 1 takes it, unanswered; 2 finds it, 3 replaces it; 4 renews it, unanswered; 5 has a stale etag; 6 renews it
    const { state: watched, reached } = counted(6, mute);
    const told: AppError[] = [];
    const settings = { holder: 'a', seconds: 1, lost: (error: AppError) => void told.push(error) };
    await assert.rejects(leaseStore(watched, clock, settings), /away/);
    const release = await leaseStore(watched, clock, settings);
    await reached;
    assert.deepEqual(told, []);
    await release();
    assert.deepEqual((await state.list({ where: { kind: 'lease' }, limit: 1 })).items, []);
  });

  it('is lost when the store stays away longer than it runs', async () => {
    const { promise, resolve } = Promise.withResolvers<AppError>();
    let beats = 0;
    const dead: StateStore['put'] = (item, when) => {
      beats += 1;
      if (beats === 1) return state.put(item, when);
      clock.advance(2);
      return Promise.reject(away);
    };
    const release = await leaseStore({ ...state, put: dead }, clock, {
      holder: 'a',
      seconds: 1,
      lost: resolve,
    });
    assert.equal((await promise).cause, away);
    await release();
  });
});
