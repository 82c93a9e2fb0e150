import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import { dispatch, isLate, startLate } from '../../src/domain/decide-dispatch.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;
const at = (n: number): string => f.minutes(n).toISOString();
const moment = (n: number, ms: number): Date => new Date(f.minutes(n).getTime() + ms);
type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** The events, or the refusal with what is stored beside it. */
const said = (decided: Decided): string => {
  const stored = decided.events.length > 0 ? f.types(decided) : '';
  return decided.ok ? stored || 'nothing' : [decided.refusal.code, ...(stored ? [stored] : [])].join(' + ');
};
const endOf = ({ events }: Decided): string => {
  const end = events.at(-1);
  return end?.type === 'run-closed' ? `${end.data.outcome}: ${end.data.reason}` : 'no end';
};
const stagesOf = ({ events }: Decided): string[] =>
  events.flatMap((event) => (event.type === 'guardrails-evaluated' ? [event.data.stage] : []));

const approved = (change: Partial<Facts> = {}): Run => f.after(f.approved, change);
const dispatching = (run: Run, change: Partial<Facts> = {}, full?: boolean): Decided => {
  const command = f.anyOf.dispatch as Of<'dispatch'>;
  return dispatch(run, { ...command, ...(full === undefined ? {} : { full }) }, f.facts(f.arne, change));
};

const pool = (name: string) => f.world({ ci: ok(f.ci({ fields: { u_app_pool: name } })) });
const empty = f.world({ ci: ok(f.ci({ fields: {} })) });
const hot = { history: f.ranAt(f.minutes(-5)) };
const stopped = { control: ok({ ...noControl, stopped: { by: f.ada, reason: 'release', at: at(0) } }) };
const limited = (limits: Record<string, number>) => ({ policy: f.policy({ limits }) });
const busy = f.world({ holders: ok({ ci: '', runbook: [f.RUN], targets: {} }) });
const freezes = {
  policy: f.policy({
    scheduleWithin: '12h',
    freezes: [{ name: 'year end', environments: ['production'], from: at(5), to: at(60) }],
  }),
};
const glass = {
  policy: f.policy({
    breakGlass: { groups: ['web-approvers'], overrides: ['cooldown'], review: { group: 'web-operations' } },
  }),
};
const byRule = {
  policy: f.policy(f.autoApprove),
  world: f.world({ ci: ok(f.ci({ environment: 'test' })) }),
};
const started = 'guardrails-evaluated step-started';
const denied = 'guardrails-evaluated run-closed';
const postponed = 'guardrails-evaluated dispatch-postponed';
const askedAgain = 'guardrails-evaluated approval-requested';

