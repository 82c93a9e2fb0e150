import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { type Outcome, outcomes, type RunEvent } from '../../src/domain/events.ts';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import type { Phase, PlanStep } from '../../src/domain/plan.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import type { StepResult } from '../../src/domain/step-end.ts';
import { closing, flappingLine, needsResolver, nextStep } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';
import { assertGolden } from '../fakes/golden.ts';

const engine = f.anyOf.advance;
const job = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  title: `The ${id}`,
  target: 'ops',
  job: id,
  ...more,
});
const runbook = (change: Record<string, unknown> = {}) =>
  f.runbook({
    steps: {
      diagnostics: [job('look'), job('peek', { optional: true })],
      remediation: [job('fix'), job('mend')],
      verification: ['web', 'api'].map((id) => ({
        id,
        title: `The ${id}`,
        http: { url: 'http://site.example/' },
      })),
    },
    ...change,
  });
const undo = { rollback: { steps: [job('undo'), job('restore')] } };
const ownApproval = { rollback: { ...undo.rollback, approval: { approvers: [{ group: 'web-approvers' }] } } };

type Story = readonly (readonly [step: string, result?: StepResult])[];
/** An approved run whose steps went so; the last may be under way. */
function went(story: Story, change: Record<string, unknown> = {}, more: readonly RunEvent[] = []): Run {
  const approved = f.after(f.approved, { runbook: runbook(change) });
  const steps = approved.approval?.plan.steps ?? assert.fail();
  const phaseOf = (id: string): Phase =>
    steps.find((one: PlanStep) => one.id === id)?.phase ?? assert.fail(id);
  const events = story.flatMap(([step, result]): RunEvent[] => {
    const phase = phaseOf(step);
    const started: RunEvent = { type: 'step-started', data: { step, phase, executionId: 'e', deadline: '' } };
    const detail = `it ${result}`;
    return result === undefined
      ? [started]
      : [started, { type: 'step-finished', data: { step, phase, result, detail } }];
  });
  return f.store(approved, engine, [...events, ...more]);
}
const inWords = (run: Run): string => {
  const next = nextStep(run);
  switch (next.does) {
    case 'wait':
      return 'wait';
    case 'start':
      return `start ${next.step.id}`;
    case 'ask':
      return `ask, otherwise ${next.otherwise}: ${next.reason}`;
    case 'close':
      return `${next.outcome}: ${next.reason}`;
  }
};
const ok = (...steps: string[]): Story => steps.map((step) => [step, 'succeeded']);
const done = ok('look', 'peek', 'fix', 'mend');
const cancelled: RunEvent = { type: 'cancel-requested', data: { reason: 'stop it' } };

