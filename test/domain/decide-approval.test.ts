import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import { approve, endOfRejection, expire, narrow, reject } from '../../src/domain/decide-approval.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import { type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;
const at = (n: number): string => f.minutes(n).toISOString();
type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** The events, or the refusal with what is stored beside it. */
const said = (decided: Decided): string => {
  const stored = decided.events.length > 0 ? f.types(decided) : '';
  return decided.ok ? stored || 'nothing' : [decided.refusal.code, ...(stored ? [stored] : [])].join(' + ');
};
const messageOf = (decided: Decided): string => (decided.ok ? '' : decided.refusal.message);
const endOf = ({ events }: Decided): string => {
  const end = events.at(-1);
  return end?.type === 'run-closed' ? `${end.data.outcome}: ${end.data.reason}` : 'no end';
};

/** A run that waits for approval under these facts. */
const asked = (change: Partial<Facts> = {}): Run => f.after([f.anyOf.propose], change);
const approving = (run: Run, change: Partial<Facts> = {}, more: Partial<Of<'approve'>> = {}): Decided =>
  approve(run, { ...(f.anyOf.approve as Of<'approve'>), ...more }, f.facts(f.arne, change));

const pool = (name: string) => f.world({ ci: ok(f.ci({ fields: { u_app_pool: name } })) });
const moved = { world: pool('checkout') };
const hot = { history: f.ranAt(f.minutes(-5)) };
const stopped = { control: ok({ ...noControl, stopped: { by: f.ada, reason: 'release', at: at(0) } }) };
const freezes = (until: number) => ({
  policy: f.policy({
    scheduleWithin: '12h',
    freezes: [{ name: 'year end', environments: ['production', 'test'], from: at(-60), to: at(until) }],
  }),
});
const undo = {
  runbook: f.runbook({
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }], expires: '15m' } },
  }),
};
const askedToUndo = f.after([...f.remediating, f.result('recycle-pool', 'failed')], undo);
const counted = 'guardrails-evaluated vote-cast';

describe('an approval', () => {
  const cases: [what: string, run: Run, change: Partial<Facts>, want: string][] = [
    ['counts while the guardrails still hold', asked(), {}, counted],
    ['counts only from who may give it', asked(), { actorGroups: ok([]) }, 'not-approver'],
    ['needs the runbook', asked(), { runbook: undefined }, 'runbook-unknown'],
    ['needs to know the world', asked(), { world: undefined }, 'runbook-unknown'],
    [
      'does not count against a no',
      asked(),
      { world: f.world(hot) },
      'guardrail-denied + guardrails-evaluated',
    ],
    [
      'does not count on what cannot be read',
      asked(),
      { world: f.world({ incident: away }) },
      'facts-unknown + guardrails-evaluated',
    ],
    ['does not count while everything is stopped', asked(), stopped, 'stopped + guardrails-evaluated'],
    [
      'counts though a limit is reached, which dispatch waits for',
      asked({ policy: f.policy({ limits: { perRunbook: 1 } }) }),
      {
        policy: f.policy({ limits: { perRunbook: 1 } }),
        world: f.world({ holders: ok({ ci: '', runbook: [f.RUN], targets: {} }) }),
      },
      counted,
    ],
    [
      'of a plan that is another one now asks for that one',
      asked(),
      moved,
      'plan-changed + guardrails-evaluated parameters-resolved approval-requested',
    ],
    [
      'of a plan that is another one now asks for that one, also while a guardrail says no',
      asked(),
      { world: { ...moved.world, ...hot } },
      'plan-changed + guardrails-evaluated parameters-resolved approval-requested',
    ],
    [
      'voids no plan on what cannot be read',
      asked(),
      { world: { ...moved.world, history: away } },
      'facts-unknown + guardrails-evaluated',
    ],
    [
      'of a plan that lost a value waits for that',
      asked(),
      { world: f.world({ ci: ok(f.ci({ fields: {} })) }) },
      'parameters-missing',
    ],
    [
      'of a rollback needs nothing but who may give it',
      askedToUndo,
      { world: undefined, runbook: undefined },
      'vote-cast',
    ],
  ];
  for (const [what, run, change, want] of cases)
    it(`${what}: ${want}`, () => {
      const revision = run === askedToUndo ? { revision: 2 } : {};
      assert.equal(said(approving(run, change, revision)), want);
    });

  it('is recorded with the last look at the guardrails and the card that was seen', () => {
    const [evaluation, vote] = approving(asked(), {}, { revision: 1, card: 'c'.repeat(64) }).events;
    assert.ok(evaluation?.type === 'guardrails-evaluated' && vote?.type === 'vote-cast');
    assert.equal(evaluation.data.stage, 'decision');
    assert.deepEqual([vote.data.verb, vote.data.reason, vote.data.card], ['approve', '', 'c'.repeat(64)]);
    const [undone] = approving(askedToUndo, undo, { revision: 2, card: 'd'.repeat(64) }).events;
    assert.ok(undone?.type === 'vote-cast');
    assert.equal(undone.data.card, 'd'.repeat(64));
  });

  it('that is refused is recorded with that look as well, once', () => {
    const denied = { world: f.world(hot) };
    const [evaluation] = approving(asked(), denied).events;
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'decision');
    const once = f.play(asked(), f.anyOf.approve, denied).run;
    assert.equal(said(approving(once, denied)), 'guardrail-denied');
  });

  it('that is refused says why', () => {
    const message = (change: Partial<Facts>) => messageOf(approving(asked(), change));
    assert.equal(message({ world: f.world(hot) }), 'ran 5 min ago; the cooldown is 30 min');
    assert.equal(message(stopped), 'ada stopped everything: release');
    assert.match(message({ world: f.world({ history: away }) }), /could not be checked/);
    assert.equal(
      message(moved),
      'The plan changed: parameter pool changed from shop to checkout. Approval starts again.',
    );
    const twice = f.world({ ci: ok(f.ci({ environment: 'staging', fields: { u_app_pool: 'checkout' } })) });
    assert.equal(
      message({ world: twice }),
      'The plan changed: the environment changed from production to staging; parameter pool changed from shop to checkout. Approval starts again.',
    );
    assert.equal(
      message({ world: f.world({ ci: ok(f.ci({ fields: {} })) }) }),
      'There is no value any more for Pool.',
    );
  });

  it('asks people about another plan, whatever a rule of the policy says', () => {
    const test = (name: string) => ({
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: ok(f.ci({ environment: 'test', fields: { u_app_pool: name } })) }),
    });
    const { policy: _rule, ...before } = test('shop');
    const decided = approving(asked(before), test('checkout'));
    assert.equal(said(decided), 'plan-changed + guardrails-evaluated parameters-resolved approval-requested');
  });
});