describe('the last check before anything runs', () => {
  const cases: [what: string, run: Run, change: Partial<Facts>, want: string][] = [
    ['starts the first step where everything still holds', approved(), {}, started],
    ['is not for a run that is not approved', f.after([f.anyOf.propose]), {}, 'not-approved'],
    ['is not for a run that is new', newRun(f.RUN), {}, 'not-approved'],
    ['changes nothing once it has started', f.after(f.diagnosing), {}, 'nothing'],
    ['looks at the world', approved(), { world: undefined }, 'not-due'],
    ['ends a run that is denied now', approved(), { world: f.world(hot) }, denied],
    ['ends a run whose runbook is gone', approved(), { runbook: undefined }, denied],
    [
      'waits while the approval is fresh and something cannot be read',
      approved(),
      { world: f.world({ history: away }) },
      'facts-unknown + guardrails-evaluated',
    ],
    [
      'waits for that as long as people had to decide',
      approved(),
      { world: f.world({ history: away }), now: f.minutes(30) },
      'facts-unknown + guardrails-evaluated',
    ],
    [
      'ends the run when that takes longer',
      approved(),
      { world: f.world({ history: away }), now: moment(30, 1) },
      denied,
    ],
    [
      'asks again when the plan is another one',
      approved(),
      { world: pool('checkout') },
      'guardrails-evaluated parameters-resolved approval-requested',
    ],
    ['ends a run whose plan lost a value', approved(), { world: empty }, denied],
    ['waits while everything is stopped', approved(), stopped, postponed],
    [
      'asks again when a window has closed meanwhile',
      approved(freezes),
      { ...freezes, now: f.minutes(5) },
      askedAgain,
    ],
    [
      'starts where the approval is as old as people had to decide',
      approved(),
      { now: f.minutes(30) },
      started,
    ],
    ['asks again when it is older', approved(), { now: moment(30, 1) }, askedAgain],
    ['starts what a rule lets pass', f.after([f.anyOf.propose], byRule), byRule, started],
  ];
  for (const [what, run, change, want] of cases)
    it(`${what}: ${want}`, () => {
      const decided = dispatching(run, change);
      assert.equal(said(decided), want);
      assert.deepEqual(
        stagesOf(decided).filter((stage) => stage !== 'dispatch'),
        [],
      );
    });

  it('says what ends the run', () => {
    const end = (change: Partial<Facts>) => endOf(dispatching(approved(), change));
    assert.equal(end({ world: f.world(hot) }), 'denied: ran 5 min ago; the cooldown is 30 min');
    assert.equal(end({ runbook: undefined }), 'denied: recycle is not loaded any more');
    assert.equal(end({ world: empty }), 'denied: there is no value any more for Pool');
  });

  it('says what could not be read', () => {
    const decided = dispatching(approved(), { world: f.world({ history: away }) });
    assert.equal(
      decided.ok ? '' : decided.refusal.message,
      'the cooldown could not be checked: it did not answer',
    );
  });

  it('goes past what the glass was broken for, and past nothing else', () => {
    const facts = { ...glass, world: f.world(hot) };
    const broken = f.play(f.after([f.anyOf.propose], glass), f.anyOf['break-glass'], facts).run;
    assert.equal(stateOf(broken), 'approved');
    assert.equal(said(dispatching(broken, facts)), started);
    const closed = { ...facts.world, incident: ok(f.incident({ state: 'closed' })) };
    assert.equal(said(dispatching(broken, { ...facts, world: closed })), denied);
  });

  it('records the same look once', () => {
    const facts = { world: f.world({ history: away }) };
    const once = f.play(approved(), f.anyOf.dispatch, facts).run;
    assert.equal(said(dispatching(once, facts)), 'facts-unknown');
  });
});

describe('what has to be approved anew before it starts', () => {
  const changesOf = (decided: Decided) => {
    const event = decided.events.at(-1);
    assert.ok(event?.type === 'approval-requested');
    return { changes: event.data.changes, notBefore: event.data.notBefore };
  };

  it('says what the plan is now', () =>
    assert.deepEqual(changesOf(dispatching(approved(), { world: pool('checkout') })), {
      changes: ['parameter pool changed from shop to checkout'],
      notBefore: undefined,
    }));

  it('says how old the approval was', () =>
    assert.deepEqual(changesOf(dispatching(approved(), { now: f.minutes(31) })), {
      changes: ['the approval was 31 min old'],
      notBefore: undefined,
    }));

  it('says when the window opens that has closed', () => {
    const { changes, notBefore } = changesOf(
      dispatching(approved(freezes), { ...freezes, now: f.minutes(5) }),
    );
    assert.equal(notBefore, at(60));
    assert.deepEqual(changes, [
      'change freeze "year end" until 2026-11-22 10:00 UTC: it would start at 2026-11-22T10:00:00.000Z',
    ]);
  });

  it('is an approval that old, however long people had taken for it', () => {
    const asked = f.after([f.anyOf.propose]);
    const run = f.play(asked, f.anyOf.approve, { now: f.minutes(20) }).run;
    assert.equal(said(dispatching(run, { now: f.minutes(50) })), started);
    assert.equal(said(dispatching(run, { now: moment(50, 1) })), askedAgain);
  });

  it('is an approval older than its tier gives, and of no other tier', () => {
    const tiers = (name: string) => ({
      policy: f.policy({
        tiers: [
          { name: 'test', when: [{ environments: ['test'] }], expires: name === 'test' ? '5m' : '10m' },
          { name: 'all', expires: name === 'all' ? '5m' : '10m' },
        ],
      }),
    });
    for (const [short, want] of [
      ['all', askedAgain],
      ['test', started],
    ] as const)
      assert.equal(said(dispatching(approved(tiers(short)), { ...tiers(short), now: f.minutes(6) })), want);
  });

  describe('where a rule approved it', () => {
    const run = f.after([f.anyOf.propose], byRule);
    const end = Date.parse('2027-01-01T00:00:00Z');

    it('is what waited longer than people have: the rule decides again', () => {
      assert.equal(said(dispatching(run, { ...byRule, now: f.minutes(30) })), started);
      assert.equal(
        said(dispatching(run, { ...byRule, now: moment(30, 1) })),
        'guardrails-evaluated auto-approved',
      );
    });

    it('is everything from the moment on at which the rule ends', () => {
      const late = f.after([f.anyOf.propose], { ...byRule, now: new Date(end - 60_000) });
      assert.equal(said(dispatching(late, { ...byRule, now: new Date(end - 1) })), started);
      const ended = dispatching(late, { ...byRule, now: new Date(end) });
      assert.equal(said(ended), askedAgain);
      assert.deepEqual(changesOf(ended).changes, ['the rule low risk has ended']);
    });

    it('is left to people where a guardrail does not allow it any more', () => {
      const majorIncidents = ok([{ number: 'INC0010001', ci: 'c'.repeat(32), shortDescription: '' }]);
      const facts = { ...byRule, world: { ...byRule.world, majorIncidents }, now: moment(30, 1) };
      assert.equal(said(dispatching(run, facts)), askedAgain);
    });
  });
});

