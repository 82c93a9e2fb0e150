import assert from 'node:assert/strict';
import { mia, olivia } from '../../../src/sandbox/people.ts';
import { cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** A value nobody knows yet, and the case that needs no person at all. */
export function parameters(on: () => Stage): void {
  it('has Olivia fill in what the CMDB does not know, and somebody else approve it', async () => {
    const { page, client, data, incident, site, serviceNow } = on();
    const number = await incident('iis-5xx-unknown-pool');
    await page.openChannel();
    const proposal = page.posted(number);
    await proposal.getByText('Proposed: values are needed').waitFor();
    await proposal.getByRole('button', { name: 'Fill in…' }).click();

    const form = page.posted('Values for this run');
    await form.getByLabel('Application pool').fill('check out; rm -rf /');
    await form.getByRole('button', { name: 'Confirm' }).click();
    await form.getByText('Nothing was saved yet').waitFor();
    await form
      .getByText(/must match/)
      .first()
      .waitFor();
    await form.getByLabel('Application pool').fill('checkout');
    await form.getByRole('button', { name: 'Confirm' }).click();

    const asked = await cardWithButton(client, number, 'approve');
    const approval = page.posted(number);
    await approval.getByText('not Olivia Oncall who asked').waitFor();
    await approval.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.said('You asked for this run, so somebody else has to approve it.').waitFor();

    const answer = await client.execute({ ...asked, as: mia.id }, 'approve', asked.data);
    assert.equal(answer.status, 200);
    await page.posted(number).getByText('Succeeded').waitFor();
    assert.equal(await site('/checkout/health'), 200);
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));

    const [run = ''] = await runsOf(data, number);
    const stored = await storedRun(data, run);
    const [confirmed] = entriesOf(stored, 'parameters-confirmed');
    assert.equal(confirmed?.actor.kind === 'person' && confirmed.actor.id, olivia.aadObjectId);
    const pool = confirmed?.data.parameters.find(({ name }) => name === 'pool');
    assert.deepEqual([pool?.value, pool?.source], ['checkout', 'person']);
    assert.deepEqual(
      entriesOf(stored, 'command-refused').map(({ data: refusal }) => refusal.code),
      ['self-approval'],
    );
    const ticket = await serviceNow.incident(number);
    const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
    assert.match(notes[0]?.text ?? '', /Waits in Teams for: Application pool\./);
  });

  it('runs on a test server by policy, without a person', async () => {
    const { page, data, incident, site, serviceNow } = on();
    const number = await incident('iis-5xx-test');
    await page.openChannel();
    const card = page.posted(number);
    await card.getByText('Succeeded').waitFor();
    await card.getByText('Approved by: the policy rule recycling outside production').waitFor();
    assert.equal(await site('/shop-test/health'), 200);
    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['state'], 'Resolved');
      return found;
    });
    const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
    assert.match(
      notes[0]?.text ?? '',
      /approved by policy rule recycling outside production of web-operations, valid until/,
    );
    const [run = ''] = await runsOf(data, number);
    const stored = await storedRun(data, run);
    assert.deepEqual(entriesOf(stored, 'vote-cast'), []);
    assert.equal(entriesOf(stored, 'auto-approved').length, 1);
  });
}
