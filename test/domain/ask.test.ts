import assert from 'node:assert/strict';
import { type Ask, askFor, askRollback } from '../../src/domain/ask.ts';
import type { Command } from '../../src/domain/commands.ts';
import { planNow } from '../../src/domain/decide-proposal.ts';
import type { Facts } from '../../src/domain/decision.ts';
import type { EventData, RunEvent } from '../../src/domain/events.ts';
import type { World } from '../../src/domain/facts.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import { planDigest } from '../../src/domain/plan.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;
const at = (n: number): string => f.minutes(n).toISOString();
const engine = system('engine');
const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2, expires: '30m' } }) };
const approvers = { group: 'web-approvers', needed: 1, of: 3 };

/** What is asked of people about a run, without the plan itself. */
const requestIn = (events: readonly RunEvent[]) => {
  const request = events.find((event) => event.type === 'approval-requested');
  assert.ok(request);
  const { plan, digest, ...rest } = request.data;
  assert.equal(digest, planDigest(plan));
  return rest;
};
const proposed = (change: Partial<Facts> = {}, more: Partial<Command> = {}): readonly RunEvent[] =>
  f.play(newRun(f.RUN), { ...f.anyOf.propose, ...more } as Command, change).decided.events;

/** Asks for the plan of a run as it is now, with everything in the hands of the test. */
function ask(run: Run, change: Partial<Facts> = {}, more: Partial<Ask> = {}, by: Actor = engine): RunEvent[] {
  const facts = f.facts(by, change);
  const { world, runbook: loaded } = facts;
  assert.ok(world && loaded);
  const { parameters, plan } = planNow(run, { facts, world, loaded });
  assert.ok(plan);
  return askFor(run, by, { parameters, plan }, { loaded, facts, world, lowRisk: true, ...more });
}