describe('what follows in a run', () => {
  const cases: [when: string, story: Story, want: string, change?: Record<string, unknown>][] = [
    ['nothing has begun', [], 'start look'],
    ['a step is under way', [['look']], 'wait'],
    ['one of several of a phase is done', ok('look'), 'start peek'],
    ['diagnostics are done', ok('look', 'peek'), 'start fix'],
    ['a remediation is done and another is not', ok('look', 'peek', 'fix'), 'start mend'],
    ['the remediation is done', done, 'start web'],
    ['everything is done', [...done, ...ok('web', 'api')], 'succeeded: verified healthy'],
    ['diagnostics fail', [['look', 'failed']], 'automation failed: The look: it failed; nothing was changed'],
    [
      'diagnostics are unknown',
      [['look', 'unknown']],
      'automation failed: The look: it unknown; nothing was changed',
    ],
    ['optional diagnostics fail', [...ok('look'), ['peek', 'failed']], 'start fix'],
    [
      'the first remediation did not begin',
      [...ok('look', 'peek'), ['fix', 'not-started']],
      'automation failed: The fix: it not-started; nothing was changed',
      undo,
    ],
    [
      'a later remediation did not begin',
      [...ok('look', 'peek', 'fix'), ['mend', 'not-started']],
      'start undo',
      undo,
    ],
    [
      'a later remediation did not begin and cannot be undone',
      [...ok('look', 'peek', 'fix'), ['mend', 'not-started']],
      'remediation failed: The mend: it not-started',
    ],
    [
      'a remediation failed',
      [...ok('look', 'peek'), ['fix', 'failed']],
      'remediation failed: The fix: it failed',
    ],
    [
      'a remediation failed that can be undone',
      [...ok('look', 'peek'), ['fix', 'failed']],
      'start undo',
      undo,
    ],
    ['a remediation was stopped', [...ok('look', 'peek'), ['fix', 'cancelled']], 'start undo', undo],
    [
      'nobody can tell whether a remediation ran',
      [...ok('look', 'peek'), ['fix', 'unknown']],
      'outcome unknown: The fix: it unknown',
      undo,
    ],
    ['a verification failed', [...done, ['web', 'failed']], 'verification failed: The web: it failed'],
    ['a verification is unknown', [...done, ['web', 'unknown']], 'verification failed: The web: it unknown'],
    [
      'a verification did not begin',
      [...done, ['web', 'not-started']],
      'verification failed: The web: it not-started',
    ],
    ['a verification failed that can be undone', [...done, ['web', 'failed']], 'start undo', undo],
    ['one step of the rollback is done', [...done, ['web', 'failed'], ...ok('undo')], 'start restore', undo],
    ['the rollback is under way', [...done, ['web', 'failed'], ['undo']], 'wait', undo],
    [
      'it is rolled back',
      [...done, ['web', 'failed'], ...ok('undo', 'restore')],
      'rolled back: The web: it failed',
      undo,
    ],
    [
      'the rollback failed as well',
      [...done, ['web', 'failed'], ...ok('undo'), ['restore', 'failed']],
      'rollback failed: The web: it failed; then The restore: it failed',
      undo,
    ],
    [
      'the rollback needs approval after a failed remediation',
      [...ok('look', 'peek'), ['fix', 'failed']],
      'ask, otherwise remediation failed: The fix: it failed',
      ownApproval,
    ],
    [
      'the rollback needs approval after a failed verification',
      [...done, ['web', 'failed']],
      'ask, otherwise verification failed: The web: it failed',
      ownApproval,
    ],
  ];
  for (const [when, story, want, change] of cases)
    it(`when ${when}: ${want}`, () => assert.equal(inWords(went(story, change)), want));

  it('when there is no plan: wait', () => assert.equal(inWords(newRun(f.RUN)), 'wait'));

  it('goes on with the rollback when people approve it, and leaves the change when they reject it', () => {
    const facts = { runbook: runbook(ownApproval) };
    const asked = f.play(went([...ok('look', 'peek'), ['fix', 'failed']], ownApproval), engine, facts).run;
    assert.equal(inWords(asked), 'ask, otherwise remediation failed: The fix: it failed');
    const approved = f.play(asked, f.command('approve', f.arne, { revision: 2 }), facts).run;
    assert.equal(inWords(approved), 'start undo');
    const rejected = f.play(asked, f.command('reject', f.arne, { reason: 'leave it' }), facts).run;
    assert.equal(
      inWords(rejected),
      'remediation failed: The fix: it failed; arne rejected the rollback: leave it',
    );
  });
});

