import assert from 'node:assert/strict';
import { arne } from '../../../src/sandbox/people.ts';
import { click, inThread } from '../by-hand.ts';
import { cardWithButton, type PostedCard } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { incidentOnNewServer } from '../new-server.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** What has to be there again after everything was stopped, in the hands of people and in the ticket. */
export function restart(on: () => Stage): void {
  let number: string;
  let card: PostedCard;

  it('brings back the open runs and the ticket', async () => {
    const stage = on();
    number = await incidentOnNewServer(stage, 'shop-web-02');
    card = await cardWithButton(stage.client, number, 'approve');
    await eventually(async () =>
      assert.equal((await stage.serviceNow.incident(number))['approval'], 'Requested'),
    );
    // told is not yet stored: what follows has to find nothing left to do
    const before = await eventually(async () => {
      const found = await storedRun(stage.data, card.run);
      const told = entriesOf(found, 'reported').map(({ data }) => data.key);
      assert.ok(told.includes('ticket:requested:1') && found.types.includes('card-posted'), told.join());
      return found;
    });
    await stage.restart();

    const { page, serviceNow, site } = stage;
    await page.openPersonalChat();
    await page.say('/runbook status');
    await page.answered('Open runs').getByText(card.run.slice(-5)).waitFor();
    await page.say(`show ${card.run.slice(-5)}`);
    await page.answered(number).getByText('Approval needed').waitFor();
    assert.equal((await serviceNow.incident(number))['approval'], 'Requested');
    assert.equal(await site('/shop/health'), 503);
    assert.deepEqual((await storedRun(stage.data, card.run)).types, before.types);
  });

  it('takes the approval that is given on the card from before', async () => {
    const { client, serviceNow, site, data } = on();
    await inThread(client, card.conversation, arne, click(card.card, 'approve', card.data));
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));
    assert.equal(await site('/shop/health'), 200);
    const stored = await eventually(async () => {
      const found = await storedRun(data, card.run);
      const told = entriesOf(found, 'reported').find(({ data: report }) => report.key === 'card:closed');
      assert.equal(told?.data.note, '', 'a card that is gone is nothing to wait for');
      return found;
    });
    const [vote] = entriesOf(stored, 'vote-cast');
    assert.equal(vote?.actor.kind === 'person' && vote.actor.id, arne.aadObjectId);
    assert.deepEqual(
      entriesOf(stored, 'step-started').map(({ data: step }) => step.step),
      ['snapshot-logs', 'recycle-pool', 'site-answers'],
    );
    assert.equal(stored.verified.ok, true);
  });
}