describe('what people are asked for', () => {
  it('is the plan, by whom the runbook names, in the time it gives', () => {
    assert.deepEqual(requestIn(proposed()), {
      revision: 1,
      group: 'web-approvers',
      quorum: 1,
      requirements: [approvers],
      expiresAt: at(30),
      changes: [],
    });
  });

  it('is as many people as the runbook says', () => {
    const { quorum, requirements } = requestIn(proposed(two));
    assert.equal(quorum, 2);
    assert.deepEqual(requirements, [{ group: 'web-approvers', needed: 2, of: 3 }]);
  });

  it('is what the tier asks for as well, with all its duties', () => {
    const tier = {
      name: 'high',
      approvers: [{ group: 'web-operations', quorum: 'all' }],
      fourEyes: true,
      notAuthor: true,
      expires: '20m',
      remind: '5m',
      escalate: { after: '15m', to: 'web-operations' },
    };
    assert.deepEqual(requestIn(proposed({ policy: f.policy({ tiers: [tier] }) })), {
      revision: 1,
      group: 'web-approvers',
      quorum: 1,
      // nadia is in both groups and wrote it
      requirements: [
        { group: 'web-approvers', needed: 1, of: 2 },
        { group: 'web-operations', needed: 1, of: 1 },
      ],
      expiresAt: at(20),
      changes: [],
      tier: 'high',
      fourEyes: true,
      authors: ['nadia'],
      remindEvery: 5 * 60_000,
      escalateAt: at(15),
      escalateTo: 'web-operations',
    });
  });

  it('names no authors where they may approve, or where nobody can tell who they are', () => {
    const own = { runbook: f.runbook({ approval: { group: 'web-approvers', notAuthor: true } }) };
    assert.deepEqual(requestIn(proposed(own)).authors, ['nadia']);
    assert.equal(requestIn(proposed()).authors, undefined);
    const run = f.after([f.anyOf.propose], own);
    const silent = { ...own, world: f.world({ authors: away }) };
    const unread = requestIn(ask(run, silent));
    assert.equal(unread.authors, undefined);
    assert.deepEqual(unread.requirements, [approvers]);
  });

  it('is that of the tier it is in, and of no other', () => {
    const tiers = [
      { name: 'test', when: [{ environments: ['test'] }], fourEyes: true },
      { name: 'production' },
    ];
    const { tier, fourEyes } = requestIn(proposed({ policy: f.policy({ tiers }) }));
    assert.deepEqual([tier, fourEyes], ['production', undefined]);
  });

  it('counts nobody whose approval would not: who asked, and who chose its values', () => {
    const all = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 'all' } }) };
    const by = f.person('nadia');
    assert.deepEqual(requestIn(proposed(all, { by })).requirements, [
      { group: 'web-approvers', needed: 2, of: 2 },
    ]);
    const missing = { ...all, world: f.world({ ci: ok(f.ci({ fields: {} })) }) };
    const confirm = f.command('confirm-parameters', by, { values: { pool: 'shop' } });
    const confirmed = f.play(f.after([f.anyOf.propose], missing), confirm, missing);
    assert.deepEqual(requestIn(confirmed.decided.events).requirements, [
      { group: 'web-approvers', needed: 2, of: 2 },
    ]);
  });

  it('has until the window opens at least, however soon people have to decide otherwise', () => {
    const run = f.after([f.anyOf.propose]);
    const later = requestIn(ask(run, {}, { notBefore: at(90) }));
    assert.deepEqual([later.notBefore, later.expiresAt], [at(90), at(90)]);
    const soon = requestIn(ask(run, {}, { notBefore: at(10) }));
    assert.deepEqual([soon.notBefore, soon.expiresAt], [at(10), at(30)]);
  });

  it('says what changed since it was asked for before, and why else it is asked for again', () => {
    const run = f.after([f.anyOf.propose]);
    const moved = { world: f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'checkout' } })) }) };
    const [resolved, asked] = ask(run, moved, { also: ['the approval was 31 min old'] });
    assert.ok(resolved?.type === 'parameters-resolved' && asked?.type === 'approval-requested');
    assert.deepEqual(
      resolved.data.parameters.map(({ value }) => value),
      ['checkout'],
    );
    assert.equal(asked.data.revision, 2);
    assert.deepEqual(asked.data.changes, [
      'parameter pool changed from shop to checkout',
      'the approval was 31 min old',
    ]);
    assert.equal(f.types({ ok: true, events: ask(run) }), 'approval-requested', 'the values are the same');
  });
});

