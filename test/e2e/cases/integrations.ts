import assert from 'node:assert/strict';
import { arne } from '../../../src/sandbox/people.ts';
import { cardShows, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, runsOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** A MID server that shows Down: stuck, stopped, or upgrading itself, which ServiceNow does not tell apart. */
export function integrations(on: () => Stage): void {
  const health = async (name: string): Promise<number> =>
    (await fetch(`${on().info.mid}/${name}/health`, { signal: AbortSignal.timeout(20_000) })).status;
  const resolved = (number: string) =>
    eventually(async () => {
      const ticket = await on().serviceNow.incident(number);
      assert.equal(ticket['state'], 'Resolved');
      return ticket;
    });

  it('are restarted in production by one approval, with their log attached before anything was touched', async () => {
    const { client, incident, serviceNow, data } = on();
    const number = await incident('mid-server-down');
    assert.equal(await health('mid-eu-01'), 503);
    const card = await cardWithButton(client, number, 'approve');
    assert.equal((await client.execute({ ...card, as: arne.id }, 'approve', card.data)).status, 200);
    await cardShows(client, card.card, /Succeeded/);
    assert.equal(await health('mid-eu-01'), 200);
    const ticket = await resolved(number);
    assert.match(ticket['close_notes'] ?? '', /reads its queue again/);
    const files = await eventually(async () => {
      const found = await serviceNow.files(ticket['sys_id'] ?? '');
      assert.equal(found.length, 2);
      return found;
    });
    assert.ok(files.some(({ name }) => name.endsWith('-collect-logs.log')));
    const steps = entriesOf(await storedRun(data, card.run), 'step-started').map((one) => one.data.step);
    assert.deepEqual(steps, ['collect-logs', 'restart-service', 'queue-is-read']);
  });

  it('are restarted outside production by policy', async () => {
    const { incident, data } = on();
    const number = await incident('mid-server-down-test');
    await resolved(number);
    assert.equal(await health('mid-eu-test'), 200);
    const [run = ''] = await runsOf(data, number);
    const stored = await storedRun(data, run);
    assert.equal(
      entriesOf(stored, 'auto-approved')[0]?.data.rule,
      'restarting MID servers outside production',
    );
    assert.equal(entriesOf(stored, 'vote-cast').length, 0);
  });

  it('are left alone while they upgrade themselves, and the ticket says why', async () => {
    const { incident, serviceNow, data } = on();
    const number = await incident('mid-server-upgrading');
    const [run = ''] = await eventually(async () => {
      const runs = await runsOf(data, number);
      assert.equal(runs.length, 1);
      return runs;
    });
    const stored = await eventually(async () => {
      const found = await storedRun(data, run);
      assert.equal(entriesOf(found, 'run-closed')[0]?.data.outcome, 'denied');
      return found;
    });
    assert.equal(entriesOf(stored, 'step-started').length, 0);
    assert.equal(await health('mid-us-01'), 503);
    await eventually(async () => {
      const { sys_id: sysId = '' } = await serviceNow.incident(number);
      const notes = await serviceNow.workNotes(sysId);
      assert.match(notes.at(-1)?.text ?? '', /must not be interrupted/);
    });
  });
}
