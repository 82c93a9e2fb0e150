import assert from 'node:assert/strict';
import { type Control, noControl } from '../../src/domain/control.ts';
import { outcomes, type RunEvent } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import { closing } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const view = (...given: Parameters<typeof f.after>) => {
  const seen = viewOf(f.after(...given));
  assert.ok(seen !== undefined);
  return seen;
};

describe('what people see of a run', () => {
  it('is nothing before it is proposed', () => assert.equal(viewOf(newRun(f.RUN)), undefined));

  for (const [face, commands, facts] of [
    ['proposal', [f.anyOf.propose], missing],
    ['approval', [f.anyOf.propose], undefined],
    ['progress', f.approved, undefined],
    ['progress', f.diagnosing, undefined],
    ['progress', f.verifying, undefined],
    ['outcome', f.succeeded, undefined],
    ['outcome', [f.anyOf.propose, f.anyOf.reject], undefined],
  ] as const)
    it(`has the face "${face}" after ${commands.length} commands`, () => {
      assert.equal(view(commands, facts).face, face);
    });

  it('names the incident, the item, the runbook and the code people type', () => {
    const { incident, ci, runbook, code, requester, reason } = view([f.anyOf.propose]);
    assert.deepEqual(
      { incident, ci, runbook, code, requester, reason },
      {
        incident: { number: 'INC0010023', title: 'Burst of 5xx on the shop', priority: '2' },
        ci: { name: 'shop-web-01', environment: 'production', environmentKnown: true },
        runbook: { id: 'recycle', title: 'Recycle the pool', version: '1.0.0', summary: 'Recycles it.' },
        code: f.RUN.slice(-5),
        requester: 'ServiceNow',
        reason: 'matches',
      },
    );
  });

  it('shows what each step will do, does, and did', () => {
    const steps = (commands: Parameters<typeof f.after>[0]) =>
      view(commands).steps.map(({ id, state, detail }) => `${id} ${state}: ${detail}`);
    assert.deepEqual(steps([f.anyOf.propose]), [
      'snapshot waiting: snapshot on ops',
      'recycle-pool waiting: recycle on ops',
      'answers waiting: GET http://site.example/shop',
    ]);
    assert.deepEqual(steps(f.remediating), [
      'snapshot succeeded: it succeeded',
      'recycle-pool running: recycle on ops',
      'answers waiting: GET http://site.example/shop',
    ]);
  });

  it('shows who approved, how many are needed, and the rule that did it instead', () => {
    const { approval } = view(f.approved);
    assert.deepEqual(approval, {
      phase: 'run',
      tier: '',
      requirements: [{ group: 'web-approvers', needed: 1, of: 3, by: ['arne'] }],
      group: 'web-approvers',
      needed: 1,
      approvers: ['arne'],
      lacksSecondPerson: false,
      expiresAt: '2026-11-22T09:30:00.000Z',
    });
    const rule = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }),
    };
    assert.equal(view([f.anyOf.propose], rule).approval?.rule, 'low risk');
  });

  it('tells the age of what a guardrail rests on when it was not fresh, and no more than that', () => {
    const aged = {
      policy: f.policy({ blastRadius: { dependents: 9 } }),
      world: f.world({
        relations: {
          ok: true,
          value: { dependents: [], members: [], truncated: false },
          readAt: '2026-11-22T08:59:42.000Z',
        },
      }),
    };
    const reasons = view([f.anyOf.propose], aged).guardrails.map(({ reason }) => reason);
    assert.ok(reasons.includes('0 dependents, 1 touched (18 s old)'));
    assert.deepEqual(
      reasons.filter((reason) => /\)$/.test(reason)),
      ['0 dependents, 1 touched (18 s old)'],
    );
    const later = f.play(f.after([f.anyOf.propose], aged), f.anyOf['card-posted'], { now: f.minutes(9) }).run;
    assert.deepEqual(viewOf(later)?.guardrails, view([f.anyOf.propose], aged).guardrails);
  });

  it('shows the guardrails of the latest check', () => {
    const late = f.play(f.after(f.approved), f.anyOf.dispatch, {
      world: f.world({ incident: { ok: true, value: f.incident({ state: 'resolved' }) } }),
    }).run;
    const line = viewOf(late)?.guardrails.find((one) => one.guardrail === 'incident');
    assert.deepEqual([line?.effect, viewOf(late)?.outcome?.name], ['deny', 'denied']);
  });

  it('shows what was checked when people decided, until it is checked again', () => {
    const before = f.after([f.anyOf.propose]);
    const checked = (stage: 'decision' | 'dispatch'): RunEvent => ({
      type: 'guardrails-evaluated',
      data: { stage, effect: 'allow', lines: [{ guardrail: stage, effect: 'allow', reason: 'fine' }] },
    });
    const shown = (...events: RunEvent[]) =>
      viewOf(f.store(before, f.anyOf.advance, events))?.guardrails.map(({ guardrail }) => guardrail);
    assert.deepEqual(shown(checked('decision')), ['decision']);
    assert.deepEqual(shown(checked('decision'), checked('dispatch')), ['dispatch']);
    // it was asked about again, and people look at it once more
    assert.deepEqual(shown(checked('dispatch'), checked('decision')), ['decision']);
    const [proposed] = f.after([f.anyOf.propose], missing).entries;
    assert.ok(proposed?.type === 'run-proposed');
    assert.deepEqual(viewOf(f.store(newRun(f.RUN), f.anyOf.propose, [proposed]))?.guardrails, []);
  });

  it('marks the values that are missing, and where the others came from', () => {
    assert.deepEqual(view([f.anyOf.propose], missing).parameters, [
      { name: 'pool', title: 'Pool', value: '', source: 'missing', missing: true },
    ]);
    assert.deepEqual(view([f.anyOf.propose]).parameters, [
      { name: 'pool', title: 'Pool', value: 'shop', source: 'ci.u_app_pool', missing: false },
    ]);
  });

  const afterwards = (before: Run, ...events: RunEvent[]): Run => f.store(before, f.anyOf.cancel, events);
  const changed: RunEvent = { type: 'incident-changed', data: { reason: 'INC0010023 is closed' } };
  const postponed: RunEvent = { type: 'dispatch-postponed', data: { reason: 'the window is closed' } };
  const later = (run: Run): Run => {
    assert.ok(run.approval);
    return { ...run, approval: { ...run.approval, notBefore: '2026-11-22T22:00:00.000Z' } };
  };
  const cancelled: RunEvent = { type: 'cancel-requested', data: { reason: 'wrong server' } };
  const waitsForRun: RunEvent = { type: 'dispatch-waiting', data: { holder: 'X'.repeat(26) } };
  const cases: [string, Run, string][] = [
    ['nothing, while it waits for people', f.after([f.anyOf.propose]), ''],
    ['nothing, when it is approved', f.after(f.approved), ''],
    ['nothing, while it is under way', f.after(f.diagnosing), ''],
    ['another run', afterwards(f.after(f.approved), waitsForRun), 'waits for run XXXXX on the same item'],
    ['what a guardrail says', afterwards(f.after(f.approved), postponed), 'waits: the window is closed'],
    ['its window', later(f.after(f.approved)), 'waits for 2026-11-22T22:00:00.000Z'],
    ['people, and not yet its window', later(f.after([f.anyOf.propose])), ''],
    ['its end', afterwards(f.after(f.remediating), changed, cancelled), 'is being cancelled by olivia'],
    [
      'nothing, although the incident is no longer what it was',
      afterwards(f.after(f.remediating), changed),
      'goes on, although INC0010023 is closed',
    ],
  ];
  for (const [what, run, want] of cases)
    it(`says that it waits for ${what}`, () => assert.equal(viewOf(run)?.waiting, want));

  it('says by whom and why everything is stopped, as long as it has not ended', () => {
    const control: Control = { ...noControl, stopped: { by: f.ada, reason: 'bad release', at: '' } };
    assert.deepEqual(viewOf(f.after(f.approved), control)?.halted, { by: 'ada', reason: 'bad release' });
    for (const [run, state] of [
      [f.after(f.succeeded), control],
      [f.after(f.approved), noControl],
    ] as const)
      assert.ok(!Object.hasOwn(viewOf(run, state) ?? {}, 'halted'));
  });

  it('shows what a machine said as that, where one said something', () => {
    const suggestion = {
      ...{ runbook: 'recycle', confidence: 0.8, reason: 'hangs', quotes: [], model: 'triage' },
      role: 'agrees' as const,
    };
    const propose = f.command('propose', system('servicenow'), {
      incident: 'a'.repeat(32),
      runbook: 'recycle',
      reason: 'matches',
      suggestion,
    });
    assert.deepEqual(view([propose]).suggestion, suggestion);
    assert.ok(!Object.hasOwn(view([f.anyOf.propose]), 'suggestion'));
  });

  it('shows the hosts it goes through, and a list as one, before anything was done', () => {
    const world = f.world({ ci: { ok: true, value: f.ci({ fields: { u_servers: 'web01 web02 web03' } }) } });
    const { pools, parameters, progress, steps } = view([f.anyOf.propose], { runbook: f.rolling(), world });
    assert.deepEqual(
      pools.map(({ hosts, progress: done }) => [hosts, done]),
      [[['web01', 'web02', 'web03'], '']],
    );
    assert.deepEqual(
      parameters.map(({ value, list }) => [value, list]),
      [['web01, web02, web03', true]],
    );
    assert.equal(progress, undefined);
    assert.deepEqual(
      steps.map((step) => Object.hasOwn(step, 'pool')),
      [true, true, false],
    );
    const plain = view([f.anyOf.propose]);
    assert.deepEqual([plain.pools, Object.hasOwn(plain.parameters[0] ?? {}, 'list')], [[], false]);
  });

  it('says since when the running step runs', () =>
    assert.deepEqual(view(f.diagnosing).progress, { since: '2026-11-22T09:00:00.000Z' }));

  it('says when it began and when something happened last', () => {
    const late = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, { now: f.minutes(7) }).run;
    const { startedAt, updatedAt } = viewOf(late) ?? {};
    assert.deepEqual([startedAt, updatedAt], ['2026-11-22T09:00:00.000Z', '2026-11-22T09:07:00.000Z']);
  });

  it('says how it can be undone, and what changed since the plan that was shown before', () => {
    const { rollback, changes } = view([f.anyOf.propose]);
    assert.deepEqual([rollback, changes], ['cannot be undone: a recycled pool cannot be un-recycled', []]);
    const moved = { world: f.world({ ci: { ok: true, value: f.ci({ fields: { u_app_pool: 'cart' } }) } }) };
    const again = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, moved).run;
    assert.deepEqual(viewOf(again)?.changes, ['parameter pool changed from shop to cart']);
    assert.deepEqual([viewOf(again)?.revision, view([f.anyOf.propose]).revision], [2, 1]);
  });

  it('has no plan before every value is there', () => {
    const { steps, pools, rollback, changes, approval, revision } = view([f.anyOf.propose], missing);
    assert.deepEqual(
      { steps, pools, rollback, changes, approval, revision },
      { steps: [], pools: [], rollback: '', changes: [], approval: undefined, revision: 1 },
    );
  });

  it('shows the approval of the rollback once that is what is asked for', () => {
    const terms = { approvers: [{ group: 'owners' }], expires: '15m' };
    const own = { runbook: f.runbook({ rollback: { ...f.rollbackSteps, approval: terms } }) };
    const run = f.after([...f.remediating, f.result('recycle-pool', 'failed')], own);
    const { approval, revision, face } = viewOf(run) ?? {};
    assert.deepEqual([approval?.phase, approval?.group, face], ['rollback', 'owners', 'approval']);
    assert.equal(revision, run.rollback?.revision);
  });

  it('shows the last lines of the log of a step that left one', () => {
    const evidence = { sha256: 'a'.repeat(64), bytes: 7, truncated: false, ref: 'r', tail: 'pool recycled' };
    const done = f.command('step-result', system('target'), {
      step: 'snapshot',
      result: 'succeeded',
      detail: '',
      evidence,
    });
    const [snapshot, next] = view([...f.diagnosing, done]).steps;
    assert.deepEqual(snapshot, {
      id: 'snapshot',
      title: 'Snapshot',
      phase: 'diagnostics',
      state: 'succeeded',
      detail: 'snapshot on ops',
      tail: 'pool recycled',
    });
    assert.deepEqual([next?.state, next?.tail], ['running', '']);
  });

  const tones = {
    good: ['succeeded'],
    neutral: ['rejected', 'expired', 'withdrawn'],
    warning: ['cancelled', 'denied', 'rolled back', 'not confirmed'],
    attention: [
      'remediation failed',
      'verification failed',
      'rollback failed',
      'automation failed',
      'outcome unknown',
    ],
  };
  it('has a tone, a reason and a next action for every end: what needs somebody to act stands out', () => {
    const seen = outcomes.map((outcome) => {
      const run = f.store(f.after(f.verifying), f.anyOf.advance, [closing(outcome, 'because')]);
      const { name, tone, reason, nextAction } = viewOf(run)?.outcome ?? {};
      assert.deepEqual([name, reason], [outcome, 'because']);
      assert.ok((nextAction?.length ?? 0) > 5);
      return { tone, outcome };
    });
    const byTone = Object.groupBy(seen, ({ tone }) => tone ?? 'none');
    assert.deepEqual(
      Object.fromEntries(Object.entries(byTone).map(([tone, all]) => [tone, all?.map((one) => one.outcome)])),
      tones,
    );
  });

  it('has no outcome before it has ended', () => assert.ok(!Object.hasOwn(view(f.verifying), 'outcome')));

  it('is a function of the log: it is the same however often it is asked for', () => {
    const run = f.after(f.succeeded);
    assert.deepEqual(viewOf(run), viewOf(structuredClone(run)));
  });
});