describe('an approval while a window is closed', () => {
  const opening = (decided: Decided) => {
    const event = decided.events.at(-1);
    return event?.type === 'approval-requested' ? event.data.notBefore : undefined;
  };

  it('counts for the opening that people were asked about', () =>
    assert.equal(said(approving(asked(freezes(60)), freezes(60))), counted));

  it('asks again when it opens later than people were told, and says so', () => {
    const run = asked(freezes(60));
    const { approval } = run;
    assert.ok(approval);
    const sooner: Run = { ...run, approval: { ...approval, notBefore: at(59) } };
    const decided = approving(sooner, freezes(60));
    assert.equal(said(decided), 'plan-changed + guardrails-evaluated approval-requested');
    assert.equal(opening(decided), at(60));
    const [evaluation] = decided.events;
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'decision');
    assert.match(
      messageOf(decided),
      /change freeze "year end" until .*: it would start at .*10:00:00.000Z\./,
    );
    const again = f.play(sooner, f.anyOf.approve, freezes(60)).run;
    assert.equal(stateOf(again), 'awaiting-approval');
  });

  it('counts when it opens sooner than that', () => {
    const run = asked(freezes(60));
    const { approval } = run;
    assert.ok(approval);
    const later: Run = { ...run, approval: { ...approval, notBefore: at(61) } };
    assert.equal(said(approving(later, freezes(60))), counted);
  });

  it('asks again when people were asked while it was open', () => {
    const run = asked({ ...freezes(60), now: f.minutes(-61) });
    assert.equal(run.approval?.notBefore, undefined);
    const decided = approve(
      run,
      f.anyOf.approve as Of<'approve'>,
      f.facts(f.arne, { ...freezes(60), now: f.minutes(-60) }),
    );
    assert.equal(opening(decided), at(60));
  });

  it('waits for it with a plan that is another one as well', () =>
    assert.equal(opening(approving(asked(freezes(60)), { ...freezes(60), ...moved })), at(60)));
});

