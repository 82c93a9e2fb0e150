import assert from 'node:assert/strict';
import { ulid } from 'ulid';
import { CONTROL } from '../../src/domain/control.ts';
import { AppError } from '../../src/domain/errors.ts';
import { openApproval, stateOf } from '../../src/domain/run.ts';
import { handlers } from '../../src/flow/command.ts';
import { readControl } from '../../src/flow/control.ts';
import * as f from '../fakes/domain.ts';
import { type Outside, outside, type Process, propose, startProcess, tempFile } from '../fakes/flow.ts';

const members: Record<string, string[]> = {
  olivia: ['web-operations'],
  arne: ['web-approvers'],
  mia: ['web-approvers'],
  ravi: ['incident-commanders'],
  wilma: ['web-managers'],
  ada: ['handrail-admins'],
};
const names = [...new Set(Object.values(members).flat())];
const groups = Object.fromEntries(
  names.map((name, n) => [
    name,
    { entra: `5b0f3c1e-0000-4000-8000-00000000000${n + 1}`, servicenow: `SN ${name}` },
  ]),
);
const silence = new AppError({
  code: 'target-unreachable',
  message: 'no answer',
  fix: 'Wait.',
  maybeApplied: true,
});
const ravi = f.person('ravi');
const wilma = f.person('wilma');
const ada = f.person('ada');