describe('a limit at dispatch', () => {
  const facts = { ...limited({ perRunbook: 1 }), world: busy };
  const run = approved(limited({ perRunbook: 1 }));
  const last = ({ events }: Decided): RunEvent | undefined => events.at(-1);

  it('is waited for, and that is recorded once', () => {
    const decided = dispatching(run, facts);
    assert.equal(said(decided), postponed);
    assert.deepEqual(last(decided), {
      type: 'dispatch-postponed',
      data: { reason: '1 of 1 places of recycle are taken' },
    });
    const once = f.play(run, f.anyOf.dispatch, facts).run;
    assert.deepEqual(dispatching(once, facts), { ok: true, events: [] });
  });

  it('that ends at a known time says when, and again when that time moves', () => {
    const hour = limited({ perHour: 1 });
    const lastHour = (ago: number) => ({
      ...hour,
      world: f.world({
        lastHour: ok([{ runId: 'x', runbook: 'y', ci: '', incident: '', at: f.minutes(-ago) }]),
      }),
    });
    const waiting = approved(hour);
    assert.deepEqual(last(dispatching(waiting, lastHour(20))), {
      type: 'dispatch-postponed',
      data: { reason: '1 runs in the last hour; at most 1 may', until: at(40) },
    });
    const once = f.play(waiting, f.anyOf.dispatch, lastHour(20)).run;
    assert.equal(said(dispatching(once, lastHour(20))), 'nothing');
    assert.equal(said(dispatching(once, lastHour(10))), postponed);
  });

  it('is recorded again when it is another one', () => {
    const once = f.play(run, f.anyOf.dispatch, facts).run;
    assert.equal(said(dispatching(once, { ...facts, ...stopped })), postponed);
  });

  it('is also that as many as may begin are about to', () => {
    const decided = dispatching(approved(), {}, true);
    assert.equal(said(decided), postponed);
    assert.deepEqual(last(decided), {
      type: 'dispatch-postponed',
      data: { reason: 'as many runs as may begin within an hour are about to begin' },
    });
    assert.equal(said(dispatching(approved(), {}, false)), started);
  });
});

