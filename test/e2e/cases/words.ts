import assert from 'node:assert/strict';
import { arne, incidentsChannel } from '../../../src/sandbox/people.ts';
import { inThread } from '../by-hand.ts';
import { botSays, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** Everything that can be clicked can be typed. Ends with what happens when the runbook does not help. */
export function words(on: () => Stage): void {
  let number: string;
  let code: string;
  let run: string;

  it('rejects by code what Olivia types in the channel', async () => {
    const { page, client, data, incident } = on();
    number = await incident('iis-5xx-stubborn');
    const card = await cardWithButton(client, number, 'approve');
    await page.openChannel();
    await page.posted(number).waitFor();
    await page.post(`reject ${card.run.slice(-5)} wait for the search team`);
    await page.posted(number).getByText('Olivia Oncall: wait for the search team').waitFor();
    await page.said(/^Recorded\..*rejected/i).waitFor();
    const stored = await storedRun(data, card.run);
    assert.deepEqual(
      entriesOf(stored, 'vote-cast').map(({ data: vote }) => [vote.verb, vote.reason]),
      [['reject', 'wait for the search team']],
    );
    const [vote] = entriesOf(stored, 'vote-cast');
    assert.match(vote?.origin.conversation ?? '', /^19:incidents@thread\.tacv2;messageid=/);
  });

  it('explains itself and lists its runbooks in the personal chat', async () => {
    const { page } = on();
    await page.openPersonalChat();
    await page.say('help');
    await page.answered('Buttons on cards do the same').waitFor();
    await page.say('/runbook list');
    await page.answered('iis-app-pool-recycle').waitFor();
    await page.say('aprove XYZ');
    await page.said(/Did you mean: approve <.?code>/).waitFor();
  });

  it('proposes a run that Olivia asks for, and says in one line why she cannot approve it', async () => {
    const { page, data } = on();
    await page.openPersonalChat();
    await page.say(`run iis-app-pool-recycle for ${number}`);
    await page.said(/^Proposed as run \w{5}\./).waitFor();
    run = await eventually(async () => {
      const runs = await runsOf(data, number);
      assert.equal(runs.length, 2);
      return runs.at(-1) ?? '';
    });
    code = run.slice(-5);
    await page.said(`Proposed as run ${code}.`).waitFor();
    await page.answered(number).getByText('not Olivia Oncall who asked').waitFor();

    await page.say(`approve ${code}`);
    await page.said('You asked for this run, so somebody else has to approve it.').waitFor();
    await page.said(/Ask another member of web-approvers/).waitFor();
    const stored = await storedRun(data, run);
    assert.deepEqual(
      entriesOf(stored, 'command-refused').map(({ data: refusal }) => refusal.code),
      ['self-approval'],
    );
  });

  it('shows what is open, to Olivia and in the channel', async () => {
    const { page, client } = on();
    await page.openPersonalChat();
    await page.say('status');
    await page.answered('waits for approval by web-approvers').getByText(code).waitFor();
    const from = client.seen.length;
    const asked = await client.say(incidentsChannel, 'status', { mention: true });
    const answer = await botSays(client, asked.conversation, /Open runs/, from);
    assert.match(JSON.stringify(answer.cards), new RegExp(code));
  });

  it('takes the approval that Arne types in the thread of the card', async () => {
    const { client, data } = on();
    const card = await cardWithButton(client, number, 'approve');
    assert.equal(card.run, run);
    const from = client.seen.length;
    await inThread(client, card.conversation, arne, { type: 'message', text: `approve ${code}` });
    await botSays(client, card.conversation, /Recorded\./, from);
    const [vote] = entriesOf(await storedRun(data, run), 'vote-cast');
    assert.equal(vote?.actor.kind === 'person' && vote.actor.id, arne.aadObjectId);
    assert.equal(vote?.origin.conversation, card.conversation);
  });

  it('rolls back what did not help, and hands the incident to level 3 with the reason', async () => {
    const { page, client, data, serviceNow, site } = on();
    await page.openChannel();
    await page.posted(number).getByText('Rolled back', { exact: true }).waitFor({ timeout: 60_000 });
    assert.equal(await site('/search/health'), 200);

    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['assignment_group'], 'Web Operations L3');
      return found;
    });
    assert.notEqual(ticket['state'], 'Resolved');
    const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
    assert.match(notes.at(-1)?.text ?? '', /rolled back\.\nReason: The site answers 200 in time: .*503/);
    const stored = await storedRun(data, run);
    assert.deepEqual(
      entriesOf(stored, 'step-finished').map(({ data: step }) => [step.step, step.result]),
      [
        ['snapshot-logs', 'succeeded'],
        ['recycle-pool', 'succeeded'],
        ['site-answers', 'failed'],
        ['restore-pool-config', 'succeeded'],
      ],
    );
    const [posted] = entriesOf(stored, 'card-posted');
    const reply = await botSays(
      client,
      posted?.data.conversation ?? '',
      /rolled back.*For Web Operations L3/,
    );
    assert.match(reply.text, /<at>Olivia Oncall<\/at> <at>Arne Approver<\/at>/);
  });

  it('tells Olivia, who asked for it, in her personal chat', async () => {
    const { page } = on();
    await page.openPersonalChat();
    await page.said(new RegExp(`^${number} Recycle the IIS application pool: rolled back\\.`)).waitFor();
  });
}
