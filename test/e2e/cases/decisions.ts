import assert from 'node:assert/strict';
import { faultControl } from '../../../src/sandbox/ops-api/faults.ts';
import { arne, mia, olivia, sam, tenantId } from '../../../src/sandbox/people.ts';
import type { Answer } from '../../../src/sandbox/playground/client.ts';
import { cardShows, cardWithButton, type PostedCard } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

const said = (answer: Answer): string => JSON.stringify(answer.body);

/** Olivia decides by the buttons of the card. */
export function oliviaDecides(on: () => Stage): void {
  it('runs what Olivia approves by a click, and shows what a slow job writes until it has ended', async () => {
    const { page, incident, site, serviceNow, data, info } = on();
    const number = await incident('iis-5xx-unknown-environment');
    await page.openChannel();
    const card = page.posted(number);
    await card.getByText('treated as production').waitFor();
    const slow = { method: 'POST', path: '/pools/legacy/recycle', latencyMs: 12_000 };
    await faultControl(info.site).arm(slow);
    await card.getByRole('button', { name: 'Approve', exact: true }).click();
    await card.getByText('recycling pool legacy').waitFor();
    await card.getByText('Running since').waitFor();
    await card.getByText('Succeeded').waitFor();
    await card.getByText(`Approved by: ${olivia.name}`).waitFor();
    assert.equal(await site('/legacy/health'), 200);
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));
    const [run = ''] = await runsOf(data, number);
    const [vote] = entriesOf(await storedRun(data, run), 'vote-cast');
    assert.equal(vote?.actor.kind === 'person' && vote.actor.id, olivia.aadObjectId);
  });

  it('asks for a reason, then rejects: nothing is launched and the ticket says why', async () => {
    const { page, incident, site, serviceNow, data } = on();
    const number = await incident('iis-5xx-stubborn');
    await page.openChannel();
    const card = page.posted(number);
    await card.getByRole('button', { name: 'Reject…' }).click();
    await card.getByRole('button', { name: 'Reject', exact: true }).click();
    await card.getByText('Please say why; the requester is told.').waitFor();
    await card.getByLabel('Why should it not run?').fill('the search team is draining this server');
    await card.getByRole('button', { name: 'Reject', exact: true }).click();
    await card.getByText('Rejected', { exact: true }).waitFor();
    await card.getByText('the search team is draining this server').waitFor();

    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['approval'], 'Rejected');
      return found;
    });
    assert.equal(ticket['state'], 'New');
    const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
    assert.match(notes.at(-1)?.text ?? '', /rejected\.\nReason: Olivia Oncall: the search team is draining/);
    const [run = ''] = await runsOf(data, number);
    const stored = await storedRun(data, run);
    assert.deepEqual(entriesOf(stored, 'step-started'), []);
    assert.deepEqual(await serviceNow.files(ticket['sys_id'] ?? ''), []);
    assert.equal(await site('/search/health'), 503);
  });
}

/** What must not work, whoever tries it and however. */
export function refusals(on: () => Stage): void {
  let number: string;
  let card: PostedCard;

  it('refuses somebody who may not decide, says whom to ask, and keeps it in the record', async () => {
    const { client, data, incident } = on();
    number = await incident('iis-5xx-stubborn');
    card = await cardWithButton(client, number, 'approve');
    const click = { ...card, as: sam.id };
    assert.match(
      said(await client.execute(click, 'approve', card.data)),
      /You are not one of the approvers\. Ask a member of web-approvers\./,
    );
    assert.match(
      said(await client.execute(click, 'reject', { ...card.data, reason: 'no' })),
      /You are not one of the approvers/,
    );
    const stored = await storedRun(data, card.run);
    assert.deepEqual(
      entriesOf(stored, 'command-refused').map(({ actor, data: refusal }) => [actor, refusal.command]),
      ['approve', 'reject'].map((command) => [
        { kind: 'person', id: sam.aadObjectId, name: sam.name, tenant: tenantId },
        command,
      ]),
    );
  });

  const forged: readonly [string, string, object, RegExp][] = [
    ['a run that does not exist', 'approve', { run: '01M81GM60K76R5R2SW6KVRHB8D' }, /There is no such run/],
    ['an older plan', 'approve', { revision: 0 }, /Approval needed/],
    ['a plan that is still to come', 'approve', { revision: 2 }, /Approval needed/],
    ['a verb that no button has', 'succeed', {}, /This button cannot be read: verb/],
    ['an id that is no id', 'approve', { run: '../../secrets' }, /This button cannot be read: run/],
  ];
  for (const [what, verb, change, wanted] of forged)
    it(`refuses a forged click on ${what}`, async () => {
      const { client } = on();
      const answer = await client.execute({ ...card, as: arne.id }, verb, { ...card.data, ...change });
      assert.match(said(answer), wanted);
    });

  it('cannot be made to decide a run that has ended', async () => {
    const { client, data, incident } = on();
    const other = await cardWithButton(client, await incident('iis-5xx-stubborn'), 'approve');
    const reject = { ...other.data, reason: 'not now' };
    assert.match(said(await client.execute({ ...other, as: mia.id }, 'reject', reject)), /Rejected/);
    const before = await storedRun(data, other.run);
    const answer = await client.execute({ ...card, as: arne.id }, 'approve', other.data);
    assert.match(said(answer), /Rejected/);
    const after = await storedRun(data, other.run);
    assert.deepEqual(entriesOf(after, 'vote-cast'), entriesOf(before, 'vote-cast'));
    assert.deepEqual(entriesOf(after, 'step-started'), []);
  });

  it('lets nobody in who says to be of another tenant', async () => {
    const { bot, client, data } = on();
    const stranger = '99999999-9999-4999-8999-999999999999';
    const post = (from: object, conversation: object) =>
      fetch(`${bot}/api/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          type: 'invoke',
          name: 'adaptiveCard/action',
          id: 'forged',
          channelId: 'msteams',
          serviceUrl: on().serviceUrl,
          from: { id: arne.id, aadObjectId: arne.aadObjectId, name: arne.name, ...from },
          recipient: { id: '28:bot' },
          conversation: { id: card.conversation, ...conversation },
          value: { action: { verb: 'approve', data: card.data } },
        }),
        signal: AbortSignal.timeout(20_000),
      });
    assert.equal((await post({}, { tenantId: stranger })).status, 403);
    const guest = await post({ tenantId: stranger }, { tenantId });
    assert.match(await guest.text(), /signed in to another tenant/);
    const stored = await storedRun(data, card.run);
    assert.deepEqual(entriesOf(stored, 'vote-cast'), []);
    await cardShows(client, card.card, /Approval needed/);
  });

  it('has changed nothing by all that', async () => {
    const { data, serviceNow, site } = on();
    const stored = await storedRun(data, card.run);
    assert.deepEqual([...new Set(stored.types)].toSorted(), [
      'approval-requested',
      'card-posted',
      'command-refused',
      'guardrails-evaluated',
      'reported',
      'run-proposed',
    ]);
    assert.equal(entriesOf(stored, 'command-refused').length, 2);
    assert.equal(stored.verified.ok, true);
    assert.equal((await serviceNow.incident(number))['approval'], 'Requested');
    assert.equal(await site('/search/health'), 503);
  });
}
