import assert from 'node:assert/strict';
import { ulid } from 'ulid';
import type { Desk } from '../../src/flow/desk.ts';
import { peopleDesk } from '../../src/flow/people-desk.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const origin = { conversation: 'c', activity: 'a' };

describe('the desk of people', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  let desk: Desk;
  beforeEach(async () => {
    temp = tempFile();
    world = outside();
    process = await startProcess(world, temp.file);
    desk = peopleDesk(process.deps);
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const ask = (runbook = 'recycle', by = f.olivia) => desk.propose(runbook, 'INC0010023', by, origin);

  it('lists the runbooks that are loaded', () => {
    assert.deepEqual(
      desk.runbooks().map(({ runbook }) => runbook.id),
      ['recycle'],
    );
  });

  it('makes a run for a person, and shows it', async () => {
    const asked = await ask();
    assert.ok(asked.ok);
    assert.equal(asked.code, asked.runId.slice(-5));
    assert.deepEqual([asked.view.requester, asked.view.reason], ['olivia', 'asked for by olivia']);
    assert.deepEqual(await desk.view(asked.runId), asked.view);
    const run = await process.run(asked.runId);
    assert.deepEqual(run.entries[0]?.origin, origin);
  });

  it('shows the run that is there when somebody asks for it again', async () => {
    const first = await ask();
    const second = await ask('recycle', f.arne);
    assert.ok(first.ok && second.ok);
    assert.equal(second.runId, first.runId);
    assert.equal(second.view.requester, 'olivia');
  });

  it('knows no other runbook than those that are loaded, whatever it is called', async () => {
    for (const name of ['delete-everything', 'constructor', '', '../recycle']) {
      const asked = await ask(name);
      assert.ok(!asked.ok);
      assert.equal(asked.message, `There is no runbook ${name}.`);
      assert.match(asked.nextAction, /Known runbooks: recycle\./);
    }
    assert.deepEqual(world.transcript, []);
  });

  it('says when ServiceNow has no such incident', async () => {
    Object.assign(process.deps, { itsm: { ...process.deps.itsm, incident: async () => undefined } });
    const asked = await ask();
    assert.ok(!asked.ok);
    assert.match(`${asked.message} ${asked.nextAction}`, /no incident INC0010023.*Check the number/);
  });

  it('passes a refusal on with what to do', async () => {
    const asked = await ask('recycle', f.person('olivia', 'other-tenant'));
    assert.ok(!asked.ok);
    assert.match(`${asked.message} ${asked.nextAction}`, /another tenant.*Sign in/);
  });

  it('shows a run that a guardrail denied, with the reason', async () => {
    const asked = await ask('recycle', f.stranger);
    assert.ok(asked.ok);
    assert.equal(asked.view.outcome?.name, 'denied');
    assert.match(asked.view.outcome?.reason ?? '', /stranger is in none of web-operations/);
  });

  it('finds runs by the code people type, in any letters', async () => {
    const asked = await ask();
    assert.ok(asked.ok);
    assert.deepEqual(await desk.byCode(asked.code.toLowerCase()), [asked.runId]);
    assert.deepEqual(await desk.byCode('ZZZZZ'), []);
  });

  it('hands commands to the run, and nowhere else', async () => {
    const asked = await ask();
    assert.ok(asked.ok);
    const approve = f.command('approve', f.arne, {});
    assert.deepEqual(await desk.submit(asked.runId, approve), { ok: true, changed: true });
    assert.deepEqual(await desk.submit(asked.runId, approve), { ok: true, changed: false });
    const nowhere = await desk.submit(ulid(), approve);
    assert.equal(nowhere.ok ? 'accepted' : nowhere.refusal.code, 'no-such-run');
  });

  it('shows nothing of a run that does not exist', async () => {
    assert.equal(await desk.view(ulid()), undefined);
    assert.equal(await desk.form(ulid()), undefined);
  });

  it('gives the form what it has to ask, and what is known', async () => {
    world.ci = f.ci({ environment: 'test', fields: {} });
    const asked = await ask();
    assert.ok(asked.ok);
    const form = await desk.form(asked.runId);
    assert.equal(form?.loaded.runbook.id, 'recycle');
    assert.deepEqual(
      form?.parameters.map((one) => [one.name, one.confirm]),
      [['pool', true]],
    );
  });

  it('says of every open run what it is doing, newest first', async () => {
    const policy = f.policy();
    Object.assign(process.deps.catalogue, {
      runbooks: new Map([['recycle', f.runbook({ cooldown: '0s', rollback: f.rollbackSteps })]]),
      policy,
    });
    const started: string[] = [];
    const another = async (sysId: string): Promise<string> => {
      const runId = ulid(world.now.getTime() + started.length);
      started.push(runId);
      world.incident = f.incident({ ciSysId: sysId });
      world.ci = f.ci({ environment: 'test', sysId });
      await process.command(propose, runId);
      const { markOpen } = await import('../../src/flow/projection.ts');
      await markOpen(process.deps, runId, 'INC0010023', 'recycle');
      return runId;
    };
    const drive = (runId: string, turns: number) => process.settle(runId, turns).catch(() => undefined);
    const approve = (runId: string) => process.command(f.command('approve', f.arne, {}), runId);

    await another('1'.repeat(32));
    const fresh = await another('2'.repeat(32));
    await approve(fresh);
    world.results['recycle'] = 'running';
    const busy = await another('3'.repeat(32));
    await approve(busy);
    await drive(busy, 5);
    const waiting = await another('3'.repeat(32));
    await approve(waiting);
    await drive(waiting, 2);
    const ended = await another('4'.repeat(32));
    await process.command(f.anyOf.reject, ended);

    const doing = (await desk.open(10)).map((one) => `${started.indexOf(one.runId)}: ${one.doing}`);
    assert.deepEqual(doing, [
      `3: waits for run ${busy.slice(-5)} on the same item`,
      '2: runs the remediation',
      '1: is about to start',
      '0: waits for approval by web-approvers',
    ]);
    assert.equal((await desk.open(2)).length, 2);
    const [newest] = await desk.open(1);
    assert.deepEqual(
      [newest?.incident, newest?.ci, newest?.runbook],
      ['INC0010023', 'shop-web-01', 'Recycle the pool'],
    );
  });
});
