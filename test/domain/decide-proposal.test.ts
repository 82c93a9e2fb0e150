import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import {
  confirmParameters,
  endsRun,
  isComplete,
  missingIn,
  narrowTo,
  planNow,
  propose,
  resumeProposal,
} from '../../src/domain/decide-proposal.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import { planDigest } from '../../src/domain/plan.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'timed out' } as const;
const at = (n: number): string => f.minutes(n).toISOString();
type Of<N extends Command['name']> = Extract<Command, { name: N }>;
const of = <N extends Command['name']>(name: N, more: Partial<Of<N>> = {}): Of<N> =>
  ({ ...f.anyOf[name], ...more }) as Of<N>;

const said = ({ ok: accepted, events, ...rest }: Decided): string => {
  const stored = events.map(({ type }) => type).join(' ');
  if (accepted) return events.length > 0 ? stored : 'nothing';
  return 'refusal' in rest ? [rest.refusal.code, ...(stored === '' ? [] : [stored])].join(' + ') : '';
};
const messageOf = (decided: Decided): string => (decided.ok ? '' : decided.refusal.message);
const endOf = ({ events }: Decided): string => {
  const end = events.at(-1);
  return end?.type === 'run-closed' ? `${end.data.outcome}: ${end.data.reason}` : 'no end';
};

const empty = f.world({ ci: ok(f.ci({ fields: {} })) });
const hot = f.world({ history: f.ranAt(f.minutes(-5)) });
const silent = f.world({ history: away });
const freeze = {
  policy: f.policy({
    scheduleWithin: '12h',
    freezes: [{ name: 'year end', environments: ['production'], from: at(-60), to: at(60) }],
  }),
};
/** The pool and the site come from the CMDB; how long to drain is a person's choice. */
const several = {
  runbook: f.runbook({
    parameters: {
      pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'], pattern: '[a-z-]+' },
      site: { type: 'string', title: 'Site', from: ['ci.u_site'] },
      drain: { type: 'integer', title: 'Drain', default: 60, min: 0, max: 90, narrow: 'lower' },
    },
  }),
};
const site = f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'shop', u_site: 'north' } })) });

