import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { due } from '../../src/domain/due.ts';
import { needsOf } from '../../src/domain/needs.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import { awaitsReview, newRun, type Run, requesterOf, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;
const ci = (pool: string) => f.world({ ci: ok(f.ci({ fields: { u_app_pool: pool } })) });
const codeOf = (run: Run, command: Command, change: Partial<Facts> = {}): string => {
  const { decided } = f.play(run, command, change);
  return decided.ok ? 'accepted' : decided.refusal.code;
};
const wilma = f.person('wilma');
const glass = {
  policy: f.policy({ breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } } }),
};
const smash = f.command('break-glass', f.arne, { reason: 'the shop is down' });
const stopped = ok({ ...noControl, stopped: { by: f.ada, reason: 'release', at: f.T0.toISOString() } });

describe('one say, one vote', () => {
  it('of an approver and whoever stands in for them, in either order', () => {
    const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
    const instead = { ...two, standIns: ok([{ from: f.arne, groups: ['web-approvers'] }]) };
    const asked = f.after([f.anyOf.propose], two);
    const first = f.play(asked, f.command('approve', wilma, {}), instead).run;
    const both = f.play(first, f.command('approve', f.arne, {}), two).run;
    assert.equal(stateOf(both), 'awaiting-approval');
    assert.equal(stateOf(f.play(both, f.command('approve', f.mia, {}), two).run), 'approved');
  });

  it('is denied to everybody who chose a value, also when somebody else confirms later', () => {
    const open = {
      runbook: f.runbook({
        parameters: { pool: { type: 'string', title: 'Pool', ask: 'always', from: ['ci.u_app_pool'] } },
      }),
    };
    const nadia = f.person('nadia');
    const chosen = f.play(
      f.after([f.anyOf.propose], open),
      f.command('confirm-parameters', nadia, { values: { pool: 'evil' } }),
      open,
    ).run;
    const again = f.play(
      chosen,
      f.command('confirm-parameters', f.olivia, { values: { pool: 'evil2' } }),
      open,
    ).run;
    assert.equal(codeOf(again, f.command('approve', nadia, { revision: 2 }), open), 'self-approval');
    assert.deepEqual(requesterOf(again), nadia);
  });
});

describe('a broken glass', () => {
  it('has to be reviewed even when its plan is never run', () => {
    const broken = f.after([f.anyOf.propose, smash], glass);
    const moved = f.play(broken, f.anyOf.dispatch, { ...glass, world: ci('other') }).run;
    assert.equal(stateOf(moved), 'awaiting-approval');
    assert.equal(awaitsReview(moved), true);
    assert.equal(
      codeOf(moved, f.command('review', f.olivia, { verdict: 'justified', note: 'x' }), glass),
      'accepted',
    );
  });

  it('has to be reviewed again when it is broken again', () => {
    const broken = f.after(
      [f.anyOf.propose, smash, f.command('review', f.olivia, { verdict: 'justified', note: 'x' })],
      glass,
    );
    assert.equal(awaitsReview(broken), false);
    const moved = f.play(broken, f.anyOf.dispatch, { ...glass, world: ci('other') }).run;
    const again = f.play(moved, { ...smash, revision: 2 } as Command, { ...glass, world: ci('other') }).run;
    assert.equal(awaitsReview(again), true);
  });

  it('on a plan that has changed shows the new one', () => {
    const asked = f.after([f.anyOf.propose], glass);
    const { run, decided } = f.play(asked, smash, { ...glass, world: ci('other') });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'plan-changed');
    assert.equal(run.approval?.revision, 2);
    assert.equal(
      codeOf(run, { ...smash, revision: 2 } as Command, { ...glass, world: ci('other') }),
      'accepted',
    );
  });
});

describe('what could not be read', () => {
  it('ends no run that waits for a stop to be lifted', () => {
    const silent = { control: stopped, world: f.world({ changes: away }) };
    assert.equal(codeOf(f.after(f.approved), f.anyOf.dispatch, silent), 'facts-unknown');
    assert.equal(codeOf(newRun(f.RUN), f.anyOf.propose, silent), 'facts-unknown');
  });

  it('is asked again at the opening that people approved, however far away that was', () => {
    const night = {
      name: 'n',
      environments: ['production'],
      days: ['sun'],
      from: '22:00',
      to: '23:00',
      zone: 'UTC',
    };
    const window = {
      policy: f.policy({
        changeWindowRequired: ['production'],
        changeWindows: [night],
        scheduleWithin: '14h',
      }),
    };
    const opening = { ...window, now: new Date('2026-11-22T22:00:00Z'), world: f.world({ incident: away }) };
    assert.equal(codeOf(f.after(f.approved, window), f.anyOf.dispatch, opening), 'facts-unknown');
    const late = { ...opening, now: new Date('2026-11-22T22:31:00Z') };
    assert.equal(f.play(f.after(f.approved, window), f.anyOf.dispatch, late).run.closed?.outcome, 'denied');
  });

  it('is not asked for years on an approval by a rule', () => {
    const rule = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: ok(f.ci({ environment: 'test' })) }),
    };
    const run = f.after([f.anyOf.propose], rule);
    assert.equal(stateOf(run), 'approved');
    const late = { ...rule, now: f.minutes(31), world: f.world({ incident: away }) };
    assert.equal(f.play(run, f.anyOf.dispatch, late).run.closed?.outcome, 'denied');
  });
});

