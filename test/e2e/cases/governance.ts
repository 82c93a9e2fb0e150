import assert from 'node:assert/strict';
import { ada, arne, ravi } from '../../../src/sandbox/people.ts';
import type { PlaygroundPerson } from '../../../src/sandbox/playground/world.ts';
import { inThread } from '../by-hand.ts';
import { botSays, cardWithButton, type PostedCard } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { handrail } from '../processes.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** Stop, resume, break-glass and its review, typed under the card of a run that a machine suggested. */
export function governance(on: () => Stage): void {
  let number: string;
  let card: PostedCard;
  const typed = async (by: PlaygroundPerson, text: string, answer: RegExp): Promise<string> => {
    const { client } = on();
    const from = client.seen.length;
    await inThread(client, card.conversation, by, { type: 'message', text });
    return (await botSays(client, card.conversation, answer, from)).text;
  };

  it('shows what a machine suggested as that', async () => {
    const { page, client, incident } = on();
    number = await incident('iis-suggested');
    card = await cardWithButton(client, number, 'approve');
    await page.openChannel();
    await page.posted(number).getByText('An AI had an idea. It decides nothing.').waitFor();
  });

  it('lets nobody approve while Ada has stopped everything, and says so on the card', async () => {
    const { page, data } = on();
    await typed(arne, 'stop because I say so', /not one of the administrators/);
    await typed(ada, 'stop the storage network is being repaired', /stopped/i);
    await page.openChannel();
    await page.posted(number).getByText('Everything is stopped by Ada Admin').waitFor();
    await typed(arne, `approve ${card.run.slice(-5)}`, /Ada Admin stopped everything/);
    assert.deepEqual(entriesOf(await storedRun(data, card.run), 'vote-cast'), []);
    await typed(ada, 'resume', /resumed|again/i);
  });

  it('runs what Ravi decides alone in an emergency, and asks for a review', async () => {
    const { page, client, data } = on();
    const code = card.run.slice(-5);
    await typed(arne, `break-glass ${code} I am in a hurry`, /may break the glass/);
    const from = client.seen.length;
    await typed(ravi, `break-glass ${code} checkout is down, nobody answers`, /Recorded/);
    await page.openChannel();
    await page.posted(number).getByText('Succeeded', { exact: true }).waitFor({ timeout: 60_000 });
    await botSays(client, card.conversation, /Ravi Requester decided alone/, from);
    const [glass] = entriesOf(await storedRun(data, card.run), 'glass-broken');
    assert.equal(glass?.actor.kind === 'person' && glass.actor.id, ravi.aadObjectId);
  });

  it('takes the review of a second person, after the end, and keeps it in the record', async () => {
    const { data } = on();
    const code = card.run.slice(-5);
    await typed(ravi, `review ${code} justified it was needed`, /somebody else has to review/);
    await typed(ada, `review ${code} justified the shop was down`, /Recorded/);
    await eventually(async () => {
      const record = await handrail(data, 'audit', 'show', code);
      assert.match(record, /run-reviewed +Ada Admin: justified: the shop was down/);
      assert.match(record, /chain verified/);
    });
  });
}