describe('a proposal', () => {
  const proposing = (change: Partial<Facts> = {}, more: Partial<Of<'propose'>> = {}): Decided => {
    const command = of('propose', more);
    return propose(newRun(f.RUN), command, f.facts(command.by, change));
  };

  const cases: [what: string, change: Partial<Facts>, want: string][] = [
    ['asks people for its plan', {}, 'run-proposed guardrails-evaluated approval-requested'],
    ['waits for values that are missing', { world: empty }, 'run-proposed guardrails-evaluated'],
    [
      'ends at once when a guardrail forbids it',
      { world: hot },
      'run-proposed guardrails-evaluated run-closed',
    ],
    [
      'ends at once when a guardrail forbids it, also while values are missing',
      { world: { ...hot, ci: empty.ci } },
      'run-proposed guardrails-evaluated run-closed',
    ],
    ['is not made on what cannot be read', { world: silent }, 'facts-unknown'],
    ['is not made without a runbook', { runbook: undefined }, 'runbook-unknown'],
    ['is not made without the incident', { world: f.world({ incident: away }) }, 'incident-unknown'],
    ['is not made without the item', { world: f.world({ ci: away }) }, 'ci-unknown'],
    ['is not made without the world', { world: undefined }, 'incident-unknown'],
  ];
  for (const [what, change, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(proposing(change)), want));

  it('that is not made says why', () => {
    assert.equal(
      messageOf(proposing({ runbook: undefined }, { runbook: 'restart' })),
      'There is no runbook restart.',
    );
    const unread = 'It could not be read: timed out.';
    assert.equal(messageOf(proposing({ world: f.world({ incident: away }) })), unread);
    assert.equal(messageOf(proposing({ world: f.world({ ci: away }) })), unread);
    assert.equal(messageOf(proposing({ world: undefined })), 'The incident could not be read.');
    assert.equal(messageOf(proposing({ world: silent })), 'the cooldown could not be checked: timed out');
    assert.equal(endOf(proposing({ world: hot })), 'denied: ran 5 min ago; the cooldown is 30 min');
  });

  it('holds everything it is about', () => {
    const [event, evaluation] = proposing({}, { reason: 'matches 5xx' }).events;
    const { hash } = f.runbook();
    assert.deepEqual(event, {
      type: 'run-proposed',
      data: {
        incident: f.incident(),
        ci: f.ci(),
        runbook: {
          id: 'recycle',
          version: '1.0.0',
          hash,
          title: 'Recycle the pool',
          summary: 'Recycles it.',
        },
        requester: system('servicenow'),
        reason: 'matches 5xx',
        parameters: [{ name: 'pool', title: 'Pool', value: 'shop', source: 'ci.u_app_pool', confirm: false }],
        channel: '19:incidents@thread.tacv2',
        expiresAt: at(30),
        escalation: 'L3',
        resolve: { code: 'Solution provided', notes: 'Recycled.' },
      },
    });
    assert.ok(evaluation?.type === 'guardrails-evaluated');
    assert.equal(evaluation.data.stage, 'proposal');
  });

  it('holds what a machine suggested, and no way to resolve where the runbook names none', () => {
    const suggestion = {
      runbook: 'recycle',
      confidence: 0.9,
      reason: '',
      quotes: [],
      model: 'm',
      role: 'agrees',
    } as const;
    const { resolve: _none, ...bare } = f.runbook().runbook;
    const [event] = proposing(
      { runbook: { ...f.runbook(), runbook: bare } },
      { suggestion: { ...suggestion, quotes: [] } },
    ).events;
    assert.ok(event?.type === 'run-proposed');
    assert.deepEqual(event.data.suggestion, suggestion);
    assert.equal('resolve' in event.data, false);
  });

  it('is asked for by whoever asked: the guardrails and the quorum count them', () => {
    const all = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 'all' } }) };
    const asked = proposing(all, { by: f.person('nadia') }).events.at(-1);
    assert.ok(asked?.type === 'approval-requested');
    assert.equal(asked.data.quorum, 2);
  });

  it('waits for a window, and is left to people then', () => {
    const asked = proposing(freeze).events.at(-1);
    assert.ok(asked?.type === 'approval-requested');
    assert.equal(asked.data.notBefore, at(60));
  });

  it('is decided by a rule where the risk is low, and only there', () => {
    const test = (change: Record<string, unknown>) => ({
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: ok(f.ci({ environment: 'test' })), ...change }),
    });
    assert.match(said(proposing(test({}))), /auto-approved$/);
    const majorIncidents = ok([{ number: 'INC0010001', ci: 'c'.repeat(32), shortDescription: '' }]);
    assert.match(said(proposing(test({ majorIncidents }))), /approval-requested$/);
  });
});

describe('the plan as it would be made now', () => {
  const run = f.after([f.anyOf.propose]);
  const now = (change: Partial<Facts['world']> = {}, given: Run = run) => {
    const facts = f.facts(f.arne);
    return planNow(given, {
      loaded: f.runbook(),
      facts,
      world: f.world(change as Parameters<typeof f.world>[0]),
    });
  };
  const digestOf = (current: ReturnType<typeof now>): string =>
    isComplete(current) ? planDigest(current.plan) : 'incomplete';

  it('is the same while nothing has changed, also when something cannot be read', () => {
    const same = run.approval?.digest;
    assert.equal(digestOf(now()), same);
    assert.equal(digestOf(now({ incident: away })), same);
    assert.equal(digestOf(now({ ci: away })), same);
  });

  it('is another one when the incident or the item is', () => {
    assert.notEqual(
      digestOf(now({ incident: ok(f.incident({ number: 'INC0010024' })) })),
      run.approval?.digest,
    );
    const { plan } = now({ ci: ok(f.ci({ environment: 'staging', fields: { u_app_pool: 'checkout' } })) });
    assert.deepEqual([plan?.ci.environment, plan?.parameters], ['staging', { pool: 'checkout' }]);
  });

  it('is none while values are missing, and says which', () => {
    const facts = f.facts(f.arne, several);
    const current = planNow(f.after([f.anyOf.propose], several), {
      loaded: several.runbook,
      facts,
      world: empty,
    });
    assert.equal(isComplete(current), false);
    assert.equal(missingIn(current), 'no value any more for Pool, Site');
  });

  it('is none of a run that was never proposed and of which nothing can be read', () => {
    for (const unread of [{ incident: away, ci: away }, { incident: away }, { ci: away }])
      assert.equal(digestOf(now(unread, newRun(f.RUN))), 'incomplete');
    assert.deepEqual(now({ ci: away }, newRun(f.RUN)).parameters, []);
  });
});

