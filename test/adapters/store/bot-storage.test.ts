import assert from 'node:assert/strict';
import { ConversationState, type Storage, TestAdapter, type TurnContext } from 'botbuilder';
import fc from 'fast-check';
import { botStateId, botStorage, isBotStateConflict } from '../../../src/adapters/store/bot-storage.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite.ts';
import { stateStore } from '../../../src/adapters/store/state-store.ts';
import { handClock } from '../../contract/store-fixtures.ts';
import { tempFolder } from './files.ts';

describe('The id of bot state', () => {
  it('is a store id for any key, and never the same for two', () => {
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 190, maxLength: 220 }));
    fc.assert(
      fc.property(key, key, (a, b) => {
        assert.match(botStateId(a), /^[A-Za-z0-9._~:@=;,+!$-]{1,255}$/);
        assert.equal(botStateId(a) === botStateId(b), a === b);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps keys apart that look like the ids of others', () => {
    const long = 'x'.repeat(300);
    const keys = ['a/b', 'a~2fb', 'a~7e2fb', long, botStateId(long), '', botStateId('')];
    assert.equal(new Set(keys.map(botStateId)).size, keys.length);
  });
});

describe("botbuilder's own state on this storage", () => {
  const files = tempFolder();
  const store = openSqliteStore(files.path('bot.sqlite'), handClock());
  after(async () => {
    await store.close();
    files.remove();
  });

  it('loses no change of turns that run at the same time', async () => {
    const storage: Storage = botStorage(stateStore(store), { ttl: 60 });
    const state = new ConversationState(storage);
    const counter = state.createProperty<{ n: number }>('counter');
    let conflicts = 0;
    const turn = async (context: TurnContext): Promise<void> => {
      const count = await counter.get(context, { n: 0 });
      await new Promise((resolve) => setImmediate(resolve));
      count.n += 1;
      try {
        await state.saveChanges(context);
      } catch (error) {
        if (!isBotStateConflict(error)) throw error;
        conflicts += 1;
        await state.load(context, true);
        await turn(context);
      }
    };
    const adapter = new TestAdapter(turn);
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => adapter.receiveActivity(text)));
    assert.ok(conflicts > 0);
    let total = 0;
    await new TestAdapter(async (context) => {
      total = (await counter.get(context, { n: 0 })).n;
    }).receiveActivity('read');
    assert.equal(total, 4);
  });
});
