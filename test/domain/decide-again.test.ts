import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Facts } from '../../src/domain/decision.ts';
import * as f from '../fakes/domain.ts';

const empty = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const moved = { world: f.world({ ci: { ok: true, value: f.ci({ fields: { u_app_pool: 'checkout' } }) } }) };
const changes = { ok: false, why: 'timed out' } as const;
const reconsider = (commands: readonly Command[], facts: Partial<Facts> = {}, at: Partial<Facts> = {}) =>
  decide(f.after([...commands], at), f.anyOf.reconsider, f.facts(f.anyOf.reconsider.by, facts));

describe('an incident that changed while nobody has decided', () => {
  it('changes nothing when the plan is the same', () =>
    assert.equal(f.types(reconsider([f.anyOf.propose])), 'nothing'));

  it('asks anew when the plan is another one, and says what changed', () => {
    const decided = reconsider([f.anyOf.propose], moved);
    assert.equal(f.types(decided), 'parameters-resolved approval-requested');
    const asked = decided.events.find((event) => event.type === 'approval-requested');
    assert.deepEqual(asked?.data.changes, ['parameter pool changed from shop to checkout']);
    assert.equal(asked?.data.revision, 2);
  });

  it('asks people, though a rule of the policy would let the new plan pass', () => {
    const policy = f.policy(f.autoApprove);
    const world = f.world({
      ci: { ok: true, value: f.ci({ environment: 'test', fields: { u_app_pool: 'checkout' } }) },
    });
    assert.equal(
      f.types(reconsider([f.anyOf.propose], { world, policy })),
      'parameters-resolved approval-requested',
    );
  });

  it('leaves a plan that lost a value to whoever votes', () =>
    assert.equal(f.types(reconsider([f.anyOf.propose], empty)), 'nothing'));

  it('decides nothing on what could not be read', () => {
    const decided = reconsider([f.anyOf.propose], { world: { ...moved.world, changes } });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'facts-unknown');
    assert.deepEqual(decided.events, []);
  });

  it('makes the plan when the value that was missing is there', () =>
    assert.equal(
      f.types(reconsider([f.anyOf.propose], {}, empty)),
      'guardrails-evaluated parameters-resolved approval-requested',
    ));

  it('waits on for a value that is still missing', () =>
    assert.equal(f.types(reconsider([f.anyOf.propose], empty, empty)), 'nothing'));

  it('leaves what is decided to the check at dispatch', () =>
    assert.equal(f.types(reconsider(f.approved, moved)), 'nothing'));

  it('needs the runbook', () => {
    const decided = reconsider([f.anyOf.propose], { ...moved, runbook: undefined });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'runbook-unknown');
  });
});