describe('a rejection', () => {
  const rejecting = (run: Run, more: Partial<Of<'reject'>> = {}, change: Partial<Facts> = {}): Decided =>
    reject(run, { ...(f.anyOf.reject as Of<'reject'>), ...more }, f.facts(f.arne, change));

  it('ends the run, with who and why', () => {
    const decided = rejecting(asked(), { reason: ' wrong server ', card: 'c'.repeat(64) });
    assert.equal(said(decided), 'vote-cast run-closed');
    assert.equal(endOf(decided), 'rejected: arne: wrong server');
    const [vote] = decided.events;
    assert.ok(vote?.type === 'vote-cast');
    assert.deepEqual(
      [vote.data.verb, vote.data.reason, vote.data.card],
      ['reject', 'wrong server', 'c'.repeat(64)],
    );
  });

  it('needs a reason, and who may give it', () => {
    assert.equal(said(rejecting(asked(), { reason: ' ' })), 'reason-needed');
    assert.equal(said(rejecting(asked(), {}, { actorGroups: ok([]) })), 'not-approver');
  });

  it('of a rollback leaves the change as it is', () =>
    assert.equal(
      endOf(rejecting(askedToUndo, { revision: 2 })),
      'remediation failed: Recycle: it failed; arne rejected the rollback: wrong server',
    ));

  it('whose end was not stored still has that end, and a run without one has none', () => {
    const [vote] = rejecting(asked()).events;
    assert.ok(vote);
    const cut = f.store(asked(), f.anyOf.reject, [vote]);
    assert.equal(endOf({ ok: true, events: endOfRejection(cut) }), 'rejected: arne: wrong server');
    assert.deepEqual(endOfRejection(asked()), []);
  });
});

describe('a plan made smaller by an approver', () => {
  const drain = { type: 'integer', title: 'Drain', default: 60, narrow: 'lower' };
  const { parameters } = f.runbook().runbook;
  const facts = { runbook: f.runbook({ parameters: { ...parameters, drain } }) };
  const smaller = (run: Run, change: Partial<Facts> = {}, more: Partial<Of<'narrow'>> = {}): Decided =>
    narrow(
      run,
      { ...(f.anyOf.narrow as Of<'narrow'>), values: { drain: 30 }, ...more },
      f.facts(f.arne, { ...facts, ...change }),
    );

  it('is a new plan, which is asked for', () =>
    assert.equal(said(smaller(asked(facts))), 'parameters-narrowed guardrails-evaluated approval-requested'));

  for (const [what, change, want] of [
    ['by nobody else', { actorGroups: ok([]) }, 'not-approver'],
    ['only with the runbook', { runbook: undefined }, 'runbook-unknown'],
    ['only where the world is known', { world: undefined }, 'runbook-unknown'],
  ] as const)
    it(`${what}: ${want}`, () => assert.equal(said(smaller(asked(facts), change)), want));

  it('not when it is the rollback that is asked for', () =>
    assert.equal(said(smaller(askedToUndo, {}, { revision: 2 })), 'already-running'));
});

describe('the end of the time to decide', () => {
  const expiring = (run: Run, minute: number, ms = 0): Decided =>
    expire(
      run,
      f.anyOf.expire as Of<'expire'>,
      f.facts(f.arne, { now: new Date(f.minutes(minute).getTime() + ms) }),
    );
  const missing = asked({ world: f.world({ ci: ok(f.ci({ fields: {} })) }) });

  const cases: [run: Run, minute: number, want: string][] = [
    [asked(), 30, 'expired: nobody decided until 2026-11-22T09:30:00.000Z'],
    [missing, 30, 'expired: nobody confirmed the parameters until 2026-11-22T09:30:00.000Z'],
    [
      askedToUndo,
      15,
      'remediation failed: Recycle: it failed; nobody approved the rollback until 2026-11-22T09:15:00.000Z',
    ],
  ];
  for (const [run, minute, want] of cases)
    it(`is the safe end of a run that is ${stateOf(run)}: ${want}`, () => {
      assert.equal(said(expiring(run, minute, -1)), 'not-due');
      assert.equal(said(expiring(run, minute)), 'run-closed');
      assert.equal(endOf(expiring(run, minute)), want);
    });

  for (const commands of [f.approved, f.diagnosing, f.remediating, f.verifying, f.succeeded])
    it(`means nothing to a run that is ${stateOf(f.after(commands))}`, () =>
      assert.equal(said(expiring(f.after(commands), 999)), 'nothing'));
});
