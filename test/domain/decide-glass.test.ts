import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import { breakGlass, covers, remindReview, review } from '../../src/domain/decide-glass.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import { BreakGlass } from '../../src/domain/policy.ts';
import type { Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'the directory did not answer' } as const;
const at = (n: number): string => f.minutes(n).toISOString();
type Of<N extends Command['name']> = Extract<Command, { name: N }>;

const rule = { groups: ['x', 'web-approvers'], review: { group: 'web-operations', within: '2h' } };
/** A policy that lets the glass be broken, and whatever else it says. */
const glass = (change: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  policy: f.policy({ breakGlass: { ...rule, ...change }, ...more }),
});
const smash = (by: Actor = f.arne, more: Partial<Of<'break-glass'>> = {}) =>
  ({ ...f.anyOf['break-glass'], by, ...more }) as Of<'break-glass'>;

/** What becomes of it: the events, or the refusal with what is recorded beside it. */
const said = (decided: Decided): string => {
  const stored = decided.events.length > 0 ? f.types(decided) : '';
  return decided.ok ? stored || 'nothing' : [decided.refusal.code, ...(stored ? [stored] : [])].join(' + ');
};
const messageOf = (decided: Decided): string => (decided.ok ? '' : decided.refusal.message);
/** A run that waits for approval under a policy, which is part of its plan. */
const askedUnder = ({ policy = f.policy() }: Partial<Facts>): Run => f.after([f.anyOf.propose], { policy });
const asked = askedUnder({});
const breaking = (change: Partial<Facts>, command = smash(), run = askedUnder(change)): Decided =>
  breakGlass(run, command, f.facts(command.by, change));

const broken = 'guardrails-evaluated glass-broken';
const hot = { world: f.world({ history: f.ranAt(f.minutes(-5)) }) };
const full = { world: f.world({ holders: ok({ ci: '', runbook: [f.RUN], targets: {} }) }) };
const stopped = { control: ok({ ...noControl, stopped: { by: f.ada, reason: 'release', at: at(0) } }) };
const freeze = {
  scheduleWithin: '12h',
  freezes: [{ name: 'year end', environments: ['production', 'test'], from: at(-60), to: at(60) }],
};
const moved = { world: f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'checkout' } })) }) };

