import assert from 'node:assert/strict';
import { sha256 } from '../../../src/domain/json.ts';
import { arne, tenantId } from '../../../src/sandbox/people.ts';
import { integrationUser } from '../../../src/sandbox/world.ts';
import { cardShows, cardWithButton } from '../cards.ts';
import { eventually } from '../eventually.ts';
import { entriesOf, storedRun } from '../record.ts';
import type { Stage } from '../stage.ts';

/** From the monitoring's incident to the closed ticket, with everything that has to be true on the way. */
export function happyPath(on: () => Stage): void {
  let number: string;
  let run: string;
  let sysId: string;

  it('takes an incident from the broken site to the resolved ticket by one approval', async () => {
    const { client, page, incident, site } = on();
    assert.equal(await site('/shop/health'), 200);
    number = await incident('iis-5xx');
    assert.equal(await site('/shop/health'), 503);

    await page.openChannel();
    await page.posted(number).getByRole('button', { name: 'Approve', exact: true }).waitFor();
    const asked = await cardWithButton(client, number, 'approve');
    run = asked.run;

    const answer = await client.execute({ ...asked, as: arne.id }, 'approve', asked.data);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await page.posted(number).getByText('Succeeded').waitFor();
    await page.posted(number).getByText(arne.name).waitFor();
    await cardShows(client, asked.card, /Succeeded/);
    assert.equal(await site('/shop/health'), 200);
  });

  it('resolves the incident, with work notes for the request, the approval and the end, and no comment', async () => {
    const { serviceNow } = on();
    const ticket = await eventually(async () => {
      const found = await serviceNow.incident(number);
      assert.equal(found['state'], 'Resolved');
      return found;
    });
    sysId = ticket['sys_id'] ?? '';
    assert.equal(ticket['close_code'], 'Solution provided');
    assert.match(
      ticket['close_notes'] ?? '',
      /recycled and the site was verified.*\(Handrail run [0-9A-Z]{5}\)$/,
    );
    assert.equal(ticket['approval'], 'Approved');
    assert.equal(ticket['resolved_by'], integrationUser);

    const notes = await serviceNow.workNotes(sysId);
    const markers = notes.map(({ text }) => text.split('\n').at(-1));
    assert.deepEqual(markers, [
      `[handrail ${run} ticket:requested:1]`,
      `[handrail ${run} ticket:approved:1]`,
      `[handrail ${run} ticket:closed]`,
    ]);
    assert.ok(notes.every(({ by }) => by === integrationUser));
    assert.match(notes[1]?.text ?? '', /was approved by Arne Approver/);
    assert.match(notes[2]?.text ?? '', /succeeded\.\nReason: verified healthy/);
    assert.deepEqual(await serviceNow.comments(sysId), []);
  });

  it('attaches the logs it recorded, unchanged', async () => {
    const { serviceNow, data } = on();
    const stored = await storedRun(data, run);
    const recorded = entriesOf(stored, 'step-finished').filter(
      ({ data: step }) => step.phase !== 'verification',
    );
    assert.deepEqual(
      recorded.map(({ data: step }) => step.step),
      ['snapshot-logs', 'recycle-pool'],
    );
    await eventually(async () => {
      const files = await serviceNow.files(sysId);
      assert.deepEqual(
        files.map(({ name, sha256: hash }) => [name, hash]).toSorted(),
        recorded
          .map(({ data: { step, evidence } }) => [`handrail-${run.slice(-5)}-${step}.log`, evidence?.sha256])
          .toSorted(),
      );
      const [snapshot] = files.filter(({ name }) => name.includes('snapshot'));
      assert.match(snapshot?.text ?? '', /pool shop is broken[\s\S]*ERROR 503 \/shop\//);
      assert.equal(sha256(snapshot?.text ?? ''), snapshot?.sha256);
    });
  });

  it('records every event in order, on a chain that verifies', async () => {
    const stored = await eventually(async () => {
      const found = await storedRun(on().data, run);
      assert.ok(found.entries.some(({ type, data }) => type === 'reported' && data.key === 'card:closed'));
      return found;
    });
    const { types, entries, verified } = stored;
    assert.deepEqual(verified, {
      ok: true,
      head: { runId: run, seq: entries.length, hash: entries.at(-1)?.hash },
    });
    const story = types.filter((type) => !['card-posted', 'reported', 'step-launched'].includes(type));
    assert.deepEqual(story, [
      'run-proposed',
      'guardrails-evaluated',
      'approval-requested',
      'guardrails-evaluated',
      'vote-cast',
      'guardrails-evaluated',
      'step-started',
      'step-finished',
      'step-started',
      'step-finished',
      'step-started',
      'step-finished',
      'run-closed',
    ]);
    assert.deepEqual(
      entriesOf(stored, 'guardrails-evaluated').map(({ data }) => data.stage),
      ['proposal', 'decision', 'dispatch'],
    );
    assert.deepEqual(
      entriesOf(stored, 'step-started').map(({ data }) => data.step),
      ['snapshot-logs', 'recycle-pool', 'site-answers'],
    );
    assert.deepEqual(
      entriesOf(stored, 'reported').map(({ data }) => data.note),
      entriesOf(stored, 'reported').map(() => ''),
      'everybody could be told',
    );
  });

  it('names who, where, in which tenant and about what in every event', async () => {
    const stored = await storedRun(on().data, run);
    const [asked] = entriesOf(stored, 'approval-requested');
    const [proposed] = entriesOf(stored, 'run-proposed');
    const { plan } = asked?.data ?? {};
    for (const entry of stored.entries) {
      assert.equal(entry.tenant, tenantId);
      assert.deepEqual(entry.subject, {
        incident: number,
        ci: proposed?.data.ci.sysId,
        runbook: { id: 'iis-app-pool-recycle', version: '1.1.0', hash: plan?.runbook.hash },
      });
      assert.ok(entry.actor.kind === 'person' || entry.actor.name !== undefined);
    }
    assert.match(plan?.runbook.hash ?? '', /^[0-9a-f]{64}$/);
    assert.match(plan?.ci.sysId ?? '', /^[0-9a-f]{32}$/);

    const [card] = entriesOf(stored, 'card-posted');
    const [vote] = entriesOf(stored, 'vote-cast');
    assert.deepEqual(vote?.actor, {
      kind: 'person',
      id: arne.aadObjectId,
      name: arne.name,
      tenant: tenantId,
    });
    assert.equal(vote?.data.digest, asked?.data.digest);
    assert.equal(vote?.origin.conversation, card?.data.conversation);
    assert.notEqual(vote?.origin.activity, '');
    assert.deepEqual(card?.origin, card?.data, 'the record leads to the card');
  });
}
