import assert from 'node:assert/strict';
import { dialogStorage } from '../../../src/adapters/teams/dialog-storage.ts';
import type { LogLine } from '../../../src/adapters/teams/log.ts';
import { memoryState } from '../../fakes/teams.ts';

const key = 'msteams/conversations/19:a@thread.tacv2;messageid=1/users/29:x/';
const started = () => {
  const store = memoryState();
  const lines: LogLine[] = [];
  const storage = dialogStorage(store, { now: () => new Date() }, (line) => lines.push(line));
  return { store, lines, storage };
};

describe('the storage of dialogs', () => {
  it('gives back what was written, under a key that holds anything', async () => {
    const { storage } = started();
    assert.deepEqual(await storage.read([key]), {});
    await storage.write({ [key]: { dialogs: { n: 1 }, eTag: '*' } });
    assert.deepEqual(await storage.read([key]), { [key]: { dialogs: { n: 1 } } });
    await storage.delete([key]);
    assert.deepEqual(await storage.read([key]), {});
  });

  it('keeps the first of two turns that read the same state, although the SDK asks to overwrite', async () => {
    const { storage, lines } = started();
    await storage.write({ [key]: { n: 0, eTag: '*' } });
    const { [key]: one } = await storage.read([key]);
    const { [key]: two } = await storage.read([key]);
    await storage.write({ [key]: Object.assign(one, { n: 1, eTag: '*' }) });
    await storage.write({ [key]: Object.assign(two, { n: 2, eTag: '*' }) });
    assert.deepEqual(await storage.read([key]), { [key]: { n: 1 } });
    assert.deepEqual(
      lines.map(({ message }) => message),
      ['dialog state not kept: changed'],
    );
    await storage.write({ [key]: Object.assign(one, { n: 3, eTag: '*' }) });
    assert.deepEqual(await storage.read([key]), { [key]: { n: 3 } }, 'the winner may write again');
  });

  it('keeps the first of two turns that both began with nothing', async () => {
    const { storage } = started();
    await storage.write({ [key]: { n: 1, eTag: '*' } });
    await storage.write({ [key]: { n: 2, eTag: '*' } });
    assert.deepEqual(await storage.read([key]), { [key]: { n: 1 } });
  });

  it('lets state go after a day', async () => {
    const { storage, store } = started();
    await storage.write({ [key]: { n: 1 } });
    const { items } = await store.list({ where: { kind: 'dialog' }, limit: 2 });
    assert.deepEqual(
      items.map(({ item }) => item.ttl),
      [86_400],
    );
  });
});
