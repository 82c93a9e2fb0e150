import assert from 'node:assert/strict';
import { arne } from '../../../src/sandbox/people.ts';
import { cardShows, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** Several servers of one run: batches of a pool that the CMDB names, each server with its own result. */
export function farms(on: () => Stage): void {
  const health = async (path: string): Promise<number> =>
    (await fetch(`${on().info.site}/${path}/health`, { signal: AbortSignal.timeout(20_000) })).status;
  const approved = async (name: string) => {
    const { client, incident } = on();
    const number = await incident(name);
    const card = await cardWithButton(client, number, 'approve');
    assert.equal((await client.execute({ ...card, as: arne.id }, 'approve', card.data)).status, 200);
    return { number, card };
  };

  it('are recycled half at a time, and each is named before and after', async () => {
    const { client, serviceNow, data } = on();
    const { number, card } = await approved('iis-farm-5xx');
    await cardShows(client, card.card, /Succeeded/);
    assert.equal(await health('orders'), 200);
    const run = await storedRun(data, card.run);
    const finished = entriesOf(run, 'step-finished').filter((one) => one.data.phase === 'remediation');
    assert.deepEqual(
      finished.map(({ data: { step, hosts = [] } }) => [
        step,
        ...hosts.map(({ host, result }) => `${host} ${result}`),
      ]),
      [
        ['recycle-servers-1', 'orders-web-01 succeeded', 'orders-web-02 succeeded'],
        ['recycle-servers-2', 'orders-web-03 succeeded', 'orders-web-04 succeeded'],
      ],
    );
    await eventually(async () => assert.equal((await serviceNow.incident(number))['state'], 'Resolved'));
  });

  it('go on past one that fails, and level 3 gets it by name', async () => {
    const { client, serviceNow, data } = on();
    const { number, card } = await approved('iis-farm-5xx-stuck');
    await cardShows(client, card.card, /3 of 4 hosts done; billing-web-02 failed/);
    assert.deepEqual(
      [
        await health('billing'),
        await health('billing.billing-web-02'),
        await health('billing.billing-web-04'),
      ],
      [200, 503, 200],
    );
    const run = await storedRun(data, card.run);
    assert.deepEqual(
      entriesOf(run, 'run-closed').map(({ data: { outcome } }) => outcome),
      ['remediation failed'],
    );
    assert.deepEqual(
      entriesOf(run, 'step-started').map(({ data: { step } }) => step),
      ['snapshot-farm', 'recycle-servers-1', 'recycle-servers-2', 'farm-answers'],
    );
    await eventually(async () => {
      const ticket = await serviceNow.incident(number);
      assert.notEqual(ticket['state'], 'Resolved');
      const notes = await serviceNow.workNotes(ticket['sys_id'] ?? '');
      assert.match(
        notes.at(-1)?.text ?? '',
        /billing-web-02 failed: the configuration of the last deployment is broken/,
      );
    });
  });
}
