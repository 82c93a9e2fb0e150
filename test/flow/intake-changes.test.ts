import assert from 'node:assert/strict';
import fc from 'fast-check';
import { incidentChangeOf } from '../../src/domain/incident-change.ts';
import { openApproval } from '../../src/domain/run.ts';
import { type Intake, intake } from '../../src/flow/intake.ts';
import { newestEvents } from '../../src/flow/intake-record.ts';
import { loadRun } from '../../src/flow/load-run.ts';
import { openRuns } from '../../src/flow/projection.ts';
import { proposeRun } from '../../src/flow/propose.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, startProcess, tempFile } from '../fakes/flow.ts';

const tag = { column: 'x_handrail_tag', offer: 'offer' };
const offered = { x_handrail_tag: 'offer' };

describe('an incident that changes', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let events: Intake;
  let asked: string[];
  let sent: number;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    world.incident = f.incident({ fields: offered });
    asked = [];
    sent = 0;
    process = await startProcess(world, temp.file);
    const { itsm } = process.deps;
    Object.assign(process.deps, {
      itsm: {
        ...itsm,
        incident: async () => {
          asked.push('incident');
          return world.incident;
        },
        ci: async (sysId: string) => ({ ...world.ci, sysId }),
      },
    });
    events = intake(process.deps, { tag });
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });

  /** The incident as somebody saved it, and the event of that. Answers what came of it. */
  const changes = async (change: object = {}, fields: object = {}): Promise<string> => {
    const { modCount } = world.incident;
    const merged = { ...world.incident.fields, ...fields } as Record<string, string>;
    world.incident = { ...world.incident, ...change, fields: merged, modCount: modCount + 1 };
    world.now = new Date(world.now.getTime() + 60_000);
    return event(world.incident.modCount);
  };
  const event = async (version: number, id = `e${++sent}`): Promise<string> => {
    const body = JSON.stringify({ sys_id: world.incident.sysId, sys_mod_count: version });
    assert.equal(await events.receive(id, body), 'accepted');
    await events.process(id);
    return outcomeOf(id);
  };
  const outcomeOf = async (id: string): Promise<string> => {
    const line = (await newestEvents(process.deps, 50, false)).find((one) => one.id === id);
    return (line?.outcome ?? 'none').replaceAll(/[0-9A-Z]{26}/g, 'X');
  };
  const runs = async () => Promise.all((await openRuns(process.deps)).map((id) => loadRun(process.deps, id)));
  const ends = async (): Promise<string[]> =>
    (await runs()).map(({ closed }) => (closed ? `${closed.outcome}: ${closed.reason}` : 'open'));
  const approvedAndStarted = async (): Promise<string> => {
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.approve, runId);
    await process.command(f.anyOf.dispatch, runId);
    return runId;
  };

  for (const [name, change, fields, why] of [
    ['is resolved', { state: 'resolved' }, {}, 'INC0010023 is resolved'],
    ['is closed', { state: 'closed' }, {}, 'INC0010023 is closed'],
    ['is canceled', { state: 'canceled' }, {}, 'INC0010023 is canceled'],
    ['names no item any more', { ciSysId: '' }, {}, 'INC0010023 names no configuration item'],
    ['loses its tag', {}, { x_handrail_tag: '' }, 'INC0010023 is not offered to Handrail any more'],
    ['is taken out', {}, { x_handrail_tag: 'never' }, 'INC0010023 is not offered to Handrail any more'],
  ] as const)
    it(`takes its undecided proposal back when it ${name}`, async () => {
      assert.equal(await changes(), 'proposed: run X');
      assert.equal(await changes(change, fields), `withdrawn: run X; ${why}`);
      assert.deepEqual(await ends(), [`withdrawn: ServiceNow: ${why}`]);
      assert.equal(await changes({ description: 'again' }), `dropped: ${why}`);
    });

  it('tells the ticket and the card that the proposal was taken back', async () => {
    await changes();
    const [runId = ''] = await openRuns(process.deps);
    await process.settle(runId);
    await changes({ state: 'resolved' });
    await process.settle(runId);
    assert.match(world.transcript.join('\n'), /note: .*\[not-requested\]/);
    assert.match(world.transcript.join('\n'), /card: withdrawn/);
  });

  it('takes back what is approved and has not started when it is over, and leaves it when only its tag is gone', async () => {
    await changes();
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.approve, runId);
    assert.equal(
      await changes({}, { x_handrail_tag: 'never' }),
      'dropped: INC0010023 is not offered to Handrail any more',
    );
    assert.equal(await changes({ state: 'closed' }), 'withdrawn: run X; INC0010023 is closed');
  });

  it('leaves a person’s own request when its tag is gone, and takes it back when it is over', async () => {
    const { runId } = await proposeRun(process.deps, {
      incident: world.incident,
      runbook: 'recycle',
      by: f.olivia,
      origin: { conversation: '', activity: '' },
      reason: 'asked for by olivia',
      again: true,
    });
    await changes({}, { x_handrail_tag: 'never' });
    assert.equal((await loadRun(process.deps, runId)).closed, undefined);
    assert.equal(await changes({ state: 'closed' }), 'withdrawn: run X; INC0010023 is closed');
  });

  it('does not stop what is under way, and says so', async () => {
    await changes();
    const runId = await approvedAndStarted();
    assert.equal(
      await changes({ state: 'resolved' }),
      'dropped: INC0010023 is resolved; run X is under way and goes on',
    );
    const run = await loadRun(process.deps, runId);
    assert.deepEqual([run.closed, incidentChangeOf(run)], [undefined, 'INC0010023 is resolved']);
    await changes({ state: 'closed' });
    assert.equal(incidentChangeOf(await loadRun(process.deps, runId)), 'INC0010023 is closed');
  });

  it('moves to another item: takes the proposal back and proposes for the new one', async () => {
    await changes();
    assert.equal(await changes({ ciSysId: 'd'.repeat(32) }), 'proposed: run X; withdrawn: run X');
    assert.deepEqual(await ends(), [
      'withdrawn: ServiceNow: INC0010023 names another configuration item now',
      'open',
    ]);
    const [, second] = await runs();
    assert.equal(second?.proposal?.ci.sysId, 'd'.repeat(32));
  });

  it('is proposed for again when it is opened again', async () => {
    await changes();
    await changes({ state: 'resolved' });
    assert.equal(await changes({ state: 'in-progress' }), 'proposed: run X');
    assert.deepEqual((await ends()).at(-1), 'open');
  });

  it('is not proposed for again when people said no, unless it names another item', async () => {
    await changes();
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.reject, runId);
    assert.equal(await changes({ description: 'please' }), 'known: run X');
    assert.equal(await changes({ ciSysId: 'd'.repeat(32) }), 'proposed: run X');
  });

  it('is asked about anew when its plan would be another one, and votes for the old plan are void', async () => {
    Object.assign(process.deps.catalogue, {
      runbooks: new Map([
        [
          'recycle',
          f.runbook({
            parameters: {
              pool: { type: 'string', title: 'Pool', from: ['incident.u_pool', 'ci.u_app_pool'] },
            },
            approval: { group: 'web-approvers', quorum: 2, expires: '2h' },
          }),
        ],
      ]),
    });
    await changes();
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.approve, runId);
    assert.equal(openApproval(await loadRun(process.deps, runId))?.votes.length, 1);
    assert.equal(await changes({}, { u_pool: 'checkout' }), 'known: run X');
    const approval = openApproval(await loadRun(process.deps, runId));
    assert.deepEqual(
      [approval?.revision, approval?.votes.length, approval?.changes],
      [2, 0, ['parameter pool changed from shop to checkout']],
    );
  });

  it('keeps the event until everything could be read that the plan rests on', async () => {
    await changes();
    const { changes: read } = process.deps.itsm;
    Object.assign(process.deps.itsm, { changes: () => Promise.reject(new Error('timed out')) });
    assert.match(await changes({ description: 'more of it' }), /^waits: .*changes.* timed out/);
    Object.assign(process.deps.itsm, { changes: read });
    world.now = new Date(world.now.getTime() + 10_000);
    await events.sweep();
    assert.equal(await outcomeOf(`e${sent}`), 'known: run X');
  });

  it('keeps the votes when its plan stays the same', async () => {
    Object.assign(process.deps.catalogue, {
      runbooks: new Map([
        ['recycle', f.runbook({ approval: { group: 'web-approvers', quorum: 2, expires: '2h' } })],
      ]),
    });
    await changes();
    const [runId = ''] = await openRuns(process.deps);
    await process.command(f.anyOf.approve, runId);
    assert.equal(await changes({ description: 'more 5xx than before' }), 'known: run X');
    const approval = openApproval(await loadRun(process.deps, runId));
    assert.deepEqual([approval?.revision, approval?.votes.length], [1, 1]);
  });

  it('is read once and no more when nothing that matters has changed', async () => {
    await changes();
    asked = [];
    assert.equal(
      await changes({ assignmentGroup: 'L3', updatedBy: 'somebody' }),
      'known: run X; nothing that matters has changed',
    );
    assert.deepEqual(asked, ['incident']);
  });

  it('takes its proposal back when no rule names the runbook any more, and proposes what fits', async () => {
    Object.assign(process.deps.catalogue, {
      policy: f.policy({ targets: { ops: { runbooks: ['recycle', 'reindex'] } } }),
      runbooks: new Map([
        ['recycle', f.runbook()],
        ['reindex', f.runbook({ id: 'reindex', match: { symptoms: ['slow search'] } })],
      ]),
    });
    await changes();
    assert.equal(await changes({ shortDescription: 'slow search' }), 'proposed: run X; withdrawn: run X');
    const [first, second] = await runs();
    assert.match(first?.closed?.reason ?? '', /no rule names this runbook for INC0010023 any more/);
    assert.equal(second?.proposal?.runbook.id, 'reindex');
  });

  it('keeps a proposal that only a machine named, when the next event says nothing of it', async () => {
    Object.assign(process.deps.catalogue, {
      policy: f.policy({ suggestions: { atLeast: 0.8, models: ['triage'] } }),
    });
    world.incident = f.incident({ shortDescription: 'the shop is slow', fields: offered });
    const suggestion = { runbook: 'recycle', confidence: 0.9, reason: 'r', quotes: [], model: 'triage' };
    const body = JSON.stringify({ sys_id: world.incident.sysId, sys_mod_count: 1, suggestion });
    await events.receive('s', body);
    await events.process('s');
    assert.equal(await outcomeOf('s'), 'proposed: run X');
    assert.equal(await changes({ description: 'still slow' }), 'known: run X');
    assert.deepEqual(await ends(), ['open']);
  });

  it('drops what is older than what was considered, unread', async () => {
    world.incident = f.incident({ modCount: 7 });
    assert.equal(await event(7), 'proposed: run X');
    asked = [];
    assert.equal(await event(6), 'dropped: older than version 7, which was considered');
    assert.equal(await event(7), 'known: run X; version 7 was considered');
    assert.deepEqual(asked, []);
  });

  it('looks again at a version that came to nothing, because somebody asks', async () => {
    world.incident = f.incident({ shortDescription: 'nothing that fits', modCount: 3 });
    assert.equal(await event(3), 'no runbook matches INC0010023');
    Object.assign(process.deps.catalogue, {
      runbooks: new Map([['recycle', f.runbook({ match: { symptoms: ['nothing that fits'] } })]]),
    });
    assert.equal(await event(3), 'proposed: run X');
  });

  it('is asked for as often as the pace allows, keeps the rest, and says so once', async () => {
    const lines: string[] = [];
    const limits = {
      perIncident: { most: 2, withinMs: 60_000 },
      perCi: { most: 50, withinMs: 60_000 },
      refusals: { most: 1, withinMs: 1 },
    };
    Object.assign(process.deps, {
      report: (level: string, message: string) => lines.push(`${level} ${message}`),
    });
    events = intake(process.deps, { tag, limits });
    for (let n = 1; n <= 5; n++) {
      world.incident = { ...world.incident, modCount: n, description: `${n}` };
      await event(n);
    }
    assert.deepEqual(await Promise.all(['e1', 'e2', 'e3', 'e4', 'e5'].map(outcomeOf)), [
      'proposed: run X',
      'known: run X',
      'folded: version 4 of the incident is considered for it',
      'folded: version 5 of the incident is considered for it',
      'waits',
    ]);
    assert.equal(
      asked.length,
      2 + 2,
      'two looks; the proposal, and what is asked of it, read it once more each',
    );
    assert.equal(lines.filter((line) => line.startsWith('warn an incident changes too often')).length, 1);
    await events.sweep();
    assert.equal(await outcomeOf('e5'), 'waits');
    world.now = new Date(world.now.getTime() + 60_000);
    await events.sweep();
    assert.equal(await outcomeOf('e5'), 'known: run X');
  });

  it('waits its turn when there are many incidents on its item', async () => {
    const limits = {
      perIncident: { most: 9, withinMs: 60_000 },
      perCi: { most: 2, withinMs: 60_000 },
      refusals: { most: 1, withinMs: 1 },
    };
    const incident = async ({ sysId = '' }) => f.incident({ sysId, number: `INC${sysId.slice(0, 7)}` });
    Object.assign(process.deps, { itsm: { ...process.deps.itsm, incident } });
    events = intake(process.deps, { tag, limits });
    const ids = Array.from({ length: 5 }, (_, n) => String(n).repeat(32));
    for (const sysId of ids) {
      await events.receive(sysId, JSON.stringify({ sys_id: sysId, sys_mod_count: 1 }));
      await events.process(sysId);
    }
    const waiting = async () => (await newestEvents(process.deps, 50, true)).length;
    const left = [await waiting()];
    for (let minute = 0; minute < 3; minute++) {
      world.now = new Date(world.now.getTime() + 60_000);
      await events.sweep();
      left.push(await waiting());
    }
    assert.deepEqual(left, [3, 1, 0, 0]);
    assert.equal((await runs()).length, 5);
  });

  it('makes one proposal of its versions, whatever their order and however often they come', async () => {
    const deliveries = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(2)), {
      minLength: 1,
      maxLength: 24,
    });
    await fc.assert(
      fc.asyncProperty(deliveries, async (all) => {
        await process.store.close();
        temp.remove();
        temp = tempFile();
        process = await startProcess(world, temp.file);
        world.incident = f.incident({ fields: offered, modCount: 6 });
        events = intake(process.deps, { tag });
        const pending: Promise<void>[] = [];
        for (const [version, delivery] of all) {
          const id = `v${version}-${delivery}`;
          const body = JSON.stringify({ sys_id: world.incident.sysId, sys_mod_count: version });
          await events.receive(id, body);
          pending.push(events.process(id));
        }
        await Promise.all(pending);
        assert.equal((await runs()).length, 1);
        assert.deepEqual(await newestEvents(process.deps, 1, true), []);
        const outcomes = (await newestEvents(process.deps, 99, false)).map(
          ({ outcome }) => outcome.split(/[ :]/)[0],
        );
        assert.equal(outcomes.filter((one) => one === 'proposed').length, 1);
      }),
      { numRuns: 30 },
    );
  });
});
