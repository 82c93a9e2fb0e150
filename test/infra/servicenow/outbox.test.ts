import assert from 'node:assert/strict';
import { type Instance, startInstance } from './instance.ts';
import { openStage, type Stage, second, sysId } from './stage.ts';

const id = `inc_${sysId}_0`;

describe('the outbox of the built ServiceNow application', () => {
  let instance: Instance;
  let stage: Stage;
  before(async () => {
    instance = await startInstance();
  });
  after(() => instance.stop());
  beforeEach(async () => {
    stage = await openStage(instance);
  });
  afterEach(() => stage.close());

  describe('is filled by the button Propose runbook', () => {
    const press = () => instance.press('Propose runbook', 'incident', sysId, 'beth');

    it('for an incident no rule fits: it is tagged, and Handrail hears of it at once', async () => {
      await stage.save({ category: 'network' });
      await press();
      await instance.work();
      assert.equal((await instance.rows('incident'))[0]?.['x_handrail_tag'], 'offer');
      assert.equal(Object.keys(await stage.inbox()).length, 1);
      assert.match((await instance.told()).messages.join(), /Handrail is asked/);
    });

    it('again for a version that was told before, under another id', async () => {
      await stage.save();
      await instance.work();
      await press();
      await instance.work();
      const ids = Object.keys(await stage.inbox()).toSorted();
      assert.equal(ids[0], id);
      assert.match(ids[1] ?? '', new RegExp(`^${id}_[0-9a-f]{32}$`));
    });
  });

  describe('is cleared of', () => {
    const reap = () => instance.job('Handrail: delete old events');
    beforeEach(async () => {
      await stage.save({ sys_id: '1'.repeat(32) });
      await instance.work();
      await stage.set('secret', second);
      await stage.set('max_attempts', '1');
      await stage.save({ sys_id: '2'.repeat(32) });
      await instance.work();
      await stage.set('active', 'false');
      await stage.save({ sys_id: '3'.repeat(32) });
      await stage.save({ sys_id: '3'.repeat(32), state: '2' });
    });

    it('what was sent or superseded two weeks ago; what waits and dead letters stay', async () => {
      await instance.age(13 * 86_400);
      await reap();
      assert.deepEqual((await stage.states()).toSorted(), ['dead', 'pending', 'sent', 'superseded']);
      await instance.age(2 * 86_400);
      await reap();
      assert.deepEqual((await stage.states()).toSorted(), ['dead', 'pending']);
    });

    it('as if nothing were set when the number of days is none', async () => {
      for (const days of ['', '-3', '1e9', 'ever']) {
        await stage.set('keep_days', days);
        await reap();
      }
      assert.equal((await stage.rows()).length, 4);
    });
  });
});