describe('values that a person confirms', () => {
  const missing = { world: empty };
  const waiting = f.after([f.anyOf.propose], missing);
  const confirming = (
    run: Run,
    values: Of<'confirm-parameters'>['values'],
    change: Partial<Facts> = {},
    by: Actor = f.olivia,
  ): Decided => {
    const command = of('confirm-parameters', { values, by });
    return confirmParameters(run, command, f.facts(by, change));
  };
  const done = 'parameters-confirmed guardrails-evaluated approval-requested';

  const cases: [what: string, decide: () => Decided, want: string][] = [
    ['make the plan', () => confirming(waiting, { pool: 'shop' }, missing), done],
    [
      'are not enough while others are missing',
      () =>
        confirming(
          f.after([f.anyOf.propose], { ...several, ...missing }),
          { pool: 'shop', drain: 30 },
          { ...several, ...missing },
        ),
      'parameters-invalid',
    ],
    ['have to fit', () => confirming(waiting, { pool: 'no spaces' }, missing), 'parameters-invalid'],
    [
      'come too late once it is approved',
      () => confirming(f.after(f.approved), { pool: 'x' }),
      'already-decided',
    ],
    [
      'come too late once it has begun',
      () => confirming(f.after(f.diagnosing), { pool: 'x' }),
      'already-decided',
    ],
    [
      'need the runbook',
      () => confirming(waiting, {}, { ...missing, runbook: undefined }),
      'runbook-unknown',
    ],
    ['need the world', () => confirming(waiting, {}, { world: undefined }), 'runbook-unknown'],
    [
      'decide nothing on what cannot be read',
      () => confirming(waiting, { pool: 'shop' }, { world: { ...silent, ci: empty.ci } }),
      'facts-unknown',
    ],
    [
      'end the run when a guardrail forbids it now',
      () => confirming(waiting, { pool: 'shop' }, { world: { ...hot, ci: empty.ci } }),
      'parameters-confirmed guardrails-evaluated run-closed',
    ],
    [
      'come from people',
      () => confirming(waiting, { pool: 'shop' }, missing, system('timer')),
      'not-a-person',
    ],
    [
      'come from those who may ask',
      () => confirming(waiting, { pool: 'shop' }, missing, f.arne),
      'not-requester',
    ],
    [
      'come from nobody whose groups cannot be read',
      () => confirming(waiting, { pool: 'shop' }, { ...missing, actorGroups: away }),
      'membership-unknown',
    ],
  ];
  for (const [what, decide, want] of cases) it(`${what}: ${want}`, () => assert.equal(said(decide()), want));

  it('are in the record as they were given', () => {
    const [event] = confirming(waiting, { pool: ' shop ' }, missing).events;
    assert.ok(event?.type === 'parameters-confirmed');
    assert.deepEqual(event.data.parameters, [
      { name: 'pool', title: 'Pool', value: 'shop', source: 'person', confirm: false },
    ]);
  });

  it('are left to people, whatever a rule of the policy says', () => {
    const test = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: ok(f.ci({ environment: 'test', fields: {} })) }),
    };
    assert.equal(said(confirming(f.after([f.anyOf.propose], test), { pool: 'shop' }, test)), done);
  });

  it('change nothing when they make the plan that is asked for', () => {
    const asked = f.play(waiting, of('confirm-parameters'), missing).run;
    assert.equal(said(confirming(asked, { pool: 'shop' }, missing)), 'nothing');
    assert.equal(said(confirming(asked, { pool: 'other' }, missing)), done);
    const denied = confirming(asked, { pool: 'other' }, { world: { ...hot, ci: empty.ci } });
    assert.equal(said(denied), 'guardrail-denied + guardrails-evaluated');
  });

  it('that do not fit are named, each with its field', () => {
    const two = {
      runbook: f.runbook({
        parameters: Object.fromEntries(
          ['a', 'b', 'pool'].map((name) => [name, { type: 'integer', title: name }]),
        ),
      }),
    };
    const decided = confirming(f.after([f.anyOf.propose], two), { a: 'x', b: 'y', pool: 1 }, two);
    assert.ok(!decided.ok);
    const { message, fields } = decided.refusal;
    assert.deepEqual(
      fields.map(({ field }) => field),
      ['a', 'b'],
    );
    assert.equal(message, fields.map((one) => `${one.field}: ${one.message}`).join('; '));
  });

  it('that are refused say why', () => {
    assert.equal(messageOf(confirming(waiting, {}, { ...missing, actorGroups: away })), 'timed out');
    assert.match(
      messageOf(confirming(waiting, { pool: 'shop' }, { world: { ...silent, ci: empty.ci } })),
      /the cooldown could not be checked/,
    );
  });

  it('come from a member of any of the groups that may ask', () => {
    const both = { ...missing, runbook: f.runbook({ requesters: ['database', 'web-operations'] }) };
    assert.equal(said(confirming(f.after([f.anyOf.propose], both), { pool: 'shop' }, both)), done);
  });

  describe('may come from whoever asked for the run while they are on call', () => {
    const onCall = (known: Parameters<typeof f.world>[0] = {}) => ({
      world: f.world({ ci: empty.ci, requesterGroups: ok([]), requesterOnCall: ok(true), ...known }),
    });
    const arne = of('propose', { by: f.arne });
    const byArne = f.after([arne], onCall());

    for (const [who, run, change, by, want] of [
      ['they do', byArne, onCall(), f.arne, done],
      [
        'not when they are not on call',
        byArne,
        onCall({ requesterOnCall: ok(false) }),
        f.arne,
        'not-requester',
      ],
      ['not when nobody can tell', byArne, onCall({ requesterOnCall: away }), f.arne, 'not-requester'],
      ['not somebody else', byArne, onCall(), f.mia, 'not-requester'],
      ['not where an event asked for it', waiting, onCall(), f.arne, 'not-requester'],
    ] as const)
      it(`${who}: ${want}`, () =>
        assert.equal(
          said(confirming(run, { pool: 'shop' }, { ...change, actorGroups: ok(['x']) }, by)).replace(
            / guardrails.*/,
            want === done ? ' guardrails-evaluated approval-requested' : '$&',
          ),
          want,
        ));
  });
});

