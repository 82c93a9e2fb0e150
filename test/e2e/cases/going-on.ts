import assert from 'node:assert/strict';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { arne } from '../../../src/sandbox/people.ts';
import { cardShows, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { incidentOnNewServer } from '../new-server.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** A run that failed, and what was left of it. */
export function goingOn(on: () => Stage): void {
  it('runs what was left of it, when what failed works again and people have approved that', async () => {
    const { page, client, serviceNow, info, site, data } = on();
    const number = await incidentOnNewServer(on(), 'shop-web-03');
    const card = await cardWithButton(client, number, 'approve');
    await faultControl(info.site).arm({ method: 'GET', path: '/pools/shop/log', status: 500 });
    await client.execute({ ...card, as: arne.id }, 'approve', card.data);
    await cardShows(client, card.card, /Automation failed/);

    await page.openChannel();
    const failed = page.posted(number);
    await failed.getByText('What is left can still be run').waitFor();
    await failed.getByRole('button', { name: 'Continue', exact: true }).click();
    await cardShows(client, card.card, /Continued as run/);
    const next = await cardWithButton(client, `Continues run ${card.run.slice(-5)}`, 'approve');
    assert.equal((await client.execute({ ...next, as: arne.id }, 'approve', next.data)).status, 200);
    await cardShows(client, next.card, /Succeeded/);
    assert.equal(await site('/shop/health'), 200);
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));

    assert.deepEqual((await runsOf(data, number)).toSorted(), [card.run, next.run].toSorted());
    const [proposed] = entriesOf(await storedRun(data, next.run), 'run-proposed');
    assert.equal(proposed?.data.resumes?.runId, card.run);
    assert.equal(entriesOf(await storedRun(data, card.run), 'run-continued')[0]?.data.runId, next.run);
  });
}