describe('a rollback with approvers of its own', () => {
  const own = (quorum: string | number) => ({
    runbook: f.runbook({
      approval: { group: 'web-approvers', notAuthor: true },
      rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers', quorum }] } },
    }),
  });
  const failed = [...f.remediating, f.result('recycle-pool', 'failed')];

  it('counts its group, and asks no sooner than it can', () => {
    const { policy } = f.policy();
    assert.deepEqual(needsOf(policy, own('all').runbook.runbook).members, ['web-approvers']);
    const unread = { ...own('all'), world: f.world({ members: away }) };
    const run = f.after(failed, own('all'));
    assert.equal(f.types(f.play(run, f.anyOf.advance, unread).decided), 'nothing');
    const asked = f.play(run, f.anyOf.advance, own('all')).run;
    assert.ok((asked.rollback?.requirements[0]?.needed ?? 0) < 10);
  });

  it('is not approved by the author either, and not decided by a cancel', () => {
    const asked = f.play(f.after(failed, own(1)), f.anyOf.advance, own(1)).run;
    assert.equal(
      codeOf(asked, f.command('approve', f.person('nadia'), { revision: 2 }), own(1)),
      'author-approval',
    );
    assert.equal(codeOf(asked, f.anyOf.cancel, own(1)), 'already-running');
  });
});

describe('a run that is held, cut off or postponed', () => {
  const held = f.after([...f.diagnosing]);
  const done = f.play(held, f.result('snapshot', 'succeeded'), { control: stopped }).run;

  it('ends when its runbook is gone, instead of being asked for ever', () => {
    assert.equal(f.play(done, f.anyOf.advance, { runbook: undefined }).run.closed?.outcome, 'denied');
    const old = { now: f.minutes(31), world: f.world({ incident: away }) };
    assert.equal(f.play(done, f.anyOf.advance, old).run.closed?.outcome, 'denied');
  });

  it('whose recorded denial was cut off from its end gets that end', () => {
    const denied = { world: f.world({ history: f.ranAt(f.minutes(-5)), ci: ok(f.ci({ fields: {} })) }) };
    const { decided } = f.play(newRun(f.RUN), f.anyOf.propose, denied);
    const cut = f.store(newRun(f.RUN), f.anyOf.propose, decided.events.slice(0, -1));
    assert.equal(decided.events.at(-1)?.type, 'run-closed');
    assert.deepEqual(due(cut, f.T0), { act: 'decide', command: 'advance' });
    const ended = f.play(cut, f.anyOf.advance, { world: f.world({ ci: ok(f.ci({ fields: {} })) }) }).run;
    assert.equal(ended.closed?.outcome, 'denied');
    assert.ok(reportsDue(ended).some(({ key }) => key === 'ticket:closed'));
  });

  it('that cannot be completed lapses when its time is over', () => {
    const { decided } = f.play(newRun(f.RUN), f.anyOf.propose);
    const cut = f.store(newRun(f.RUN), f.anyOf.propose, decided.events.slice(0, 1));
    assert.deepEqual(due(cut, f.minutes(29)), { act: 'decide', command: 'advance' });
    assert.deepEqual(due(cut, f.minutes(30)), { act: 'decide', command: 'expire' });
  });

  it('records a look that came to the same only once, whatever ages its reasons tell', () => {
    const facts = (n: number) => ({
      control: stopped,
      now: f.minutes(n),
      world: f.world({ history: f.ranAt(f.minutes(-40)) }),
    });
    const once = f.play(f.after(f.approved), f.anyOf.dispatch, facts(1));
    assert.equal(f.types(once.decided), 'guardrails-evaluated dispatch-postponed');
    assert.equal(f.types(f.play(once.run, f.anyOf.dispatch, facts(5)).decided), 'nothing');
  });

  it('waits for no other run any more once it is postponed', () => {
    const waiting = f.play(f.after(f.approved), f.anyOf.wait).run;
    assert.equal(waiting.waitsFor, 'other');
    assert.equal(f.play(waiting, f.anyOf.dispatch, { control: stopped }).run.waitsFor, undefined);
  });

  it('is too old after the time its tier gives, where that is shorter', () => {
    const tier = { policy: f.policy({ tiers: [{ name: 'strict', expires: '5m' }] }) };
    const { run } = f.play(f.after(f.approved, tier), f.anyOf.dispatch, { ...tier, now: f.minutes(6) });
    assert.match(run.approval?.changes.join() ?? '', /the approval was 6 min old/);
  });

  it('is confirmed by whoever asked for it, in a group or on call', () => {
    const onCall = f.person('otto');
    const missing = {
      world: f.world({ ci: ok(f.ci({ fields: {} })), requesterGroups: ok([]), requesterOnCall: ok(true) }),
    };
    const run = f.play(newRun(f.RUN), { ...f.anyOf.propose, by: onCall } as Command, missing).run;
    assert.equal(
      codeOf(run, f.command('confirm-parameters', onCall, { values: { pool: 'shop' } }), missing),
      'accepted',
    );
  });
});
