import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import { outcomes, type RunEvent } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import { isSettled, reportsDue } from '../../src/domain/reports.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const keys = (run: Run): string[] => reportsDue(run).map((one) => one.key);
const evidence = {
  sha256: 'a'.repeat(64),
  bytes: 7,
  truncated: false,
  ref: 'evidence:x/recycle-pool',
  tail: 'done',
};
const withLog = (step: string, result: 'succeeded' | 'failed'): Command =>
  f.command('step-result', system('target'), { step, result, detail: 'said so', evidence });
const told = (run: Run, key: string): Run =>
  f.play(run, f.command('reported', system('engine'), { key, note: '' })).run;
const rolledBack = f.after(
  [
    ...f.diagnosing,
    withLog('snapshot', 'succeeded'),
    withLog('recycle-pool', 'failed'),
    withLog('restore', 'succeeded'),
  ],
  { runbook: f.runbook({ rollback: f.rollbackSteps }) },
);

describe('the reports a run calls for', () => {
  it('are none before it is proposed', () => assert.deepEqual(keys(newRun(f.RUN)), []));

  it('are in the order of the log', () => {
    assert.deepEqual(keys(rolledBack), [
      'ticket:requested:1',
      'ticket:approved:1',
      'attached:snapshot',
      'attached:recycle-pool',
      'attached:restore',
      'ticket:closed',
      'card:closed',
      'thread:escalated',
    ]);
  });

  it('call the requester at the end, when that is a person', () => {
    const asked = f.command('propose', f.olivia, {
      incident: 'a'.repeat(32),
      runbook: 'recycle',
      reason: 'asked',
    });
    assert.ok(keys(f.after([asked, f.anyOf.reject])).includes('requester:closed'));
    assert.ok(!keys(f.after([f.anyOf.propose, f.anyOf.reject])).includes('requester:closed'));
  });

  it('tell the thread when the incident was left to people, once', () => {
    const ended = f.after(f.succeeded);
    const left = 'INC0010023 was reopened: it was not resolved by Handrail';
    const told = f.play(
      ended,
      f.command('reported', system('engine'), { key: 'ticket:closed', note: '', left }),
    ).run;
    const [due] = reportsDue(told).filter(({ to }) => to === 'thread');
    assert.ok(due?.to === 'thread');
    assert.equal(due.key, 'thread:left:ticket:closed');
    assert.match(
      due.text,
      /^INC0010023: .* on shop-web-01: INC0010023 was reopened: it was not resolved by Handrail\./,
    );
    assert.equal(due.mention, 'involved');
    const again = f.play(told, f.command('reported', system('engine'), { key: due.key, note: '' })).run;
    assert.ok(!keys(again).includes(due.key));
  });

  it('call for help only after an end that needs it', () => {
    assert.ok(!keys(f.after(f.succeeded)).includes('thread:escalated'));
    assert.ok(!keys(f.after([f.anyOf.propose, f.anyOf.reject])).includes('thread:escalated'));
    assert.ok(
      keys(f.after([...f.remediating, f.result('recycle-pool', 'unknown')])).includes('thread:escalated'),
    );
  });

  for (const outcome of outcomes)
    it(`call whoever is on call after the end "${outcome}" only when somebody has to act now`, () => {
      const { run } = f.play(f.after(f.remediating), f.result('recycle-pool', 'unknown'));
      const ended = { ...run, closed: { outcome, reason: 'r', nextAction: 'n', at: '' } };
      const urgent = [
        'remediation failed',
        'verification failed',
        'rollback failed',
        'automation failed',
        'outcome unknown',
      ].includes(outcome);
      const handedOver = outcome === 'rolled back' || outcome === 'not confirmed';
      const told = reportsDue(ended);
      const personal = told.filter(({ to }) => to === 'on-call');
      assert.deepEqual(
        personal.map((one) => [one.key, one.to === 'on-call' && one.group]),
        urgent ? [['on-call:closed', 'L3']] : [],
      );
      const thread = told.find(({ key }) => key === 'thread:escalated');
      assert.deepEqual(
        thread?.to === 'thread' ? thread.mention : undefined,
        urgent ? { onCall: ['L3'], involved: true } : handedOver ? 'involved' : undefined,
      );
    });

  it('call nobody where the runbook names no group', () => {
    const { run } = f.play(f.after(f.remediating), f.result('recycle-pool', 'unknown'));
    assert.ok(run.proposal !== undefined);
    const nobody = { ...run, proposal: { ...run.proposal, escalation: '' } };
    assert.ok(!keys(nobody).includes('on-call:closed'));
    const thread = reportsDue(nobody).find(({ key }) => key === 'thread:escalated');
    assert.equal(thread?.to === 'thread' && thread.mention, 'involved');
  });

  it('say that it is approved once, at the vote that completed the quorum', () => {
    const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2, expires: '30m' } }) };
    const first = f.play(f.after([f.anyOf.propose], two), f.anyOf.approve, two).run;
    assert.deepEqual(keys(first), ['ticket:requested:1']);
    const again = f.play(first, f.anyOf.approve, two).run;
    assert.deepEqual(keys(again), ['ticket:requested:1']);
    const second = f.play(again, f.command('approve', f.mia, {}), two).run;
    assert.deepEqual(keys(second), ['ticket:requested:1', 'ticket:approved:1']);
  });

  it('say nothing of an approval when it was rejected at the same time', () => {
    const run = f.after([f.anyOf.propose, f.anyOf.reject]);
    assert.deepEqual(keys(run), ['ticket:requested:1', 'ticket:closed', 'card:closed']);
  });

  it('count the votes for the plan they were cast for', () => {
    const moved = { world: f.world({ ci: { ok: true, value: f.ci({ fields: { u_app_pool: 'cart' } }) } }) };
    const again = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, moved).run;
    assert.deepEqual(keys(again), ['ticket:requested:1', 'ticket:requested:2']);
    const approved = f.play(again, f.command('approve', f.mia, { revision: 2 }), moved).run;
    assert.deepEqual(keys(approved), ['ticket:requested:1', 'ticket:requested:2', 'ticket:approved:2']);
  });

  it('ask for what is missing when some of it is', () => {
    const runbook = f.runbook({
      parameters: {
        pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'] },
        site: { type: 'string', title: 'Site' },
      },
    });
    assert.deepEqual(keys(f.after([f.anyOf.propose], { runbook })), ['ticket:proposed']);
  });

  it('say where each goes, and which log is attached', () => {
    assert.deepEqual(
      reportsDue(rolledBack).map(({ to, key }) => `${to} ${key}`),
      [
        'ticket ticket:requested:1',
        'ticket ticket:approved:1',
        'attachments attached:snapshot',
        'attachments attached:recycle-pool',
        'attachments attached:restore',
        'ticket ticket:closed',
        'card card:closed',
        'thread thread:escalated',
      ],
    );
    const logs = reportsDue(rolledBack).flatMap((one) => (one.to === 'attachments' ? [one] : []));
    assert.deepEqual(
      logs.map(({ step, ref }) => [step, ref]),
      [
        ['snapshot', 'evidence:x/recycle-pool'],
        ['recycle-pool', 'evidence:x/recycle-pool'],
        ['restore', 'evidence:x/recycle-pool'],
      ],
    );
  });

  it('attach the files a job left, each under its number, also where a log is not attached', () => {
    const file = (name: string) => ({
      ...{
        name,
        type: 'text/plain',
        sha256: 'b'.repeat(64),
        bytes: 3,
        truncated: false,
        ref: `evidence:${name}`,
      },
    });
    const done = (step: string, phase: 'diagnostics' | 'verification'): RunEvent => ({
      type: 'step-finished',
      data: {
        step,
        phase,
        result: 'succeeded',
        detail: '',
        evidence,
        artifacts: [file('a.txt'), file('b.txt')],
      },
    });
    const run = f.store(f.after(f.diagnosing), f.anyOf.advance, [
      done('snapshot', 'diagnostics'),
      done('answers', 'verification'),
    ]);
    const attached = reportsDue(run).filter(({ key }) => key.startsWith('attached:'));
    const two = (step: string) =>
      ['a.txt', 'b.txt'].map((name, n) => ({
        to: 'file',
        key: `attached:${step}:${n + 1}`,
        step,
        file: file(name),
      }));
    assert.deepEqual(attached, [
      { to: 'attachments', key: 'attached:snapshot', step: 'snapshot', ref: evidence.ref },
      ...two('snapshot'),
      ...two('answers'),
    ]);
  });

  it('tell those involved that the incident was changed, each time', () => {
    const changed = (reason: string): RunEvent => ({ type: 'incident-changed', data: { reason } });
    const before = f.after(f.diagnosing);
    const run = f.store(before, f.anyOf.advance, [changed('INC1 is closed'), changed('INC1 is open')]);
    const threads = reportsDue(run).flatMap((one) => (one.to === 'thread' ? [one] : []));
    const seq = before.entries.length;
    assert.deepEqual(
      threads.map(({ key, text }) => [key, /: (INC1 is \w+) while/.exec(text)?.[1]]),
      [
        [`thread:incident:${seq + 1}`, 'INC1 is closed'],
        [`thread:incident:${seq + 2}`, 'INC1 is open'],
      ],
    );
  });

  it('attach no log of a verification: it is in the note', () => {
    const run = f.after([...f.verifying, withLog('answers', 'succeeded')]);
    assert.ok(!keys(run).some((key) => key.startsWith('attached:answers')));
  });

  it('are left out once they are made, one by one, in any order; then the run is settled', () => {
    const all = keys(rolledBack);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 0, maxLength: all.length }), (made) => {
        const run = made.reduce(told, rolledBack);
        assert.deepEqual(
          keys(run),
          all.filter((key) => !made.includes(key)),
        );
        assert.equal(isSettled(run), made.length === all.length);
      }),
    );
  });

  it('are never settled while the run is under way', () => {
    const running = f.after(f.diagnosing);
    assert.equal(isSettled(keys(running).reduce(told, running)), false);
  });
});