describe('a rule of the policy decides instead of people', () => {
  const inTest = f.world({ ci: ok(f.ci({ environment: 'test' })) });
  const rule = { policy: f.policy(f.autoApprove), world: inTest };
  const run = f.after([f.anyOf.propose], { world: inTest });
  const [type, later] = ['auto-approved', 'approval-requested'];
  const decidedBy = (events: readonly RunEvent[]): string => f.types({ ok: true, events });

  it('and is named with its owner and its end', () => {
    const [decided] = ask(run, rule);
    assert.ok(decided?.type === 'auto-approved');
    const { plan, digest, ...rest } = decided.data;
    assert.equal(digest, planDigest(plan));
    assert.deepEqual(rest, { revision: 2, rule: 'low risk', owner: 'web', until: '2027-01-01T00:00:00Z' });
  });

  it('only where every guardrail allows it', () => {
    assert.equal(decidedBy(ask(run, rule, { lowRisk: true })), type);
    assert.equal(decidedBy(ask(run, rule, { lowRisk: false })), later);
  });

  it('only when it starts now, not when a window is waited for', () =>
    assert.equal(decidedBy(ask(run, rule, { notBefore: at(10) })), later));

  it('only for values that no person chose', () => {
    const missing = f.world({ ci: ok(f.ci({ environment: 'test', fields: {} })) });
    const chosen = f.after([f.anyOf.propose, f.anyOf['confirm-parameters']], { world: missing });
    assert.equal(decidedBy(ask(chosen, rule)), later);
  });

  it('only for values that no person chose, be it one of several', () => {
    const parameters = {
      pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'] },
      drain: { type: 'integer', title: 'Drain', ask: 'always', default: 60 },
    };
    const both = { runbook: f.runbook({ parameters }), world: inTest };
    const confirm = f.command('confirm-parameters', f.olivia, { values: { drain: 30 } });
    const chosen = f.play(f.after([f.anyOf.propose], both), confirm, both).run;
    assert.deepEqual(
      chosen.parameters.map(({ source }) => source),
      ['ci.u_app_pool', 'person'],
    );
    assert.equal(decidedBy(ask(chosen, { ...rule, ...both })), later);
  });

  it('only for its tier', () => {
    const tiers = [{ name: 'low', effect: 'allow' }];
    for (const [named, want] of [
      ['low', type],
      ['other', later],
    ] as const) {
      const [auto] = f.autoApprove.autoApprovals;
      const policy = f.policy({ tiers, autoApprovals: [{ ...auto, tiers: [named] }] });
      assert.equal(decidedBy(ask(run, { ...rule, policy })), want);
    }
  });

  for (const [role, runbook, want] of [
    ['agrees', 'recycle', type],
    ['alone', 'recycle', later],
    ['alone', 'another', type],
  ] as const)
    it(`${want === type ? 'also' : 'not'} where a machine suggested ${runbook}, ${role === 'alone' ? 'alone' : 'and a rule as well'}`, () => {
      const suggestion = { runbook, confidence: 0.9, reason: '', quotes: [], model: 'm', role };
      const { proposal } = run;
      assert.ok(proposal);
      assert.equal(decidedBy(ask({ ...run, proposal: { ...proposal, suggestion } }, rule)), want);
    });
});

describe('the number of a plan', () => {
  it('is one more than that of any that was asked for', () => {
    const first = f.after([f.anyOf.propose], two);
    const { approval } = first;
    assert.ok(approval);
    assert.equal(requestIn(ask(newRunOf(first))).revision, 1);
    assert.equal(requestIn(ask(first)).revision, 2);
    assert.equal(requestIn(ask({ ...first, rollback: { ...approval, revision: 7 } })).revision, 8);
    assert.equal(
      requestIn(ask({ ...first, approval: { ...approval, revision: 9 }, rollback: approval })).revision,
      10,
    );
  });
});

/** The same run before anything was asked for. */
function newRunOf(run: Run): Run {
  const { approval: _none, ...rest } = run;
  return rest;
}

