import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedCommands } from '../../../src/adapters/engine/stored-commands.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { StateStore } from '../../../src/ports.ts';
import { command } from '../../fakes/engine-handlers.ts';
import { fileState } from '../../fakes/engine-state.ts';

const clock = { now: () => new Date(Date.UTC(2026, 0, 1)) };
const ids = { ulid: () => 'c1', uuid: () => 'u1' };
const isGone = (error: unknown) =>
  error instanceof AppError && error.code === 'engine-unavailable' && error.retryable;

describe('a stored command', () => {
  let dir: string;
  let state: StateStore;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hr-'));
    state = fileState(dir);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is kept for a day under its run and read back', async () => {
    const commands = storedCommands({ state, ids, clock });
    assert.equal(await commands.keep('r', command('why')), 'c1');
    const stored = await state.get('command:r', 'c1');
    assert.deepEqual([stored?.item.kind, stored?.item.ttl], ['command', 86_400]);
    assert.deepEqual(await commands.read('r', 'c1'), command('why'));
  });

  it('is found although the first look does not see it yet', async () => {
    let looks = 0;
    const late: StateStore = {
      ...state,
      get: async (pk, id) => (++looks < 3 ? undefined : await state.get(pk, id)),
    };
    const commands = storedCommands({ state: late, ids, clock });
    await commands.keep('r', command());
    assert.deepEqual(await commands.read('r', 'c1'), command());
  });

  it('is an error when it is gone', async () => {
    await assert.rejects(storedCommands({ state, ids, clock }).read('r', 'c1'), isGone);
  });

  it('is an error when it does not fit the schema of commands', async () => {
    const body = { ...command(), name: 'launch-everything' };
    await state.put({ pk: 'command:r', id: 'c1', kind: 'command', k: 'k', body }, 'new');
    await assert.rejects(storedCommands({ state, ids, clock }).read('r', 'c1'), isGone);
  });

  it('is never overwritten by another with the same id', async () => {
    const commands = storedCommands({ state, ids, clock });
    await commands.keep('r', command('first'));
    await assert.rejects(commands.keep('r', command('second')), isGone);
    assert.deepEqual(await commands.read('r', 'c1'), command('first'));
  });
});
