import assert from 'node:assert/strict';
import { z } from 'zod';
import { codeOf } from '../../../src/domain/run.ts';
import { devices as managed } from '../../../src/sandbox/cmdb.ts';
import { arne, olivia, sam } from '../../../src/sandbox/people.ts';
import { cardShows, cardWithButton, textOf } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** A device that is not compliant: its owner is asked, then whoever may approve, and Intune has the last word. */
export function devices(on: () => Stage): void {
  const intune = async (name: keyof typeof managed): Promise<string> => {
    const { graph, graphToken } = on().info;
    const answer = await fetch(`${graph}/v1.0/deviceManagement/managedDevices/${managed[name].id}`, {
      headers: { authorization: `Bearer ${graphToken}` },
      signal: AbortSignal.timeout(20_000),
    });
    return z.object({ complianceState: z.string() }).parse(await answer.json()).complianceState;
  };
  const ticketAs = (number: string, wanted: Readonly<Record<string, string>>) =>
    eventually(async () => {
      const ticket = await on().serviceNow.incident(number);
      for (const [column, value] of Object.entries(wanted)) assert.equal(ticket[column], value);
      return ticket;
    });
  const runOf = (number: string): Promise<string> =>
    eventually(async () => {
      const [run] = await runsOf(on().data, number);
      assert.ok(run);
      return run;
    });
  /** Olivia's card, in the chat that nobody else sees. */
  const askedOlivia = async (number: string) => {
    const { page } = on();
    await page.openPersonalChat();
    const card = page.answered(number);
    await card.getByText('Is this yours?').waitFor();
    return card;
  };

  it('is brought back into compliance once its owner and an approver have said yes, and nobody else for them', async () => {
    const { page, client, data, incident, serviceNow } = on();
    await page.openPersonalChat();
    const number = await incident('device-non-compliant');
    assert.equal(await intune('LAPTOP-4711'), 'noncompliant');
    const mine = await askedOlivia(number);
    await mine.getByText('You are signed out of Microsoft 365 on all your devices').waitFor();

    const run = await runOf(number);
    await page.openChannel();
    const proposal = page.posted(number);
    await proposal.getByText('Proposed: its owner has to confirm').waitFor();
    const posted = client.seen.findLast((seen) => textOf(seen).includes('its owner has to confirm'));
    assert.doesNotMatch(JSON.stringify(posted?.cards), /Fill in/, 'there is nothing to fill in');
    const place = { conversation: `${posted?.conversation};messageid=${posted?.id}`, card: posted?.id ?? '' };
    for (const { id } of [sam, arne]) {
      const answer = await client.execute({ ...place, as: id }, 'mine', { run, revision: 1 });
      assert.match(JSON.stringify(answer.body), /assigned to somebody else/);
    }

    await page.openPersonalChat();
    await page.answered(number).getByRole('button', { name: 'It is mine, go on' }).click();
    await page.answered('Olivia Oncall confirmed that LAPTOP-4711 is theirs').waitFor();
    const card = await cardWithButton(client, number, 'approve');
    await page.openChannel();
    await page.posted(number).getByText('risk user access').waitFor();
    await page.posted(number).getByRole('button', { name: 'Approve', exact: true }).click();
    await page.said('It is yours, so somebody else has to approve it.').waitFor();
    assert.equal(await intune('LAPTOP-4711'), 'noncompliant', 'something was done before the approval');
    assert.equal((await client.execute({ ...card, as: arne.id }, 'approve', card.data)).status, 200);
    await cardShows(client, card.card, /Succeeded/);

    assert.equal(await intune('LAPTOP-4711'), 'compliant');
    const ticket = await ticketAs(number, { state: 'Resolved' });
    assert.match(ticket['close_notes'] ?? '', /took its policies anew and is compliant/);
    const notes = (await serviceNow.workNotes(ticket['sys_id'] ?? '')).map(({ text }) => text).join('\n');
    assert.match(notes, /Waits in Teams for: Owner \(Olivia Oncall has to confirm\)/);
    assert.match(notes, /Olivia Oncall confirmed in Teams that LAPTOP-4711 is theirs/);
    const stored = await storedRun(data, run);
    assert.ok(stored.verified.ok);
    const [answered] = entriesOf(stored, 'ownership-answered');
    assert.equal(answered?.actor.kind === 'person' && answered.actor.id, olivia.aadObjectId);
    assert.deepEqual(
      entriesOf(stored, 'command-refused').map(({ data: refusal }) => refusal.code),
      ['not-owner', 'not-owner', 'owner-approval'],
    );
    assert.ok(
      stored.types.indexOf('ownership-answered') < stored.types.indexOf('approval-requested'),
      'people were asked before the owner',
    );
    const verified = entriesOf(stored, 'step-finished').at(-1)?.data;
    assert.match(verified?.detail ?? '', /LAPTOP-4711 is compliant, synced/);
    assert.match(verified?.baseline?.summary ?? '', /LAPTOP-4711 is not compliant/);
  });

  it('is left alone when its owner writes that it is not theirs, and the endpoint team finds out', async () => {
    const { page, data, incident } = on();
    await page.openPersonalChat();
    const number = await incident('device-handed-back');
    const card = await askedOlivia(number);
    const run = await runOf(number);
    await page.say(`not-mine ${codeOf(run)} I gave it back in May`);
    await page.answered('Olivia Oncall said that LAPTOP-4714 is not theirs').waitFor();
    assert.equal(await card.getByRole('button', { name: 'It is mine, go on' }).count(), 0);
    await ticketAs(number, { assignment_group: 'Endpoint Operations' });
    const stored = await storedRun(data, run);
    const [closed] = entriesOf(stored, 'run-closed');
    assert.equal(closed?.data.outcome, 'not confirmed');
    assert.match(closed?.data.reason ?? '', /not theirs: I gave it back in May/);
    assert.deepEqual([entriesOf(stored, 'step-started'), entriesOf(stored, 'approval-requested')], [[], []]);
    assert.equal(await intune('LAPTOP-4714'), 'noncompliant');
  });

  it('is synced in the lab by policy once its owner has written that it is theirs', async () => {
    const { page, data, incident } = on();
    await page.openPersonalChat();
    const number = await incident('device-out-of-sync');
    await askedOlivia(number);
    const run = await runOf(number);
    await page.say(`mine ${codeOf(run)}`);
    await ticketAs(number, { state: 'Resolved' });
    const stored = await storedRun(data, run);
    assert.equal(entriesOf(stored, 'auto-approved')[0]?.data.rule, 'syncing devices of the lab');
    assert.equal(await intune('TABLET-LAB-07'), 'compliant');
  });

  it('goes to the endpoint team when it stays as it is after everything was done', async () => {
    const { page, client, data, incident } = on();
    await page.openPersonalChat();
    const number = await incident('device-non-compliant-stubborn');
    const mine = await askedOlivia(number);
    await mine.getByRole('button', { name: 'It is mine, go on' }).click();
    const card = await cardWithButton(client, number, 'approve');
    assert.equal((await client.execute({ ...card, as: arne.id }, 'approve', card.data)).status, 200);
    await ticketAs(number, { assignment_group: 'Endpoint Operations' });
    const [closed] = entriesOf(await storedRun(data, card.run), 'run-closed');
    assert.equal(closed?.data.outcome, 'verification failed');
    assert.match(closed?.data.reason ?? '', /LAPTOP-4712 is not compliant, synced/);
  });

  it('is not proposed for when the CMDB assigns it to nobody, and the ticket says what to do', async () => {
    const { incident, serviceNow, data } = on();
    const number = await incident('device-unassigned');
    const run = await runOf(number);
    await eventually(async () => {
      const [closed] = entriesOf(await storedRun(data, run), 'run-closed');
      assert.equal(closed?.data.outcome, 'denied');
      const { sys_id: sysId = '' } = await serviceNow.incident(number);
      const notes = await serviceNow.workNotes(sysId);
      assert.match(notes.at(-1)?.text ?? '', /assigns LAPTOP-4713 to nobody: fill in its assigned_to/);
    });
  });
}