describe('what follows in a run that was cancelled', () => {
  const by = `cancelled by Handrail (engine): stop it`;
  const cases: [when: string, story: Story, want: string, change?: Record<string, unknown>][] = [
    ['before anything began', [], `cancelled: ${by}; nothing was changed`],
    ['while a step is under way', [['look']], 'wait'],
    ['after diagnostics', ok('look'), `cancelled: ${by}; nothing was changed`],
    ['after diagnostics failed', [['look', 'failed']], `cancelled: ${by}; nothing was changed`],
    [
      'after a remediation that did not begin',
      [...ok('look', 'peek'), ['fix', 'not-started']],
      `cancelled: ${by}; nothing was changed`,
    ],
    [
      'after a remediation',
      [...ok('look', 'peek', 'fix')],
      `cancelled: ${by}; the remediation had finished; it was not verified`,
    ],
    [
      'after a remediation and one that did not begin',
      [...ok('look', 'peek', 'fix'), ['mend', 'not-started']],
      `cancelled: ${by}; the remediation had finished; it was not verified`,
    ],
    [
      'after a remediation that failed',
      [...ok('look', 'peek'), ['fix', 'failed']],
      `cancelled: ${by}; the remediation had failed`,
    ],
    [
      'after a remediation that was stopped',
      [...ok('look', 'peek'), ['fix', 'cancelled']],
      `cancelled: ${by}; the remediation had been stopped`,
    ],
    [
      'after a remediation that may have run',
      [...ok('look', 'peek'), ['fix', 'unknown']],
      'outcome unknown: cancelled by Handrail (engine): stop it, but fix may have run: it unknown',
    ],
    [
      'after diagnostics of which nobody can tell',
      [['look', 'unknown']],
      `cancelled: ${by}; nothing was changed`,
    ],
    [
      'during the rollback, which has to finish',
      [...done, ['web', 'failed'], ...ok('undo')],
      'start restore',
      undo,
    ],
  ];
  for (const [when, story, want, change] of cases)
    it(`${when}: ${want}`, () => assert.equal(inWords(went(story, change, [cancelled])), want));

  it('is to ask again when nothing was changed, and to look at the item when something was or may have been', () => {
    const nextOf = (run: Run) => {
      const next = nextStep(run);
      return next.does === 'close' ? next.nextAction : assert.fail();
    };
    const again = 'Nothing was changed; ask again with /runbook run if it is still needed.';
    for (const story of [[], ok('look'), [...ok('look', 'peek'), ['fix', 'not-started']]] as Story[])
      assert.equal(nextOf(went(story, {}, [cancelled])), again);
    for (const result of ['succeeded', 'failed', 'cancelled', 'unknown'] as const)
      assert.equal(nextOf(went([...ok('look', 'peek'), ['fix', result]], {}, [cancelled])), undefined);
    const rest = went([], {}, [cancelled]);
    assert.ok(rest.proposal);
    const resumes = { runId: f.RUN, from: 'fix', done: [], because: '' } as never;
    assert.equal(nextOf({ ...rest, proposal: { ...rest.proposal, resumes } }), undefined);
  });
});

describe('the end of a run', () => {
  it('has the next action and the resolver that the golden table says', () => {
    const endOf = (outcome: Outcome) => {
      const { type, data } = closing(outcome, 'because');
      assert.deepEqual([type, 'outcome' in data && data.outcome], ['run-closed', outcome]);
      assert.ok('reason' in data && data.reason === 'because' && 'nextAction' in data);
      return { next: data.nextAction, resolver: needsResolver(outcome) };
    };
    assertGolden('ends', Object.fromEntries(outcomes.map((outcome) => [outcome, endOf(outcome)])));
  });
});

describe('the line that stopped a run for flapping', () => {
  const line = (change: Partial<GuardrailLine> = {}): GuardrailLine => ({
    guardrail: 'flapping',
    effect: 'deny',
    reason: 'this would be run number 3',
    ...change,
  });
  const ended = (outcome: Outcome, stages: Partial<Record<'proposal' | 'dispatch', GuardrailLine[]>>): Run =>
    f.store(newRun(f.RUN), f.anyOf.propose as Command, [
      ...(['proposal', 'dispatch'] as const).flatMap((stage): RunEvent[] =>
        stages[stage]
          ? [{ type: 'guardrails-evaluated', data: { stage, effect: 'deny', lines: stages[stage] } }]
          : [],
      ),
      closing(outcome, 'because'),
    ]);

  it('is the last no of that guardrail, of a run that was denied', () => {
    assert.deepEqual(flappingLine(ended('denied', { proposal: [line()] })), line());
    const later = line({ reason: 'this would be run number 4' });
    assert.deepEqual(flappingLine(ended('denied', { proposal: [line()], dispatch: [later] })), later);
  });

  it('is none of another guardrail, nor one that allows it or that could not be read', () => {
    for (const change of [{ guardrail: 'rate' }, { effect: 'allow' }, { unknown: true }] as const)
      assert.equal(flappingLine(ended('denied', { proposal: [line(change)] })), undefined);
  });

  it('is none of a run that ended otherwise, or has not', () => {
    assert.equal(flappingLine(ended('expired', { proposal: [line()] })), undefined);
    assert.equal(flappingLine(ended('denied', {})), undefined);
    const { closed: _open, ...open } = ended('denied', { proposal: [line()] });
    assert.equal(flappingLine(open), undefined);
  });
});
