import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type Instance, startInstance } from './instance.ts';
import { first, openStage, type Stage, sysId } from './stage.ts';

const answering = (status: number, headers: Record<string, string> = {}) => {
  return (_req: unknown, res: ServerResponse) => void res.writeHead(status, headers).end('no');
};
const id = `inc_${sysId}_0`;

describe('the sender of the built ServiceNow application', () => {
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

  const row = async () => (await stage.rows())[0] ?? {};
  const failed = async (status: number, headers?: Record<string, string>) => {
    await stage.instead(answering(status, headers));
    await stage.save();
    await instance.work();
    return row();
  };
  /** Seconds until the next attempt. */
  const pause = ({ next_attempt: at = '' }: Record<string, string>) =>
    Math.round((Date.parse(`${at.replace(' ', 'T')}Z`) - Date.now()) / 1000);
  const isAbout = (seconds: number, expected: number) =>
    assert.ok(seconds > expected - 15 && seconds <= expected, `${seconds} instead of ${expected}`);

  it('tries again after a 503 with the same id and body, signed anew, until Handrail takes it', async () => {
    const { state, attempts, last_error: error } = await failed(503);
    assert.deepEqual([state, attempts, error], ['pending', '1', 'HTTP 503 no']);
    await stage.handrail(first);
    await stage.tick();
    assert.equal(instance.sent.length, 1, 'not before its time');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await stage.tick(30);
    assert.deepEqual(await stage.states(), ['sent']);
    assert.deepEqual(Object.keys(await stage.inbox()), [id]);
    const [one, two] = instance.sent;
    assert.equal(one?.headers['webhook-id'], id);
    assert.equal(two?.headers['webhook-id'], id);
    assert.equal(one?.body, two?.body);
    assert.notEqual(one?.headers['webhook-timestamp'], two?.headers['webhook-timestamp']);
    assert.notEqual(one?.headers['webhook-signature'], two?.headers['webhook-signature']);
  });

  it('waits longer after each failure, an hour at most', async () => {
    await failed(503);
    const pauses = [pause(await row())];
    for (let n = 0; n < 8; n++) {
      await stage.tick(3_600);
      pauses.push(pause(await row()));
    }
    for (const [n, expected] of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].entries())
      isAbout(pauses[n] ?? 0, expected);
  });

  it('waits as long as Retry-After asks, and no longer than an hour', async () => {
    isAbout(pause(await failed(429, { 'retry-after': '600' })), 600);
    await stage.instead(answering(429, { 'retry-after': '86400' }));
    await stage.tick(600);
    isAbout(pause(await row()), 3_600);
  });

  it('gives up after the attempts that were set: a dead letter, named in the log', async () => {
    await stage.set('max_attempts', '3');
    await failed(500);
    for (let n = 0; n < 4; n++) await stage.tick(3_600);
    const { state, attempts, last_status: status } = await row();
    assert.deepEqual([state, attempts, status, instance.sent.length], ['dead', '3', '500', 3]);
    const { errors } = await instance.told();
    assert.deepEqual(errors, [
      `Handrail: event ${id} is given up: HTTP 500 no. See Handrail > Dead letters.`,
    ]);
  });

  for (const status of [400, 409, 410, 413])
    it(`gives up at once after a ${status}: Handrail can never take it`, async () => {
      assert.equal((await failed(status))['state'], 'dead');
    });
  for (const status of [301, 401, 403, 404, 429, 502])
    it(`does not give up after a ${status}: somebody can put that right`, async () => {
      assert.equal((await failed(status))['state'], 'pending');
    });

  it('sends a dead letter again when an operator asks, under the same id', async () => {
    const { sys_id: dead = '' } = await failed(400);
    await stage.handrail(first);
    await instance.press('Send again', 'x_handrail_outbox', dead, 'olivia');
    await stage.tick();
    assert.deepEqual([await stage.states(), Object.keys(await stage.inbox())], [['sent'], [id]]);
    await instance.press('Send again', 'x_handrail_outbox', dead, 'olivia');
    await stage.tick();
    assert.equal(instance.sent.length, 2, 'what was sent is not sent again');
  });

  it('repeats an event whose answer was lost, and Handrail has it once', async () => {
    const handrail = stage.address();
    await stage.instead((req, res) => {
      const chunks: Uint8Array[] = [];
      req.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      req.on('end', () => {
        const headers = Object.entries(req.headers).filter(([name]) => /^(webhook-|content-type)/.test(name));
        const body = Buffer.concat(chunks);
        void fetch(`${handrail}${req.url}`, {
          method: 'POST',
          headers: headers as [string, string][],
          body,
        }).then(() => res.destroy());
      });
    });
    await stage.save();
    await instance.work();
    const { state, last_status: status } = await row();
    assert.deepEqual([state, status], ['pending', '0']);
    await stage.handrail(first);
    await stage.tick(30);
    assert.deepEqual([await stage.states(), (await row())['last_status']], [['sent'], '200']);
    assert.deepEqual(Object.keys(await stage.inbox()), [id]);
  });

  it('leaves an event superseded that failed while a newer one came', async () => {
    await stage.instead(answering(503));
    await stage.save();
    await instance.meanwhile('incident', { sys_id: sysId, state: '2' }, 'beth');
    await instance.work();
    assert.deepEqual((await stage.states()).toSorted(), ['pending', 'superseded']);
    await stage.handrail(first);
    await stage.tick(60);
    assert.deepEqual(Object.keys(await stage.inbox()), [`inc_${sysId}_1`]);
  });

  it('does not send an event that another node is sending', async () => {
    await stage.instead(answering(200));
    await stage.save();
    const { sys_id: event = '' } = await row();
    await instance.save(
      'x_handrail_outbox',
      { sys_id: event, attempts: '1', next_attempt: '2999-01-01 00:00:00' },
      'system',
    );
    await instance.work();
    await stage.tick();
    assert.equal(instance.sent.length, 0);
  });

  it('sends again what a node took and never settled, because it died', async () => {
    await stage.set('active', 'false');
    await stage.save();
    const { sys_id: event = '' } = await row();
    const soon = new Date(Date.now() + 60_000).toISOString().slice(0, 19).replace('T', ' ');
    await instance.save('x_handrail_outbox', { sys_id: event, attempts: '1', next_attempt: soon }, 'system');
    await stage.set('active', 'true');
    await stage.tick();
    assert.equal(instance.sent.length, 0);
    await stage.tick(61);
    assert.deepEqual([await stage.states(), (await row())['attempts']], [['sent'], '2']);
  });

  describe('while Handrail is down', () => {
    const incidents = ['1', '2', '3', '4', '5', '6'].map((digit) => digit.repeat(32));
    beforeEach(async () => {
      await stage.instead(answering(503));
      for (const one of incidents) await stage.save({ sys_id: one });
    });

    it('tries the first event of a burst alone, so that no worker waits in vain', async () => {
      await instance.work();
      assert.equal(instance.sent.length, 1);
    });

    it('ends a batch after three failures, and no event is in front for ever', async () => {
      await stage.tick();
      assert.equal(instance.sent.length, 3);
      await stage.tick(1);
      assert.equal(new Set(instance.sent.map(({ headers }) => headers['webhook-id'])).size, 6);
    });

    it('loses nothing: all of it arrives when Handrail is back', async () => {
      await instance.work();
      await stage.handrail(first);
      await stage.tick(60);
      assert.deepEqual(
        Object.keys(await stage.inbox()).toSorted(),
        incidents.map((one) => `inc_${one}_0`),
      );
      assert.deepEqual(await stage.states(), Array(6).fill('sent'));
    });

    it('sends no more in one batch than was set', async () => {
      await stage.handrail(first);
      await stage.set('batch_size', '4');
      await stage.tick();
      assert.equal(instance.sent.length, 4);
      await stage.set('batch_size', 'all of them');
      await stage.tick();
      assert.equal(instance.sent.length, 6);
    });
  });
});
