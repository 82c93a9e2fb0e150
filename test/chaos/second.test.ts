import assert from 'node:assert/strict';
import { startBot } from './bot.ts';
import { type EngineKind, openStage, type Stage } from './harness.ts';

describe('A second Handrail on the same store', function () {
  this.timeout(120_000);
  let stage: Stage | undefined;
  afterEach(() => stage?.close());

  // An embedded Restate server belongs to its bot, so there too one process owns the folder.
  for (const engine of ['local', 'restate'] satisfies EngineKind[])
    it(`does not start on the ${engine} engine, says why and what to do, and does the first no harm`, async () => {
      stage = await openStage(engine);
      const { data, environment } = stage;
      const second = startBot({ data, environment, stored: () => undefined, fired: () => undefined });
      await assert.rejects(second.ready, ({ message }: Error) => {
        assert.match(message, /Handrail cannot start: \S+handrail\.db is used by another process/);
        assert.match(message, /Stop the other Handrail, or give this one a store of its own/);
        return true;
      });
      const { problems, lives } = await stage.pass('test');
      assert.deepEqual(problems, []);
      assert.equal(lives, 1);
    });
});