describe('a run whose first change was held back by a stop', () => {
  const held = (change: Partial<Facts> = {}): Run =>
    f.play(f.after(f.diagnosing, change), f.result('snapshot', 'succeeded'), { ...change, ...stopped }).run;
  const going = (run: Run, change: Partial<Facts> = {}): Decided =>
    startLate(run, f.anyOf.advance as Of<'advance'>, f.facts(f.arne, change));

  it('is one whose diagnostics are done and whose remediation is not claimed', () => {
    assert.equal(isLate(held()), true);
    assert.equal(stateOf(held()), 'diagnosing');
    for (const commands of [f.approved, f.diagnosing, f.remediating, f.verifying, f.succeeded])
      assert.equal(isLate(f.after(commands)), false);
    const more = {
      diagnostics: [1, 2].map((n) => ({ id: `look-${n}`, title: 'Look', target: 'ops', job: 'look' })),
      remediation: [1, 2].map((n) => ({ id: `act-${n}`, title: 'Act', target: 'ops', job: 'act' })),
      verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/' } }],
    };
    const several = { runbook: f.runbook({ steps: more }) };
    const finished = (step: string, phase: 'diagnostics' | 'remediation', before: Run): Run =>
      f.store(before, f.anyOf.advance, [
        { type: 'step-finished', data: { step, phase, result: 'succeeded', detail: '' } },
      ]);
    const first = finished('look-1', 'diagnostics', f.after(f.diagnosing, several));
    assert.equal(isLate(first), false, 'more diagnostics come next');
    const done = f.after(
      [...f.diagnosing, f.result('look-1', 'succeeded'), f.result('look-2', 'succeeded')],
      several,
    );
    assert.equal(isLate(finished('act-1', 'remediation', done)), false, 'it has changed something');
  });

  const cases: [what: string, run: Run, change: Partial<Facts>, want: string][] = [
    ['goes on when everything still holds', held(), {}, started],
    ['waits while everything is stopped', held(), stopped, 'nothing'],
    ['waits while nobody can tell whether it is', held(), { control: away }, 'nothing'],
    ['looks at the world', held(), { world: undefined }, 'not-due'],
    [
      'waits for what cannot be read',
      held(),
      { world: f.world({ history: away }) },
      'facts-unknown + guardrails-evaluated',
    ],
    [
      'waits for a limit',
      held(limited({ perRunbook: 1 })),
      { ...limited({ perRunbook: 1 }), world: busy },
      'guardrails-evaluated',
    ],
    ['ends when a guardrail says no', held(), { world: f.world(hot) }, denied],
    ['ends when its plan is another one', held(), { world: pool('checkout') }, 'run-closed'],
    ['ends when its approval is too old', held(), { now: moment(30, 1) }, 'run-closed'],
  ];
  for (const [what, run, change, want] of cases)
    it(`${what}: ${want}`, () => {
      const decided = going(run, change);
      assert.equal(said(decided), want);
      assert.deepEqual(
        stagesOf(decided).filter((stage) => stage !== 'dispatch'),
        [],
      );
    });

  it('claims the remediation', () => {
    const claimed = going(held()).events.at(-1);
    assert.ok(claimed?.type === 'step-started');
    assert.equal(claimed.data.step, 'recycle-pool');
  });

  it('says why it ends', () => {
    const end = (change: Partial<Facts>) => endOf(going(held(), change));
    assert.equal(
      end({ runbook: undefined }),
      'denied: its runbook is not loaded any more; nothing was changed',
    );
    assert.equal(end({ now: f.minutes(31) }), 'denied: the approval was 31 min old; nothing was changed');
    assert.equal(
      end({ world: f.world(hot) }),
      'denied: ran 5 min ago; the cooldown is 30 min; nothing was changed',
    );
    const changed = 'the plan changed while it was held back; nothing was changed';
    assert.equal(end({ world: pool('checkout') }), `denied: ${changed}`);
    assert.equal(end({ world: empty }), `denied: ${changed}`);
    assert.equal(
      end({ world: { ...pool('checkout'), ...hot } }),
      `denied: ran 5 min ago; the cooldown is 30 min; ${changed}`,
    );
  });

  it('says what could not be read', () => {
    const decided = going(held(), { world: f.world({ history: away }) });
    assert.equal(
      decided.ok ? '' : decided.refusal.message,
      'the cooldown could not be checked: it did not answer',
    );
  });

  it('still goes past what the glass was broken for', () => {
    const facts = { ...glass, world: f.world(hot) };
    const broken = [f.anyOf['break-glass'], f.anyOf.dispatch].reduce(
      (run, command) => f.play(run, command, facts).run,
      f.after([f.anyOf.propose], glass),
    );
    const late = f.play(broken, f.result('snapshot', 'succeeded'), { ...facts, ...stopped }).run;
    assert.equal(said(going(late, facts)), started);
  });

  it('records the same look once while it waits', () => {
    const facts = { world: f.world({ history: away }) };
    const once = f.play(held(), f.anyOf.advance, facts).run;
    assert.equal(said(going(once, facts)), 'facts-unknown');
  });
});
