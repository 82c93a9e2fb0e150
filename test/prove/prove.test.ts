import assert from 'node:assert/strict';
import { prove } from './prove.ts';

describe('random sequences against a model of the rules', function () {
  this.timeout(120_000);

  it('stores no event that the model would not allow, and every vote and start that it would', async () => {
    const { seen } = await prove(300, Date.now() % 2 ** 31);
    for (const what of ['vote-cast', 'step-started', 'rejected', 'expired', 'stale-card', 'not-approver'])
      assert.ok(seen.has(what), `never met: ${what}`);
  });
});
