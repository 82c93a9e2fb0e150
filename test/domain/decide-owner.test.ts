import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { carried } from '../../src/domain/parameters.ts';
import { recordLines } from '../../src/domain/record.ts';
import { type Run, requesterOf, stateOf } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import * as f from '../fakes/domain.ts';

const facts: Partial<Facts> = { runbook: f.runbook({ parameters: f.owned }) };
const given = (change: Parameters<typeof f.world>[0]): Partial<Facts> => ({
  ...facts,
  world: f.world(change),
});
const assignedTo = (id: string) => given({ owner: { ok: true, value: { person: f.person(id) } } });
const says = (by = f.dana, mine = true, reason = ''): Command =>
  f.command('answer-ownership', by, { mine, reason });
const asked = (): Run => f.after([f.anyOf.propose], facts);
const confirmed = (): Run => f.after([f.anyOf.propose, says()], facts);
const codeOf = (run: Run, command: Command, change: Partial<Facts> = facts): string => {
  const { decided } = f.play(run, command, change);
  return decided.ok ? f.types(decided) : decided.refusal.code;
};

describe('a run on an item that belongs to a person', () => {
  it('waits for that person before anybody is asked to approve', () => {
    const run = asked();
    assert.equal(stateOf(run), 'awaiting-parameters');
    assert.equal(run.approval, undefined);
    assert.deepEqual(run.parameters.at(-1), {
      name: 'owner',
      title: 'Owner',
      source: 'owner',
      confirm: true,
      value: 'dana',
      shown: 'dana',
    });
    assert.deepEqual(viewOf(run)?.owner, {
      name: 'dana',
      state: 'asked',
      consequence: 'You have to sign in again.',
      until: f.minutes(30).toISOString(),
    });
    assert.equal(codeOf(run, f.anyOf.approve), 'parameters-missing');
  });

  it('asks for approval once they have confirmed, with them in the plan and not as the requester', () => {
    const run = confirmed();
    assert.equal(stateOf(run), 'awaiting-approval');
    assert.equal(run.approval?.plan.parameters['owner'], 'dana');
    assert.deepEqual(requesterOf(run), { kind: 'system', name: 'servicenow' });
    assert.deepEqual(run.ownership?.answer, { by: f.dana, mine: true, reason: '' });
    assert.equal(viewOf(run)?.owner?.state, 'confirmed');
    assert.match(
      recordLines(run.entries).join('\n'),
      /ownership-answered +dana: it is theirs \[message act\]/,
    );
  });

  it('is approved by a rule of the policy only after that', () => {
    const test = {
      ...given({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }),
      policy: f.policy(f.autoApprove),
    };
    const run = f.after([f.anyOf.propose], test);
    assert.equal(stateOf(run), 'awaiting-parameters');
    assert.equal(f.play(run, says(), test).run.approval?.rule, 'low risk');
  });

  it('ends when they say that it is not theirs, and the resolver group learns why', () => {
    const { run, decided } = f.play(asked(), says(f.dana, false, 'handed back in May'), facts);
    assert.equal(f.types(decided), 'ownership-answered run-closed');
    assert.equal(run.closed?.outcome, 'not confirmed');
    assert.equal(run.closed?.reason, 'dana says that shop-web-01 is not theirs: handed back in May');
    assert.equal(viewOf(run)?.owner?.state, 'disowned');
  });

  it('may still be disowned while people decide, and not once they have', () => {
    const no = says(f.dana, false, 'a mistake');
    assert.equal(f.play(confirmed(), no, facts).run.closed?.outcome, 'not confirmed');
    const approved = f.play(confirmed(), f.anyOf.approve, facts).run;
    assert.equal(codeOf(approved, no), 'already-decided');
    const started = f.play(approved, f.anyOf.dispatch, facts).run;
    assert.equal(codeOf(started, no), 'already-running');
  });

  it('wants a reason for a no', () => {
    assert.equal(codeOf(asked(), says(f.dana, false, ' ')), 'reason-needed');
  });

  it('counts an answer once, also after the end', () => {
    assert.equal(codeOf(confirmed(), says()), 'nothing');
    const ended = f.play(asked(), says(f.dana, false, 'no'), facts).run;
    assert.equal(codeOf(ended, says(f.dana, false, 'no')), 'nothing');
    assert.equal(codeOf(ended, says()), 'already-ended');
  });

  for (const [name, by] of [
    ['who may ask for runbooks', f.olivia],
    ['who approves', f.arne],
    ['who is nobody here', f.stranger],
  ] as const)
    it(`takes the word of nobody else: somebody ${name}`, () => {
      for (const command of [says(by), says(by, false, 'not hers')]) {
        const { decided, run } = f.play(asked(), command, facts);
        assert.equal(decided.ok ? '' : decided.refusal.code, 'not-owner');
        assert.equal(f.types(decided), 'command-refused');
        assert.equal(stateOf(run), 'awaiting-parameters');
      }
      assert.equal(codeOf(confirmed(), says(by)), 'not-owner');
    });

  it('is confirmed by no part of the system and by nobody of another tenant', () => {
    assert.equal(
      codeOf(asked(), { ...says(), by: { kind: 'system', name: 'engine' } } as Command),
      'not-a-person',
    );
    assert.equal(codeOf(asked(), says(f.person('dana', 'tenant-2'))), 'wrong-tenant');
  });

  it('is confirmed neither by the form of its other values nor by an approver', () => {
    const pool = given({ ci: { ok: true, value: f.ci({ fields: {} }) } });
    const run = f.after([f.anyOf.propose, f.anyOf['confirm-parameters']], pool);
    assert.equal(stateOf(run), 'awaiting-parameters');
    assert.deepEqual(
      run.parameters.map(({ name, confirm }) => [name, confirm]),
      [
        ['pool', false],
        ['owner', true],
      ],
    );
    const typed = f.command('confirm-parameters', f.olivia, { values: { owner: 'olivia' } });
    assert.equal(codeOf(asked(), typed), 'parameters-invalid');
    assert.equal(
      codeOf(confirmed(), f.command('narrow', f.arne, { values: { owner: 'arne' } })),
      'not-narrower',
    );
    assert.equal(stateOf(f.play(run, says(), pool).run), 'awaiting-approval');
  });

  it('is not approved by its owner, whatever group they are in', () => {
    const member = { ...facts, actorGroups: { ok: true, value: ['web-approvers'] } as const };
    for (const name of ['approve', 'reject'] as const) {
      const vote = f.command(name, f.dana, { reason: 'x' } as never);
      assert.equal(codeOf(confirmed(), vote, member), 'owner-approval');
    }
    const standIn = { from: f.dana, groups: ['web-approvers'] };
    const instead = { ...facts, standIns: { ok: true, value: [standIn] } as const };
    assert.equal(codeOf(confirmed(), f.command('approve', f.stranger, {}), instead), 'not-approver');
  });

  it('lapses when they do not answer in time', () => {
    const { run } = f.play(asked(), f.anyOf.expire, { ...facts, now: f.minutes(30) });
    assert.equal(run.closed?.outcome, 'expired');
    assert.match(run.closed?.reason ?? '', /^dana did not say until .* whether it is theirs$/);
  });

  it('is denied when nobody can be asked, and is asked about again when nobody can tell', () => {
    const nobody = given({ owner: { ok: true, value: { nobody: 'assigned to nobody: fill it in' } } });
    const { run } = f.play(f.after([]), f.anyOf.propose, nobody);
    assert.equal(run.closed?.outcome, 'denied');
    assert.match(run.closed?.reason ?? '', /assigned to nobody: fill it in/);
    const away = given({ owner: { ok: false, why: 'no answer' } });
    assert.equal(codeOf(f.after([]), f.anyOf.propose, away), 'facts-unknown');
    assert.equal(codeOf(asked(), says(), away), 'facts-unknown');
  });
});