describe('a plan made smaller', () => {
  const facts = { ...several, world: site };
  const asked = f.after([f.anyOf.propose], facts);
  const narrowing = (values: Of<'narrow'>['values'], change: Partial<Facts> = {}): Decided => {
    const given = f.facts(f.arne, { ...facts, ...change });
    const { world } = given;
    assert.ok(world);
    return narrowTo(asked, of('narrow', { values }), { loaded: several.runbook, facts: given, world });
  };

  it('is asked for anew', () => {
    const decided = narrowing({ drain: 30 });
    assert.equal(said(decided), 'parameters-narrowed guardrails-evaluated approval-requested');
    const [event] = decided.events;
    assert.ok(event?.type === 'parameters-narrowed');
    assert.deepEqual(
      event.data.parameters.map(({ name, value, source }) => `${name} ${value} ${source}`),
      ['pool shop ci.u_app_pool', 'site north ci.u_site', 'drain 30 approver'],
    );
  });

  it('is not made larger, nor otherwise changed', () => {
    const decided = narrowing({ drain: 80, pool: 'other' });
    assert.equal(said(decided), 'not-narrower');
    assert.ok(!decided.ok);
    const { message, fields } = decided.refusal;
    assert.equal(fields.length, 2);
    assert.equal(message, fields.map((one) => `${one.field}: ${one.message}`).join('; '));
  });

  it('is decided on nothing that cannot be read', () =>
    assert.equal(said(narrowing({ drain: 30 }, { world: { ...site, history: away } })), 'facts-unknown'));

  it('is refused while a guardrail says no, and the run waits on: its reason is recorded', () => {
    const decided = narrowing({ drain: 30 }, { world: { ...site, history: hot.history } });
    const why = 'ran 5 min ago; the cooldown is 30 min';
    assert.deepEqual([said(decided), messageOf(decided)], ['guardrail-denied + guardrails-evaluated', why]);
    assert.ok(decided.events[0]?.type === 'guardrails-evaluated');
    assert.equal(decided.events[0].data.stage, 'decision');
  });

  it('waits for a value that is gone', () => {
    const decided = narrowing({ drain: 30 }, { world: empty });
    assert.deepEqual(
      [said(decided), messageOf(decided)],
      ['parameters-missing', 'There is no value any more for Pool, Site.'],
    );
  });
});