describe('what people are asked for about a rollback', () => {
  const undo = (change: Record<string, unknown>, own: Record<string, unknown> = {}) => ({
    runbook: f.runbook({
      approval: { group: 'web-approvers', ...own },
      rollback: {
        ...f.rollbackSteps,
        approval: { approvers: [{ group: 'web-approvers' }], expires: '15m', ...change },
      },
    }),
  });
  const failed = [...f.remediating, f.result('recycle-pool', 'failed')];
  const asking = (run: Run, change: Partial<Facts>, world: World = f.world()) =>
    askRollback(run, engine, f.facts(engine, change), world);
  const dataOf = ([event]: readonly RunEvent[]): EventData<'approval-requested'> => {
    assert.ok(event?.type === 'approval-requested');
    return event.data;
  };

  it('is the plan that ran, by the approvers of its own, in the time they have', () => {
    const facts = undo({});
    const { rollback: _asked, ...run } = f.after(failed, facts);
    const { plan, digest } = run.approval ?? assert.fail();
    assert.deepEqual(dataOf(asking(run, facts)), {
      plan,
      digest,
      revision: 2,
      phase: 'rollback',
      group: 'web-approvers',
      quorum: 1,
      requirements: [approvers],
      expiresAt: at(15),
      changes: [],
    });
  });

  it('has the reminders and the next group of the run: a change that is half done does not wait quietly', () => {
    const clocks = { remind: '5m', escalate: { after: '10m', to: 'web-operations' } };
    const want = [300_000, at(10), 'web-operations'];
    const clocksOf = (run: Run, facts: Partial<Facts>) => {
      const { remindEvery, escalateAt, escalateTo } = dataOf(asking(run, facts));
      return [remindEvery, escalateAt, escalateTo];
    };
    const own = undo({}, clocks);
    assert.deepEqual(clocksOf(f.after(failed, own), own), want);
    const tiered = { ...undo({}), policy: f.policy({ tiers: [{ name: 'any', ...clocks }] }) };
    assert.deepEqual(clocksOf(f.after(failed, tiered), tiered), want);
    const owned = undo({ approvers: [{ group: 'web-operations' }] }, clocks);
    assert.deepEqual(clocksOf(f.after(failed, owned), owned), [300_000, undefined, undefined]);
    const none = f.after(failed, undo({}));
    assert.deepEqual(clocksOf(none, undo({})), [undefined, undefined, undefined]);
    assert.ok(none.approval);
    const byRule = { ...none, approval: { ...none.approval, rule: 'test', tier: 'any' } };
    assert.deepEqual(clocksOf(byRule, own), want);
    assert.deepEqual(clocksOf(byRule, tiered), want);
  });

  it('counts nobody who asked, and no author who may not approve: otherwise all of them never could', () => {
    const all = { approvers: [{ group: 'web-approvers', quorum: 'all' }] };
    const free = undo(all);
    const byNadia = [{ ...f.anyOf.propose, by: f.person('nadia') } as Command, ...failed.slice(1)];
    assert.equal(dataOf(asking(f.after(byNadia, free), free)).quorum, 2);
    const barred = undo(all, { notAuthor: true });
    const { quorum, requirements, authors } = dataOf(asking(f.after(failed, barred), barred));
    assert.deepEqual([quorum, authors], [2, ['nadia']]);
    assert.deepEqual(requirements, [{ group: 'web-approvers', needed: 2, of: 2 }]);
  });

  it('counts no author either when a rule had approved the run, and waits while nobody can tell who wrote it', () => {
    const all = { approvers: [{ group: 'web-approvers', quorum: 'all' }] };
    const byRule = (run: Run): Run =>
      run.approval ? { ...run, approval: { ...run.approval, rule: 'test', authors: [] } } : run;
    const tiers = { tiers: [{ name: 'any', notAuthor: true }, { name: 'other' }] };
    for (const [facts, tier, authors] of [
      [undo(all, { notAuthor: true }), '', ['nadia']],
      [{ ...undo(all), policy: f.policy(tiers) }, 'any', ['nadia']],
      [{ ...undo(all), policy: f.policy(tiers) }, 'other', undefined],
      [undo(all), '', undefined],
    ] as const) {
      const run = byRule(f.after(failed, undo(all)));
      const { approval } = run;
      assert.ok(approval);
      const inTier = { ...run, approval: { ...approval, tier } };
      assert.deepEqual(dataOf(asking(inTier, facts)).authors, authors);
      assert.equal(dataOf(asking(inTier, facts)).quorum, authors ? 2 : 3);
      assert.equal(asking(inTier, facts, f.world({ authors: away })).length, authors ? 0 : 1);
    }
  });

  it('waits until it can be told how many all are', () => {
    const facts = undo({
      approvers: [{ group: 'web-approvers' }, { group: 'web-operations', quorum: 'all' }],
    });
    const run = f.after(failed, facts);
    assert.deepEqual(asking(run, facts, f.world({ members: away })), []);
    assert.equal(asking(run, facts).length, 1);
  });

  it('is nothing where the rollback needs nobody', () => {
    assert.deepEqual(asking(f.after(failed, { runbook: f.runbook({ rollback: f.rollbackSteps }) }), {}), []);
    assert.deepEqual(asking(newRun(f.RUN), {}), []);
  });
});