describe('governance in the flow', () => {
  let temp: ReturnType<typeof tempFile>;
  let world: Outside;
  let process: Process;
  const start = async (policy: Record<string, unknown> = {}, runbook: Record<string, unknown> = {}) => {
    process = await startProcess(world, temp.file);
    const { deps } = process;
    Object.assign(deps.catalogue, {
      policy: f.policy({ groups, admins: 'handrail-admins', ...policy }),
      runbooks: new Map([['recycle', f.runbook({ rollback: f.rollbackSteps, cooldown: '0s', ...runbook })]]),
    });
    Object.assign(deps.directory, {
      memberOf: async (id: string) => (members[id] ?? []).map((name) => groups[name]?.entra ?? ''),
      members: async (entra: string) =>
        Object.keys(members).filter((id) => members[id]?.some((name) => groups[name]?.entra === entra)),
    });
  };
  beforeEach(() => {
    temp = tempFile();
    world = outside();
  });
  afterEach(async () => {
    await process.store.close();
    temp.remove();
  });
  const ask = async (runId = f.RUN) => assert.ok((await process.command(propose, runId)).ok);
  const code = async (...args: Parameters<Process['command']>) => {
    const reply = await process.command(...args);
    return reply.ok ? 'accepted' : reply.refusal.code;
  };
  const drive = () => handlers(process.deps).drive(f.RUN);
  const types = async (runId = f.RUN) => (await process.run(runId)).entries.map(({ type }) => type);
  const lines = (start: string) => world.transcript.filter((line) => line.startsWith(start));

  describe('a stop', () => {
    beforeEach(() => start());
    const stop = f.command('stop', ada, { reason: 'bad release' });

    it('lets nothing be approved or dispatched, is shown on the card, and goes on after a resume', async () => {
      const shown: (string | undefined)[] = [];
      Object.assign(process.deps.chat, {
        update: async (_: unknown, view: { halted?: { reason: string } }) =>
          void shown.push(view.halted?.reason),
      });
      await ask();
      await process.command(f.command('approve', f.arne, {}));
      assert.equal(await code(stop, CONTROL), 'accepted');
      await drive();
      assert.equal(stateOf(await process.run()), 'approved');
      assert.equal((await process.run()).postponed?.reason, 'ada stopped everything: bad release');
      await drive();
      assert.deepEqual(shown.at(-1), 'bad release');
      assert.deepEqual(lines('launch'), []);

      const second = ulid();
      await ask(second);
      assert.equal(await code(f.command('approve', f.arne, {}), second), 'stopped');

      assert.equal(await code(f.command('resume', ada, { reason: '' }), CONTROL), 'accepted');
      await process.settle();
      assert.equal((await process.run()).closed?.outcome, 'succeeded');
      assert.equal(await code(f.command('approve', f.arne, {}), second), 'accepted');
    });

    it('holds a remediation that is not claimed yet, and lets a claimed one end', async () => {
      await ask();
      await process.command(f.command('approve', f.arne, {}));
      world.results['snapshot'] = 'running';
      await drive();
      await process.command(stop, CONTROL);
      world.results['snapshot'] = 'succeeded';
      world.now = f.minutes(1);
      await drive();
      await drive();
      assert.deepEqual(lines('launch'), ['launch snapshot']);
      await process.command(f.command('resume', ada, { reason: 'over' }), CONTROL);
      await process.settle();
      assert.equal((await process.run()).closed?.outcome, 'succeeded');
    });

    it('keeps back a claimed change that never reached the target', async () => {
      await ask();
      await process.command(f.command('approve', f.arne, {}));
      let launches = 0;
      world.fault = (point) => {
        // the second launch is the change; whether it arrived is not known at first
        if (point === 'before:launch' && ++launches === 2) throw silence;
      };
      await process.settle(f.RUN, 1).catch(() => undefined);
      await process.command(stop, CONTROL);
      await process.settle();
      assert.equal(launches, 2);
      assert.deepEqual(lines('launch'), ['launch snapshot']);
      const { closed } = await process.run();
      assert.equal(closed?.outcome, 'automation failed');
      assert.match(closed?.reason ?? '', /everything was stopped before it was sent; nothing was changed/);
    });

    for (const [name, move] of [
      ['the approval is too old', () => undefined],
      [
        'the plan has changed',
        () => Object.assign(world, { ci: f.ci({ environment: 'test', fields: { u_app_pool: 'other' } }) }),
      ],
      ['the incident is over', () => Object.assign(world, { incident: f.incident({ state: 'closed' }) })],
    ] as const)
      it(`that held a change back lets it go only when everything is still so: ${name}`, async () => {
        await ask();
        await process.command(f.command('approve', f.arne, {}));
        world.results['snapshot'] = 'running';
        await drive();
        await process.command(stop, CONTROL);
        world.results['snapshot'] = 'succeeded';
        world.now = f.minutes(1);
        await drive();
        move();
        world.now = f.minutes(name.includes('old') ? 45 : 2);
        await process.command(f.command('resume', ada, { reason: 'over' }), CONTROL);
        await process.settle();
        const run = await process.run();
        assert.equal(run.closed?.outcome, 'denied');
        assert.match(run.closed?.reason ?? '', /nothing was changed$/);
        assert.deepEqual(lines('launch'), ['launch snapshot']);
      });

    it('is for administrators, and each of both is in the record of its own stream', async () => {
      assert.equal(await code(f.command('stop', f.arne, { reason: 'I want to' }), CONTROL), 'not-admin');
      assert.equal(await code(f.command('stop', ada, { reason: ' ' }), CONTROL), 'reason-needed');
      await process.command(stop, CONTROL);
      await process.command(f.command('resume', ada, { reason: 'over' }), CONTROL);
      assert.deepEqual(await types(CONTROL), ['command-refused', 'dispatch-stopped', 'dispatch-resumed']);
      assert.equal((await process.store.verify(CONTROL)).ok, true);
      assert.equal((await readControl(process.deps)).stopped, undefined);
    });

    it('wakes every open run, so that each card says so', async () => {
      const woken: string[] = [];
      Object.assign(process.deps.engine, { wake: async (runId: string) => void woken.push(runId) });
      const { markOpen } = await import('../../src/flow/projection.ts');
      for (const runId of [f.RUN, ulid()]) {
        await markOpen(process.deps, runId, 'INC1', 'recycle');
        await ask(runId);
      }
      await process.command(stop, CONTROL);
      await handlers(process.deps).drive(CONTROL);
      assert.equal(woken.length, 2);
    });
  });

  it('reminds whoever is on call, then asks the next group, whose vote counts', async () => {
    const terms = { remind: '10m', escalate: { after: '20m', to: 'web-managers' } };
    await start({}, { approval: { group: 'web-approvers', expires: '1h', ...terms } });
    await ask();
    assert.equal(await code(f.command('approve', wilma, {})), 'not-approver');
    await process.settle();
    assert.deepEqual(
      lines('thread').map((line) => line.slice(line.indexOf('@'))),
      // reminders after 10, 20, 30, 40 and 50 minutes; the next group after 20
      [
        '@sn-web-approvers-on-call',
        '@sn-web-managers-on-call',
        ...Array(4).fill('@sn-web-approvers-on-call'),
      ],
    );
    world.now = f.minutes(55);
    assert.equal(await code(f.command('approve', wilma, {})), 'accepted');
    const reminders = (await types()).filter((type) => type === 'approval-reminded');
    assert.equal(reminders.length, 5);
  });

  it('lets somebody vote in place of an approver who is away, once, and only while that lasts', async () => {
    await start(
      { delegation: { to: 'web-managers', most: '7d' } },
      { approval: { group: 'web-approvers', quorum: 2 } },
    );
    const until = f.minutes(60).toISOString();
    const away = f.command('delegate', f.arne, { to: wilma, until, reason: 'holiday' });
    assert.equal(
      await code(f.command('delegate', f.arne, { to: f.olivia, until, reason: '' }), CONTROL),
      'not-delegate',
    );
    assert.equal(await code(away, CONTROL), 'accepted');
    await ask();
    assert.equal(await code(f.command('approve', wilma, {})), 'accepted');
    // both times it is Arne's say
    assert.equal(await code(f.command('approve', f.arne, {})), 'accepted');
    assert.equal(stateOf(await process.run()), 'awaiting-approval');
    assert.equal(await code(f.command('approve', f.mia, {})), 'accepted');
    assert.equal(stateOf(await process.run()), 'approved');
    const [vote] = (await process.run()).approval?.votes ?? [];
    assert.equal(vote?.standsInFor?.id, 'arne');

    const second = ulid();
    await ask(second);
    world.now = f.minutes(20);
    assert.equal(await code(f.command('end-delegation', f.arne, {}), CONTROL), 'accepted');
    assert.equal(await code(f.command('approve', wilma, {}), second), 'not-approver');
  });

  it('waits for the window that people approved it for, and checks again when it opens', async () => {
    const night = {
      name: 'night',
      environments: ['test'],
      days: ['sun'],
      from: '22:00',
      to: '23:00',
      zone: 'UTC',
    };
    await start({ changeWindowRequired: ['test'], changeWindows: [night], scheduleWithin: '14h' });
    await ask();
    assert.equal(openApproval(await process.run())?.notBefore, '2026-11-22T22:00:00.000Z');
    assert.equal(await code(f.command('approve', f.arne, {})), 'accepted');
    const next = await drive();
    assert.equal(next?.toISOString(), '2026-11-22T22:00:00.000Z');
    assert.deepEqual(lines('launch'), []);
    world.now = new Date('2026-11-22T22:00:00Z');
    await process.settle();
    const run = await process.run();
    assert.equal(run.closed?.outcome, 'succeeded');
    assert.equal(run.evaluations['dispatch']?.effect, 'allow');
  });

  it('takes no more places of a runbook than there are, and goes on when one is free', async () => {
    await start({ limits: { perRunbook: 1 } });
    world.results['recycle'] = 'running';
    const other = ulid();
    for (const [runId, ciSysId] of [
      [f.RUN, 'c'.repeat(32)],
      [other, 'd'.repeat(32)],
    ] as const) {
      world.incident = f.incident({ ciSysId });
      world.ci = f.ci({ environment: 'test', sysId: ciSysId });
      await ask(runId);
      await process.command(f.command('approve', f.arne, {}), runId);
      await process.settle(runId, 4).catch(() => undefined);
    }
    assert.equal(stateOf(await process.run()), 'remediating');
    assert.equal((await process.run(other)).waitsFor, f.RUN);
    assert.equal(lines('launch snapshot').length, 1);
    world.results['recycle'] = 'succeeded';
    world.incident = f.incident();
    await process.settle();
    assert.deepEqual(lines('wake'), ['wake another run']);
    world.incident = f.incident({ ciSysId: 'd'.repeat(32) });
    await process.settle(other);
    assert.equal((await process.run(other)).closed?.outcome, 'succeeded');
  });

  it('postpones what would be one too many within the hour, until the oldest is an hour old', async () => {
    await start({ limits: { perHour: 1 } });
    await ask();
    await process.command(f.command('approve', f.arne, {}));
    await process.settle();
    const second = ulid();
    await ask(second);
    assert.equal(await code(f.command('approve', f.arne, {}), second), 'accepted');
    await handlers(process.deps).drive(second);
    const at = (await process.run()).steps.find(({ phase }) => phase === 'remediation')?.startedAt ?? '';
    const until = new Date(Date.parse(at) + 3_600_000);
    assert.equal((await process.run(second)).postponed?.until, until.toISOString());
    assert.deepEqual(await handlers(process.deps).drive(second), until);
  });

  describe('a rollback with approvers of its own', () => {
    const approval = { approvers: [{ group: 'web-managers' }], expires: '15m' };
    beforeEach(async () => {
      await start({}, { rollback: { ...f.rollbackSteps, approval } });
      world.healthy = false;
      await ask();
      await process.command(f.command('approve', f.arne, {}));
      await process.settle();
    });

    it('waits for them, and tells the thread', async () => {
      assert.equal(stateOf(await process.run()), 'awaiting-rollback');
      assert.deepEqual(lines('launch restore'), []);
      assert.match(lines('thread')[0] ?? '', /@sn-web-managers-on-call$/);
      assert.equal(await code(f.command('approve', f.arne, { revision: 2 })), 'not-approver');
      assert.equal(await code(f.command('approve', wilma, { revision: 2 })), 'accepted');
      await process.settle();
      assert.equal((await process.run()).closed?.outcome, 'rolled back');
    });

    it('that they reject or leave leaves the change, handed over with the reason', async () => {
      assert.equal(await code(f.command('reject', wilma, { reason: 'keep the evidence' })), 'accepted');
      await process.settle();
      const { closed } = await process.run();
      assert.equal(closed?.outcome, 'verification failed');
      assert.match(closed?.reason ?? '', /wilma rejected the rollback: keep the evidence/);
    });

    it('that nobody answers ends so', async () => {
      world.now = new Date(Date.parse(openApproval(await process.run())?.expiresAt ?? ''));
      await process.settle();
      const { closed } = await process.run();
      assert.equal(closed?.outcome, 'verification failed');
      assert.match(closed?.reason ?? '', /nobody approved the rollback until/);
    });
  });

  describe('a broken glass', () => {
    const breakGlass = {
      groups: ['incident-commanders'],
      overrides: ['change window'],
      review: { group: 'web-managers', within: '24h' },
    };
    beforeEach(() => start({ breakGlass, changeWindowRequired: [] }));
    const smash = f.command('break-glass', ravi, { reason: 'the shop is down' });

    it('runs at once, is told aloud, and stays open until a second person has reviewed it', async () => {
      await ask();
      assert.equal(await code(f.command('break-glass', f.arne, { reason: 'impatient' })), 'not-commander');
      assert.equal(await code(smash), 'accepted');
      await process.settle(f.RUN, 12).catch(() => undefined);
      const run = await process.run();
      assert.equal(run.closed?.outcome, 'succeeded');
      assert.match(lines('thread')[0] ?? '', /ravi decided alone/);
      assert.equal(
        await code(f.command('review', ravi, { verdict: 'justified', note: 'mine' })),
        'self-review',
      );
      assert.equal(
        await code(f.command('review', wilma, { verdict: 'justified', note: 'it was' })),
        'accepted',
      );
      await process.settle();
      const open = await process.deps.state.list({ where: { kind: 'run', status: 'open' }, limit: 5 });
      assert.deepEqual(open.items, []);
    });

    it('whose review is late is said once', async () => {
      await ask();
      await process.command(smash);
      world.now = f.minutes(1);
      await process.settle();
      const run = await process.run();
      assert.equal(run.overdue, true);
      assert.equal(lines('thread').filter((line) => line.includes('review of the break-glass')).length, 1);
    });
  });

  it('stops the third run on one item, attaches what the others found, proposes a problem and pages', async () => {
    await start({ flapping: { runs: 3, within: '6h' } });
    const kept: string[] = [];
    Object.assign(process.deps.itsm, {
      attach: async (file: { name: string; bytes: Uint8Array }) =>
        void kept.push(`${file.name}: ${new TextDecoder().decode(file.bytes)}`),
    });
    for (const runId of [ulid(), ulid()]) {
      await ask(runId);
      await process.command(f.command('approve', f.arne, {}), runId);
      await process.settle(runId);
    }
    await ask();
    await process.settle();
    const { closed } = await process.run();
    assert.equal(closed?.outcome, 'denied');
    assert.match(closed?.reason ?? '', /run number 3/);
    const series = kept.find((file) => file.includes('series')) ?? '';
    assert.equal(series.match(/=== run/g)?.length, 2);
    assert.ok(lines('thread').some((line) => line.endsWith('@l3-on-call')));
    const note = [...world.notes.values()].find((text) => text.includes('Proposed problem record'));
    assert.ok(note);
  });

  it('takes no click on a card that was never drawn', async () => {
    await start();
    await ask();
    const forged = f.command('approve', f.arne, { revision: 1, card: 'f'.repeat(64) });
    assert.equal(await code(forged), 'stale-card');
    const card = { pk: `card:${f.RUN}`, id: 'a'.repeat(64), kind: 'card', k: `card|${f.RUN}|a`, body: '{}' };
    await process.deps.state.put(card, 'new');
    assert.equal(await code(f.command('approve', f.arne, { revision: 1, card: 'a'.repeat(64) })), 'accepted');
    const [vote] = (await process.run()).entries.filter(({ type }) => type === 'vote-cast');
    assert.equal(vote?.type === 'vote-cast' && vote.data.card, 'a'.repeat(64));
  });
});