describe('a proposal that was cut off', () => {
  const events = (change: Partial<Facts> = {}) =>
    f.play(newRun(f.RUN), f.anyOf.propose, change).decided.events;
  /** The first so many of its events are stored. */
  const cut = (count: number, change: Partial<Facts> = {}): Run =>
    f.store(newRun(f.RUN), f.anyOf.propose, events(change).slice(0, count));
  const going = (run: Run, change: Partial<Facts> = {}): Decided =>
    resumeProposal(run, f.facts(system('engine'), change));

  const cases: [what: string, decide: () => Decided, want: string][] = [
    [
      'goes on before its guardrails were asked',
      () => going(cut(1)),
      'guardrails-evaluated approval-requested',
    ],
    [
      'goes on before its guardrails were asked, also while values are missing',
      () => going(cut(1, { world: empty }), { world: empty }),
      'guardrails-evaluated',
    ],
    ['goes on before its plan was asked for', () => going(cut(2)), 'guardrails-evaluated approval-requested'],
    ['gets the end that was recorded', () => going(cut(2, { world: hot })), 'run-closed'],
    ['waits for values that are missing', () => going(cut(2, { world: empty }), { world: empty }), 'nothing'],
    ['decides nothing on what cannot be read', () => going(cut(1), { world: silent }), 'facts-unknown'],
    ['needs the runbook', () => going(cut(1), { runbook: undefined }), 'not-due'],
    ['needs the world', () => going(cut(1), { world: undefined }), 'not-due'],
    ['needs to have been made', () => going(newRun(f.RUN)), 'not-due'],
  ];
  for (const [what, decide, want] of cases) it(`${what}: ${want}`, () => assert.equal(said(decide()), want));

  it('says what was recorded, or what cannot be read', () => {
    assert.equal(endOf(going(cut(2, { world: hot }))), 'denied: ran 5 min ago; the cooldown is 30 min');
    assert.equal(messageOf(going(cut(1), { world: silent })), 'the cooldown could not be checked: timed out');
  });

  const line = (change: Partial<GuardrailLine>): GuardrailLine => ({
    guardrail: 'cooldown',
    effect: 'deny',
    reason: '',
    ...change,
  });
  for (const [what, lines, want] of [
    ['a no', [line({})], true],
    ['a no among others', [line({ effect: 'allow' }), line({})], true],
    ['a no that nobody could check', [line({ unknown: true })], false],
    ['a no that may be waited for', [line({ guardrail: 'freeze', until: at(60) })], false],
    ['nothing but a yes', [line({ effect: 'allow' })], false],
    ['nothing at all', [], false],
  ] as const)
    it(`is ${want ? '' : 'not '}ended by ${what}`, () => assert.equal(endsRun({ lines: [...lines] }), want));
});
