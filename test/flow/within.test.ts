import assert from 'node:assert/strict';
import { within } from '../../src/flow/within.ts';

describe('a wait with an end', () => {
  it('gives the answer that comes in time', async () => {
    assert.equal(await within(60_000, Promise.resolve('yes')), 'yes');
  });

  it('gives up on an answer that never comes, and says after which time', async () => {
    await assert.rejects(within(1, new Promise(() => undefined)), /no answer within 1 ms/);
  });

  it('fails as the work fails', async () => {
    await assert.rejects(within(60_000, Promise.reject(new Error('refused'))), /refused/);
  });
});