describe('an item that is handed on while a run waits', () => {
  const moved = assignedTo('mia');

  it('is for the new owner to confirm, who is asked', () => {
    const { run, decided } = f.play(asked(), says(), moved);
    assert.equal(decided.ok ? '' : decided.refusal.code, 'not-owner');
    assert.equal(f.types(decided), 'parameters-resolved command-refused');
    assert.equal(run.parameters.at(-1)?.value, 'mia');
    assert.equal(codeOf(run, says(), moved), 'not-owner');
    assert.equal(stateOf(f.play(run, says(f.mia), moved).run), 'awaiting-approval');
  });

  it('is not approved on the word of the one before, and not started', () => {
    assert.equal(codeOf(confirmed(), f.anyOf.approve, moved), 'parameters-missing');
    const approved = f.play(confirmed(), f.anyOf.approve, facts).run;
    const { closed } = f.play(approved, f.anyOf.dispatch, moved).run;
    assert.equal(closed?.outcome, 'denied');
    assert.match(closed?.reason ?? '', /Owner \(mia has not confirmed it\)/);
  });

  it('keeps the word of its owner while nobody can tell whose it is', () => {
    const away = given({ owner: { ok: false, why: 'no answer' } });
    const { decided } = f.play(confirmed(), f.anyOf.approve, away);
    assert.equal(decided.ok ? '' : decided.refusal.code, 'facts-unknown');
  });
});

describe('a run that is continued', () => {
  it('keeps its values, but asks the owner anew', () => {
    const [pool, owner] = confirmed().parameters.map((one) => carried(one, 'ABCDE'));
    assert.deepEqual([pool?.confirm, pool?.value], [false, 'shop']);
    assert.deepEqual([owner?.confirm, owner?.source, owner?.value], [true, 'owner', 'dana']);
  });
});

describe('a run that asks nobody whose the item is', () => {
  it('says so to whoever answers', () => {
    assert.equal(codeOf(f.after([f.anyOf.propose]), says(), {}), 'nobody-asked');
  });
});
