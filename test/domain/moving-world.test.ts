import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import { type Run, stateOf } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import * as f from '../fakes/domain.ts';

const refusalOf = (run: Run, command: Command, facts: Partial<Facts>): string => {
  const { decided } = f.play(run, command, facts);
  return decided.ok ? 'accepted' : decided.refusal.code;
};
const ci = (fields: Record<string, string>, environment: 'production' | 'test' = 'production') =>
  ({ ok: true, value: f.ci({ fields, environment }) }) as const;

const two = { group: 'web-approvers', quorum: 2, expires: '30m' };

describe('a world that moves while a run waits', () => {
  it('does not follow an incident to another configuration item', () => {
    const other = f.world({ incident: { ok: true, value: f.incident({ ciSysId: 'd'.repeat(32) }) } });
    const waiting = f.after([f.anyOf.propose]);
    assert.equal(refusalOf(waiting, f.anyOf.approve, { world: other }), 'guardrail-denied');
    const late = f.play(f.after(f.approved), f.anyOf.dispatch, { world: other }).run;
    assert.equal(late.closed?.outcome, 'denied');
    assert.match(late.closed?.reason ?? '', /names another configuration item now/);
  });

  it('asks again when the CMDB says another value, and shows it', () => {
    const moved = { world: f.world({ ci: ci({ u_app_pool: 'checkout' }) }) };
    const waiting = f.after([f.anyOf.propose]);
    assert.equal(refusalOf(waiting, f.anyOf.approve, moved), 'plan-changed');
    const asked = f.play(waiting, f.anyOf.approve, moved).run;
    assert.deepEqual(asked.approval?.changes, ['parameter pool changed from shop to checkout']);
    assert.equal(asked.parameters[0]?.value, 'checkout');
    const late = f.play(f.after(f.approved), f.anyOf.dispatch, moved).run;
    assert.equal(stateOf(late), 'awaiting-approval');
  });

  for (const [who, command] of [
    ['votes', f.anyOf.approve],
    ['breaks the glass', f.anyOf['break-glass']],
    ['looks, because the incident changed', f.anyOf.reconsider],
  ] as const)
    it(`records and shows what the guardrails said of the plan that is asked about anew when somebody ${who}`, () => {
      const policy = f.policy({
        breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } },
      });
      const test = { policy, world: f.world({ ci: ci({ u_app_pool: 'shop' }, 'test') }) };
      const waiting = f.after([f.anyOf.propose], test);
      const production = { policy, world: f.world({ ci: ci({ u_app_pool: 'shop' }) }) };
      const asked = f.play(waiting, command, production).run;
      assert.deepEqual(asked.approval?.changes, ['the environment changed from test to production']);
      const line = viewOf(asked)?.guardrails.find(({ guardrail }) => guardrail === 'environment');
      assert.equal(line?.reason, 'shop-web-01 is in production');
      const notes = reportsDue(asked).flatMap((one) => (one.to === 'ticket' ? [one.note.workNote] : []));
      assert.match(notes[0] ?? '', /Guardrail environment: allow \(shop-web-01 is in test\)/);
      assert.match(
        notes[1] ?? '',
        /Guardrail environment: require-approval \(shop-web-01 is in production\)/,
      );
    });

  it('ends when the CMDB does not say a value any more', () => {
    const gone = { world: f.world({ ci: ci({}) }) };
    const { decided } = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, gone);
    assert.ok(!decided.ok);
    // a click is answered with these words, not with the card it came from
    assert.equal(decided.refusal.code, 'parameters-missing');
    assert.match(decided.refusal.message, /no value any more for Pool/);
    assert.match(decided.refusal.nextAction, /in the incident or the CMDB, then decide again/);
    assert.equal(f.play(f.after(f.approved), f.anyOf.dispatch, gone).run.closed?.outcome, 'denied');
  });

  it('lets nobody overwrite what the CMDB says', () => {
    const confirm = f.command('confirm-parameters', f.olivia, { values: { pool: 'production-pool' } });
    const { decided } = f.play(f.after([f.anyOf.propose]), confirm);
    assert.equal(decided.ok ? 'accepted' : decided.refusal.code, 'parameters-invalid');
    assert.match(decided.ok ? '' : decided.refusal.message, /comes from ci.u_app_pool/);
  });

  it('has people approve what a person entered, whatever the rule says', () => {
    const test = { policy: f.policy(f.autoApprove), world: f.world({ ci: ci({}, 'test') }) };
    const entered = f.play(f.after([f.anyOf.propose], test), f.anyOf['confirm-parameters'], test).run;
    assert.equal(stateOf(entered), 'awaiting-approval');
  });

  it('asks again when an approval has become too old, and when its rule has ended', () => {
    const old = f.play(f.after(f.approved), f.anyOf.dispatch, { now: f.minutes(31) }).run;
    assert.equal(stateOf(old), 'awaiting-approval');
    assert.deepEqual(old.approval?.changes, ['the approval was 31 min old']);
    const test = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: ci({ u_app_pool: 'shop' }, 'test') }),
    };
    const byRule = f.after([f.anyOf.propose], test);
    const ended = f.play(byRule, f.anyOf.dispatch, { ...test, now: new Date('2027-01-02T00:00:00Z') }).run;
    assert.equal(stateOf(ended), 'awaiting-approval');
  });

  it('neither starts nor ends a run on a fact that cannot be read', () => {
    const silent = {
      world: f.world({ changes: { ok: false, why: 'no answer' } }),
      policy: f.policy({ changeWindowRequired: ['production'] }),
    };
    for (const [run, command] of [
      [f.after([]), f.anyOf.propose],
      [f.after([f.anyOf.propose]), f.anyOf.approve],
      [f.after(f.approved), f.anyOf.dispatch],
    ] as const) {
      assert.equal(
        refusalOf(run, command, { ...silent, world: { ...silent.world, ci: ci({ u_app_pool: 'shop' }) } }),
        'facts-unknown',
      );
    }
    const tired = f.play(f.after(f.approved), f.anyOf.dispatch, {
      world: f.world({ incident: { ok: false, why: 'no answer' } }),
      now: f.minutes(31),
    }).run;
    assert.equal(tired.closed?.outcome, 'denied');
  });

  it('breaks the glass for the environment the plan is for, not for the one it was proposed in', () => {
    const rule = { groups: ['web-approvers'], environments: ['test'], review: { group: 'web-operations' } };
    const policy = f.policy({ breakGlass: rule });
    const inTest = { policy, world: f.world({ ci: ci({ u_app_pool: 'shop' }, 'test') }) };
    const asked = f.after([f.anyOf.propose], inTest);
    assert.equal(refusalOf(asked, f.anyOf['break-glass'], inTest), 'accepted');
    const moved = f.play(asked, f.anyOf.approve, { policy }).run;
    const command = f.command('break-glass', f.arne, { revision: 2, reason: 'the shop is down' });
    assert.equal(refusalOf(moved, command, { policy }), 'glass-closed');
  });

  it('voids no vote because the item cannot be read', () => {
    const tiers = [
      { name: 'high', when: [{ environments: ['production'] }], approvers: [] },
      { name: 'low' },
    ];
    const policy = f.policy({ tiers });
    const silent = { policy, world: f.world({ ci: { ok: false, why: 'no answer' } }) };
    const asked = f.after([f.anyOf.propose], { policy, runbook: f.runbook({ approval: two }) });
    const voted = f.play(asked, f.anyOf.approve, { policy, runbook: f.runbook({ approval: two }) }).run;
    const { run, decided } = f.play(voted, f.command('approve', f.mia, {}), {
      ...silent,
      runbook: f.runbook({ approval: two }),
    });
    assert.equal(decided.ok ? 'accepted' : decided.refusal.code, 'facts-unknown');
    assert.equal(run.approval?.revision, 1);
    assert.equal(run.approval?.votes.length, 1);
  });

  it('narrows nothing while another value is missing', () => {
    const { runbook } = f.runbook();
    const drain = { type: 'integer', title: 'Drain', default: 60, narrow: 'lower' };
    const change = { runbook: f.runbook({ parameters: { ...runbook.parameters, drain } }) };
    const asked = f.after([f.anyOf.propose], change);
    const narrow = f.command('narrow', f.arne, { values: { drain: 5 } });
    const { run, decided } = f.play(asked, narrow, { ...change, world: f.world({ ci: ci({}) }) });
    assert.equal(decided.ok ? 'accepted' : decided.refusal.code, 'parameters-missing');
    assert.deepEqual(f.types(decided), 'nothing');
    assert.equal(run.entries.length, asked.entries.length);
  });

  it('takes a typed approval for the first plan only; a later one has to be named', () => {
    const moved = { world: f.world({ ci: ci({ u_app_pool: 'checkout' }) }) };
    const second = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, moved).run;
    assert.equal(refusalOf(second, f.command('approve', f.arne, {}), moved), 'stale-card');
    assert.equal(refusalOf(second, f.command('approve', f.arne, { revision: 2 }), moved), 'accepted');
  });

  it('does not fill the log when somebody clicks on against the same denial', () => {
    const denied = { world: f.world({ history: f.ranAt(f.minutes(-5)) }) };
    const once = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, denied);
    assert.equal(f.types(once.decided), 'guardrails-evaluated');
    assert.equal(f.types(f.play(once.run, f.anyOf.approve, denied).decided), 'nothing');
  });
});
