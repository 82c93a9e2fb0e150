import assert from 'node:assert/strict';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { arne, mia } from '../../../src/sandbox/people.ts';
import { botSays, cardShows, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { incidentOnNewServer } from '../new-server.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** An end that somebody has to act on now. */
export function escalation(on: () => Stage): void {
  it('names whoever is on call in the thread of the card, with the code and the diagnostics, and writes to them', async () => {
    const { client, info, serviceNow, data } = on();
    const number = await incidentOnNewServer(on(), 'shop-web-04');
    const card = await cardWithButton(client, number, 'approve');
    const broken = { method: 'GET', path: '/pools/shop/log', status: 500 };
    await faultControl(info.site).arm(broken);
    const from = client.seen.length;
    const answer = await client.execute({ ...card, as: mia.id }, 'approve', card.data);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await cardShows(client, card.card, /Automation failed/);

    const code = card.run.slice(-5);
    const called = new RegExp(`<at>${arne.name}</at>.*automation failed.*Run code ${code}`);
    await botSays(client, card.conversation, called, from);
    const stored = await eventually(async () => {
      const found = await storedRun(data, card.run);
      const keys = entriesOf(found, 'reported').map(({ data: { key } }) => key);
      assert.ok(keys.includes('thread:escalated') && keys.includes('on-call:closed'), keys.join(' '));
      return found;
    });
    const told = entriesOf(stored, 'reported').filter(({ data: { key } }) => key === 'on-call:closed');
    // the test client has a personal chat for the person at its page only
    assert.deepEqual(
      told.map(({ data: { note } }) => note),
      [`not delivered: ${arne.name} has no chat with the bot`],
    );
    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['assignment_group'], 'Web Operations L3');
      return found;
    });
    const files = await serviceNow.files(ticket['sys_id'] ?? '');
    assert.deepEqual(
      files.map(({ name }) => name),
      [`handrail-${code}-snapshot-logs.log`],
    );
  });
}
