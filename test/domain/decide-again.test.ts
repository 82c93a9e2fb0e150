import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { decide } from '../../src/domain/decide.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import { stateOf } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
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

  for (const [name, command] of [
    ['the ticket changes', f.anyOf.reconsider],
    ['somebody votes for the old plan', f.anyOf.approve],
    ['somebody breaks the glass for the old plan', f.anyOf['break-glass']],
  ] as const)
    it(`waits on for the end of a freeze when ${name}`, () => {
      const at = (hours: number): string => new Date(f.T0.getTime() + hours * 3_600_000).toISOString();
      const environments = ['production', 'test', 'staging', 'development'];
      const policy = f.policy({
        scheduleWithin: '12h',
        freezes: [{ name: 'year end', environments, from: at(-1), to: at(8) }],
        breakGlass: { groups: ['web-approvers'], overrides: ['freeze'], review: { group: 'web-operations' } },
      });
      const asked = f.after([f.anyOf.propose], { policy });
      assert.deepEqual([asked.approval?.notBefore, asked.approval?.expiresAt], [at(8), at(8)]);
      const again = f.play(asked, command, { policy, ...moved }).run;
      assert.equal(again.approval?.revision, 2);
      assert.deepEqual([again.approval?.notBefore, again.approval?.expiresAt], [at(8), at(8)]);
    });

  it('asks people, though a rule of the policy would let the new plan pass', () => {
    const policy = f.policy(f.autoApprove);
    const world = f.world({
      ci: { ok: true, value: f.ci({ environment: 'test', fields: { u_app_pool: 'checkout' } }) },
    });
    assert.equal(
      f.types(reconsider([f.anyOf.propose], { world, policy })),
      'guardrails-evaluated parameters-resolved approval-requested',
    );
  });

  it('leaves a plan that lost a value to whoever votes', () =>
    assert.equal(f.types(reconsider([f.anyOf.propose], empty)), 'nothing'));

  it('decides nothing on what could not be read', () => {
    const decided = reconsider([f.anyOf.propose], { world: { ...moved.world, changes } });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'facts-unknown');
    assert.match(decided.ok ? '' : decided.refusal.message, /could not be checked: timed out/);
    assert.deepEqual(decided.events, []);
  });

  it('makes the plan when the value that was missing is there', () =>
    assert.equal(
      f.types(reconsider([f.anyOf.propose], {}, empty)),
      'guardrails-evaluated parameters-resolved approval-requested',
    ));

  it('waits on for a value that is still missing', () =>
    assert.equal(f.types(reconsider([f.anyOf.propose], empty, empty)), 'nothing'));

  it('keeps a value that is there now while another is missing', () => {
    const parameters = Object.fromEntries(
      ['pool', 'site'].map((name) => [name, { type: 'string', title: name, from: [`ci.u_${name}`] }]),
    );
    const runbook = f.runbook({ parameters });
    const world = f.world({ ci: { ok: true, value: f.ci({ fields: { u_site: 'north' } }) } });
    const decided = reconsider([f.anyOf.propose], { runbook, world }, { ...empty, runbook });
    assert.ok(decided.ok);
    const [event] = decided.events;
    assert.ok(event?.type === 'parameters-resolved');
    assert.deepEqual(
      event.data.parameters.map(({ name, value, confirm }) => [name, value, confirm]),
      [
        ['pool', null, true],
        ['site', 'north', false],
      ],
    );
  });

  it('asks for whoever asked, not for whom the change came from', () => {
    const byArne = { ...f.anyOf.propose, by: f.arne } as Command;
    const member = { requesterGroups: { ok: true, value: ['web-operations'] } } as const;
    const missing = { world: { ...empty.world, ...member } };
    const all = f.runbook({ approval: { group: 'web-approvers', quorum: 'all' } });
    const decided = reconsider(
      [byArne],
      { runbook: all, world: f.world(member) },
      { ...missing, runbook: all },
    );
    const asked = decided.events.find((event) => event.type === 'approval-requested');
    assert.deepEqual(asked?.data.requirements, [{ group: 'web-approvers', needed: 2, of: 2 }]);
  });

  it('leaves what is decided to the check at dispatch', () =>
    assert.equal(f.types(reconsider(f.approved, moved)), 'nothing'));

  for (const [name, incident, want] of [
    ['is resolved', f.incident({ state: 'resolved' }), 'INC0010023 is resolved'],
    [
      'names another item',
      f.incident({ ciSysId: 'd'.repeat(32) }),
      'INC0010023 names another configuration item now',
    ],
  ] as const)
    it(`goes on with what has started when it ${name}, and tells people once`, () => {
      const world = f.world({ incident: { ok: true, value: incident } });
      const decided = reconsider(f.diagnosing, { world });
      assert.deepEqual(decided.events, [{ type: 'incident-changed', data: { reason: want } }]);
      const { run } = f.play(f.after(f.diagnosing), f.anyOf.reconsider, { world });
      assert.equal(stateOf(run), 'diagnosing');
      assert.equal(viewOf(run)?.waiting, `goes on, although ${want}`);
      assert.equal(f.types(f.play(run, f.anyOf.reconsider, { world }).decided), 'nothing');
      const thread = reportsDue(run).find(({ to }) => to === 'thread');
      assert.ok(thread?.to === 'thread' && thread.text.includes(`${want} while the run is under way`));
    });

  it('tells nobody when the incident is as it was, and nothing when it cannot be read', () => {
    assert.equal(f.types(reconsider(f.diagnosing)), 'nothing');
    const world = f.world({ incident: { ok: false, why: 'timed out' } });
    const decided = reconsider(f.diagnosing, { world });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'incident-unknown');
    assert.equal(decided.ok ? '' : decided.refusal.message, 'timed out');
    const blind = reconsider(f.diagnosing, { world: undefined });
    assert.equal(blind.ok ? '' : blind.refusal.code, 'incident-unknown');
    assert.equal(blind.ok ? '' : blind.refusal.message, 'The incident could not be read.');
  });

  it('needs to know the world', () => {
    const decided = reconsider([f.anyOf.propose], { world: undefined });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'runbook-unknown');
  });

  it('needs the runbook', () => {
    const decided = reconsider([f.anyOf.propose], { ...moved, runbook: undefined });
    assert.equal(decided.ok ? '' : decided.refusal.code, 'runbook-unknown');
  });
});
