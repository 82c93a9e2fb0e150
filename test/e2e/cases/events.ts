import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { textOf } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { runsOf } from '../record.ts';
import type { Stage } from '../stage.ts';

type Sent = { readonly status: number; readonly body: string };

async function send(
  stage: Stage,
  id: string,
  body: string,
  secret = stage.info.webhookSecret,
): Promise<Sent> {
  const now = new Date();
  const answer = await fetch(`${stage.bot}/api/servicenow/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: answer.status, body: await answer.text() };
}

const eventAbout = (sysId: string, number: string, more: object = {}): string =>
  JSON.stringify({ table: 'incident', sys_id: sysId, number, sys_mod_count: 0, ...more });

/** The door that ServiceNow knocks at. */
export function events(on: () => Stage): void {
  it('turns a bad signature away without a word', async () => {
    const body = eventAbout('a'.repeat(32), 'INC0000001');
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    assert.deepEqual(await send(on(), 'inc_forged_0', body, other), { status: 401, body: '' });
  });

  it('reads no event that is larger than events are', async () => {
    const body = eventAbout('a'.repeat(32), 'INC0000001', { padding: 'x'.repeat(70_000) });
    assert.equal((await send(on(), 'inc_large_0', body)).status, 413);
  });

  it('makes one card of an event however often it comes, and refuses another body under its id', async () => {
    const { serviceNow, data, client, incident } = on();
    const number = await incident('iis-5xx-stubborn');
    const sysId = (await serviceNow.incident(number))['sys_id'] ?? '';
    const cardsOfIt = () => client.seen.filter((seen) => !seen.updated && textOf(seen).includes(number));
    await eventually(() => assert.equal(cardsOfIt().length, 1));
    const before = await runsOf(data, number);
    assert.equal(before.length, 1);
    const id = `inc_${sysId}_0`;
    const repeat = await send(on(), id, eventAbout(sysId, number));
    assert.deepEqual(repeat, { status: 200, body: '{"status":"repeat"}' });
    const other = await send(on(), id, eventAbout(sysId, number, { sys_mod_count: 7 }));
    assert.equal(other.status, 409);
    assert.deepEqual(await runsOf(data, number), before);
    assert.equal(cardsOfIt().length, 1);
  });

  it('says in the log what it could not find, and goes on', async () => {
    const { log, serviceNow, data } = on();
    const unknown = 'f'.repeat(32);
    const body = eventAbout(unknown, 'INC0999999');
    assert.equal((await send(on(), `inc_${unknown}_0`, body)).status, 202);
    await eventually(() =>
      assert.match(
        readFileSync(log, 'utf8'),
        new RegExp(`event=inc_${unknown}_0 why=ServiceNow does not show it yet`),
      ),
    );
    const lost = await serviceNow.create('incident', {
      short_description: 'HTTP 503 on a server nobody named',
    });
    const number = String(lost['number']);
    await eventually(() =>
      assert.match(readFileSync(log, 'utf8'), new RegExp(`${number} names no configuration item`)),
    );
    assert.deepEqual(await runsOf(data, number), []);
  });
}