describe('breaking the glass', () => {
  const cases: [when: string, change: Partial<Facts>, want: string, command?: Of<'break-glass'>][] = [
    ['is for one of those whom the policy names', glass(), broken],
    ['is for nobody where the policy has no such rule', {}, 'glass-closed'],
    ['is for no part of the system', glass(), 'not-a-person', smash(system('timer'))],
    ['is for the runbooks that are named', glass({ runbooks: ['recycle'] }), broken],
    ['is for no other runbook', glass({ runbooks: ['restart'] }), 'glass-closed'],
    ['is for the environments that are named', glass({ environments: ['production'] }), broken],
    ['is for no other environment', glass({ environments: ['test'] }), 'glass-closed'],
    ['is for nobody else', glass(), 'not-commander', smash(f.olivia)],
    ['is for nobody whose groups cannot be read', { ...glass(), actorGroups: away }, 'membership-unknown'],
    ['takes a reason', glass(), 'reason-needed', smash(f.arne, { reason: ' \n' })],
    ['needs the runbook', { ...glass(), runbook: undefined }, 'runbook-unknown'],
    ['needs to know the world', { ...glass(), world: undefined }, 'runbook-unknown'],
    [
      'goes past a guardrail that the policy names',
      { ...glass({ overrides: ['cooldown'] }), ...hot },
      broken,
    ],
    [
      'goes past no other',
      { ...glass({ overrides: ['freeze'] }), ...hot },
      'guardrail-denied + guardrails-evaluated',
    ],
    [
      'goes past nothing that could not be read',
      { ...glass({ overrides: ['cooldown'] }), world: f.world({ history: away }) },
      'facts-unknown + guardrails-evaluated',
    ],
    ['goes past no stop', { ...glass(), ...stopped }, 'stopped + guardrails-evaluated'],
    [
      'leaves a limit that is reached to dispatch, which waits for it',
      { ...glass({}, { limits: { perRunbook: 1 } }), ...full },
      broken,
    ],
    ['does not wait for a calendar', glass({}, freeze), 'guardrail-denied + guardrails-evaluated'],
    ['goes past a calendar that the policy names', glass({ overrides: ['freeze'] }, freeze), broken],
  ];
  for (const [what, change, want, command] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(breaking(change, command)), want));

  it('is for no author of a runbook that its authors may not approve', () => {
    for (const [notAuthor, want] of [
      [true, 'author-approval'],
      [false, broken],
    ] as const) {
      const { policy } = glass();
      const runbook = f.runbook({ approval: { group: 'web-approvers', notAuthor } });
      const change = { policy, runbook, world: f.world({ authors: ok([f.arne.id]) }) };
      assert.equal(said(breaking(change, smash(), f.after([f.anyOf.propose], change))), want);
      assert.equal(said(breaking(change, smash(f.mia), f.after([f.anyOf.propose], change))), broken);
    }
  });

  it('does not undo a change: a rollback has approvers of its own', () => {
    const approval = { approvers: [{ group: 'web-approvers' }] };
    const undo = { ...glass(), runbook: f.runbook({ rollback: { ...f.rollbackSteps, approval } }) };
    const run = f.after([...f.remediating, f.result('recycle-pool', 'failed')], undo);
    assert.equal(said(breaking(undo, smash(f.arne, { revision: 2 }), run)), 'glass-closed');
  });

  it('is recorded with what was gone past, by when and by whom it has to be reviewed', () => {
    const { policy } = glass({ overrides: ['freeze', 'cooldown', 'rate'] });
    const command = smash(f.arne, { reason: ' the shop is down ', card: 'c'.repeat(64), revision: 1 });
    const [evaluation, event] = breaking({ policy, ...hot }, command).events;
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'decision');
    assert.deepEqual(event, {
      type: 'glass-broken',
      data: {
        digest: askedUnder({ policy }).approval?.digest,
        revision: 1,
        reason: 'the shop is down',
        overridden: ['cooldown'],
        reviewGroup: 'web-operations',
        reviewBy: at(120),
        card: 'c'.repeat(64),
      },
    });
  });

  it('names no card when it was typed', () => {
    const event = breaking(glass()).events.at(-1);
    assert.ok(event?.type === 'glass-broken');
    assert.equal('card' in event.data, false);
  });

  it('says why it is refused', () => {
    assert.equal(messageOf(breaking({ ...glass(), actorGroups: away })), away.why);
    assert.equal(
      messageOf(breaking(glass(), smash(f.arne, { reason: '' }))),
      'Say why this cannot wait for an approval.',
    );
    assert.match(messageOf(breaking({ ...glass(), ...hot })), /^ran 5 min ago; the cooldown is 30 min$/);
    assert.equal(messageOf(breaking({ ...glass(), ...stopped })), 'ada stopped everything: release');
    assert.match(
      messageOf(breaking({ ...glass(), world: f.world({ history: away }) })),
      /could not be checked/,
    );
  });

  it('records what was looked at for a refusal, once', () => {
    const facts = { ...glass(), ...hot };
    const [evaluation] = breaking(facts).events;
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'decision');
    const once = f.play(askedUnder(facts), smash(), facts).run;
    assert.equal(said(breaking(facts, smash(), once)), 'guardrail-denied');
  });
});

describe('breaking the glass for a plan that is another one now', () => {
  it('asks for the new one, of people, whatever a rule of the policy says', () => {
    const test = (pool: string) =>
      f.world({ ci: ok(f.ci({ environment: 'test', fields: { u_app_pool: pool } })) });
    const { policy } = glass();
    const run = f.after([f.anyOf.propose], { policy, world: test('shop') });
    const auto = glass({}, f.autoApprove);
    const decided = breaking({ ...auto, world: test('checkout') }, smash(), run);
    assert.equal(said(decided), 'plan-changed + guardrails-evaluated parameters-resolved approval-requested');
    assert.match(messageOf(decided), /parameter pool changed from shop to checkout/);
  });

  it('goes past nothing for it: it waits for its window as any other', () => {
    const decided = breaking({ ...glass({ overrides: ['freeze'] }, freeze), ...moved });
    const [evaluation] = decided.events;
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'decision');
    const event = decided.events.at(-1);
    assert.ok(event?.type === 'approval-requested');
    assert.equal(event.data.notBefore, at(60));
  });

  it('is refused where a value is gone, and says which', () => {
    const decided = breaking({ ...glass(), world: f.world({ ci: ok(f.ci({ fields: {} })) }) });
    assert.equal(said(decided), 'parameters-missing');
    assert.equal(messageOf(decided), 'There is no value any more for Pool.');
  });
});

