import assert from 'node:assert/strict';
import { arne } from '../../../src/sandbox/people.ts';
import { click, inThread } from '../by-hand.ts';
import { cardWithButton, type PostedCard } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

const server = 'shop-web-02';

/** A server that no other case has used, because of the cooldown, on a pool that really breaks. */
async function incidentOnNewServer({ serviceNow, info }: Stage): Promise<string> {
  const broken = await fetch(`${info.site}/pools/shop/break`, {
    method: 'POST',
    headers: { authorization: `Bearer ${info.siteToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'the worker process hangs', kind: 'worker' }),
    signal: AbortSignal.timeout(20_000),
  });
  assert.equal(broken.status, 202);
  const ci = await serviceNow.create('cmdb_ci_app_server', {
    name: server,
    environment: 'Production',
    operational_status: '1',
    install_status: '1',
    u_site: 'shop',
    u_app_pool: 'shop',
    u_health_url: `${info.site}/shop/health`,
  });
  const incident = await serviceNow.create('incident', {
    short_description: `HTTP 503 on ${server}`,
    cmdb_ci: String(ci['sys_id']),
    assignment_group: 'Web Operations',
  });
  return String(incident['number']);
}

/** What has to be there again after everything was stopped, in the hands of people and in the ticket. */
export function restart(on: () => Stage): void {
  let number: string;
  let card: PostedCard;

  it('brings back the open runs and the ticket', async () => {
    const stage = on();
    number = await incidentOnNewServer(stage);
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