describe('what nobody has to be told', () => {
  const silent: RunEvent[] = [
    { type: 'parameters-confirmed', data: { parameters: [] } },
    { type: 'parameters-resolved', data: { parameters: [] } },
    { type: 'parameters-narrowed', data: { parameters: [] } },
    { type: 'dispatch-postponed', data: { reason: 'closed' } },
    { type: 'dispatch-stopped', data: { reason: 'bad release' } },
    { type: 'dispatch-resumed', data: { reason: 'fixed' } },
    { type: 'vote-delegated', data: { from: f.arne, to: f.mia, until: '2026-11-23T00:00:00Z', reason: 'x' } },
    { type: 'delegation-ended', data: { from: f.arne } },
    { type: 'command-refused', data: { command: 'approve', code: 'not-approver', revision: 1 } },
    { type: 'dispatch-waiting', data: { holder: f.RUN } },
    { type: 'step-launched', data: { step: 'snapshot', externalId: '1' } },
    { type: 'cancel-requested', data: { reason: 'stop it' } },
    { type: 'card-posted', data: { conversation: 'conv', activity: 'card' } },
    { type: 'reported', data: { key: 'x', note: '' } },
  ];
  for (const event of silent)
    it(`is a mere ${event.type}`, () => {
      const run = f.store(f.after([f.anyOf.propose]), f.anyOf.advance, [event]);
      assert.deepEqual(keys(run), ['ticket:requested:1']);
    });
});