describe('a rule for breaking the glass', () => {
  it('covers everything it does not limit', () => {
    const open = BreakGlass.parse(rule);
    assert.equal(covers(open, 'any', 'production'), true);
    const narrow = BreakGlass.parse({ ...rule, runbooks: ['a', 'b'], environments: ['test', 'production'] });
    assert.equal(covers(narrow, 'b', 'production'), true);
    assert.equal(covers(narrow, 'c', 'production'), false);
    assert.equal(covers(narrow, 'b', 'staging'), false);
  });
});

describe('the review of a broken glass', () => {
  const facts = glass();
  const run = f.after([f.anyOf.propose, smash()], facts);
  const judge = (by: Actor, more: Partial<Of<'review'>> = {}) =>
    ({ ...f.anyOf.review, by, ...more }) as Of<'review'>;
  const reviewed = f.play(run, judge(f.olivia), facts).run;
  /** Broken by mia first; the plan changed, and arne broke it again. */
  const twice = [
    [smash(f.mia), facts],
    [f.anyOf.dispatch, { ...facts, ...moved }],
    [smash(f.arne, { revision: 2 }), { ...facts, ...moved }],
  ].reduce(
    (before, [command, given]) => f.play(before, command as Command, given as Partial<Facts>).run,
    askedUnder(facts),
  );
  const tried = f.after([f.anyOf.propose, f.command('approve', f.olivia, {}), smash()], facts);
  const member = { actorGroups: ok(['web-operations']) };

  const cases: [what: string, run: Run, command: Of<'review'>, change: Partial<Facts>, want: string][] = [
    ['is given by a member of the group for it', run, judge(f.olivia), {}, 'run-reviewed'],
    ['is given by no part of the system', run, judge(system('timer')), member, 'not-a-person'],
    ['is not given where nothing was broken', asked, judge(f.olivia), {}, 'no-review'],
    ['changes nothing when it is the same again', reviewed, judge(f.olivia), {}, 'nothing'],
    ['is not taken back', reviewed, judge(f.olivia, { verdict: 'not justified' }), {}, 'no-review'],
    ['is not given twice', reviewed, judge(f.person('nadia')), {}, 'no-review'],
    ['is not given by whoever broke it', run, judge(f.arne), member, 'self-review'],
    ['is not given by whoever broke it before either', twice, judge(f.mia), member, 'self-review'],
    ['is given by who only tried to approve it', tried, judge(f.olivia), {}, 'run-reviewed'],
    ['is not given by somebody else', run, judge(f.mia), {}, 'not-reviewer'],
    [
      'is not given by who cannot be looked up',
      run,
      judge(f.olivia),
      { actorGroups: away },
      'membership-unknown',
    ],
    ['says something', run, judge(f.olivia, { note: ' ' }), {}, 'reason-needed'],
  ];
  for (const [what, before, command, change, want] of cases)
    it(`${what}: ${want}`, () =>
      assert.equal(said(review(before, command, f.facts(command.by, change))), want));

  it('is recorded with its verdict and its note', () => {
    const command = judge(f.olivia, { verdict: 'not justified', note: ' it could have waited ' });
    assert.deepEqual(review(run, command, f.facts(f.olivia)).events, [
      { type: 'run-reviewed', data: { verdict: 'not justified', note: 'it could have waited' } },
    ]);
  });

  it('says why it is refused', () => {
    const blank = review(run, judge(f.olivia, { note: '' }), f.facts(f.olivia));
    assert.equal(messageOf(blank), 'Say what you found.');
    const unread = review(run, judge(f.olivia), f.facts(f.olivia, { actorGroups: away }));
    assert.equal(messageOf(unread), away.why);
  });

  it('is called overdue once, from its last moment on', () => {
    assert.equal(said(remindReview(asked, f.minutes(999))), 'nothing');
    assert.equal(said(remindReview(reviewed, f.minutes(999))), 'nothing');
    assert.equal(said(remindReview(run, new Date(f.minutes(120).getTime() - 1))), 'not-due');
    const late = remindReview(run, f.minutes(120));
    assert.equal(said(late), 'review-overdue');
    const { events } = late;
    assert.deepEqual(events, [{ type: 'review-overdue', data: { reviewBy: at(120) } }]);
    const told = f.store(run, f.anyOf.remind, events, f.minutes(120));
    assert.equal(said(remindReview(told, f.minutes(121))), 'nothing');
  });
});
