import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import {
  advance,
  cancel,
  stepLaunched,
  stepResult,
  whatFollows,
  withdraw,
} from '../../src/domain/decide-steps.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import type { Baseline, Evidence, KeptFile, RunEvent } from '../../src/domain/events.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'the directory did not answer' } as const;
type Of<N extends Command['name']> = Extract<Command, { name: N }>;
const of = <N extends Command['name']>(name: N, more: Partial<Of<N>> = {}): Of<N> =>
  ({ ...f.anyOf[name], ...more }) as Of<N>;
const engine = system('engine');

const said = ({ ok: accepted, events, ...rest }: Decided): string => {
  const stored = events.map(({ type }) => type).join(' ');
  if (accepted) return events.length > 0 ? stored : 'nothing';
  return 'refusal' in rest ? [rest.refusal.code, ...(stored === '' ? [] : [stored])].join(' + ') : '';
};
const messageOf = (decided: Decided): string => (decided.ok ? '' : decided.refusal.message);
const endOf = (events: readonly RunEvent[]): string => {
  const end = events.at(-1);
  return end?.type === 'run-closed' ? `${end.data.outcome}: ${end.data.reason}` : 'no end';
};

const stopped = { control: ok({ ...noControl, stopped: { by: f.ada, reason: 'release', at: '' } }) };
const undo = { runbook: f.runbook({ rollback: f.rollbackSteps }) };
const ownApproval = {
  runbook: f.runbook({
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }], expires: '15m' } },
  }),
};
const failed = [...f.remediating, f.result('recycle-pool', 'failed')];
/** A run whose last step has ended, and nothing that follows is stored. */
const cutAfter = (commands: readonly Command[], change: Partial<Facts> = {}): Run => {
  const before = f.after(commands.slice(0, -1), change);
  const last = commands.at(-1) ?? assert.fail();
  return f.store(before, last, f.play(before, last, change).decided.events.slice(0, 1));
};

describe('what follows in a run is stored', () => {
  const follows = (run: Run, change: Partial<Facts> = {}): readonly RunEvent[] =>
    whatFollows(run, engine, f.facts(engine, change));
  const types = (events: readonly RunEvent[]): string => said({ ok: true, events });

  it('as a step that is claimed, with the time it has', () =>
    assert.deepEqual(follows(cutAfter(f.remediating), { now: f.minutes(2) }), [
      {
        type: 'step-started',
        data: {
          step: 'recycle-pool',
          phase: 'remediation',
          executionId: f.facts(engine).executionId,
          deadline: f.minutes(7).toISOString(),
        },
      },
    ]));

  it('as nothing while a step is under way', () => {
    assert.deepEqual(follows(f.after(f.diagnosing)), []);
    assert.deepEqual(follows(f.after(f.diagnosing, ownApproval), ownApproval), []);
  });

  it('as the end', () => assert.equal(endOf(follows(cutAfter(f.succeeded))), 'succeeded: verified healthy'));

  it('as the question whether to roll back, once, and when it can be asked', () => {
    const run = cutAfter(failed, ownApproval);
    assert.equal(types(follows(run, ownApproval)), 'approval-requested');
    assert.deepEqual(follows(run, { ...ownApproval, world: undefined }), []);
    assert.deepEqual(follows(f.after(failed, ownApproval), ownApproval), []);
  });

  const held: [what: string, run: Run, change: Partial<Facts>, want: string][] = [
    ['no remediation begins while everything is stopped', cutAfter(f.remediating), stopped, 'nothing'],
    ['no remediation begins while nobody can tell', cutAfter(f.remediating), { control: away }, 'nothing'],
    ['diagnostics go on while everything is stopped', f.after(f.approved), stopped, 'step-started'],
    ['verification goes on while everything is stopped', cutAfter(f.verifying), stopped, 'step-started'],
    [
      'undoing goes on while everything is stopped',
      cutAfter(failed, undo),
      { ...stopped, ...undo },
      'step-started',
    ],
  ];
  for (const [what, run, change, want] of held)
    it(`${what}: ${want}`, () => assert.equal(types(follows(run, change)), want));
});

describe('going on after a crash', () => {
  const going = (run: Run, change: Partial<Facts> = {}): Decided =>
    advance(run, of('advance'), f.facts(engine, change));
  const [vote] = f.play(f.after([f.anyOf.propose]), f.anyOf.reject).decided.events;
  assert.ok(vote);
  const requested: RunEvent = { type: 'cancel-requested', data: { reason: ' stop it ' } };

  it('ends a run that was rejected', () => {
    const decided = going(f.store(f.after([f.anyOf.propose]), f.anyOf.reject, [vote]));
    assert.equal(said(decided), 'run-closed');
    assert.equal(endOf(decided.events), 'rejected: arne: wrong server');
  });

  it('ends a run that was cancelled before it began, and says who did', () => {
    const cancelled = (reason: string) =>
      going(f.store(f.after([f.anyOf.propose]), f.anyOf.cancel, [{ ...requested, data: { reason } }]));
    assert.equal(said(cancelled('x')), 'run-closed');
    assert.equal(endOf(cancelled(' stop it ').events), 'cancelled: olivia: stop it');
    assert.equal(endOf(cancelled(' ').events), 'cancelled: by olivia');
    const end = cancelled('x').events.at(-1);
    assert.ok(end?.type === 'run-closed');
    assert.match(end.data.nextAction, /^Nothing was changed; ask again/);
  });

  const cases: [what: string, run: Run, want: string, change?: Partial<Facts>][] = [
    ['a run that is new', newRun(f.RUN), 'nothing'],
    ['a run that waits for approval', f.after([f.anyOf.propose]), 'nothing'],
    ['an approved run, which is dispatched', f.after(f.approved), 'nothing'],
    ['a run whose step is under way', f.after(f.diagnosing), 'nothing'],
    [
      'a run that waits for the approval of its rollback',
      f.after(failed, ownApproval),
      'nothing',
      ownApproval,
    ],
    ['a run that has ended', f.after(f.succeeded), 'nothing'],
    ['a run that was rejected and has ended', f.after([f.anyOf.propose, f.anyOf.reject]), 'nothing'],
    ['a run whose diagnostics are done', cutAfter(f.remediating), 'step-started'],
    ['a run whose remediation is done', cutAfter(f.verifying), 'step-started'],
    ['a run whose verification is done', cutAfter(f.succeeded), 'run-closed'],
    [
      'a run whose rollback is done',
      cutAfter([...failed, f.result('restore', 'succeeded')], undo),
      'run-closed',
      undo,
    ],
    [
      'a proposal that was cut off',
      f.store(
        newRun(f.RUN),
        f.anyOf.propose,
        f.play(newRun(f.RUN), f.anyOf.propose).decided.events.slice(0, 1),
      ),
      'guardrails-evaluated approval-requested',
    ],
  ];
  for (const [what, run, want, change] of cases)
    it(`with ${what}: ${want}`, () => assert.equal(said(going(run, change)), want));

  it('leaves what was cancelled under way to its steps', () => {
    const run = f.store(f.after(f.diagnosing), f.anyOf.cancel, [requested]);
    assert.equal(said(going(run)), 'nothing');
  });
});

describe('what a target says of a step', () => {
  const run = f.after(f.diagnosing);
  const launched = f.play(run, of('step-launched', { externalId: 'job-7' })).run;

  it('is its id there, once', () => {
    assert.deepEqual(stepLaunched(run, of('step-launched', { externalId: 'job-7' })), {
      ok: true,
      events: [{ type: 'step-launched', data: { step: 'snapshot', externalId: 'job-7' } }],
    });
    assert.equal(said(stepLaunched(launched, of('step-launched', { externalId: 'job-8' }))), 'nothing');
  });

  it('is nothing new for a step that has ended, and refused for one that never began', () => {
    const later = f.after(f.remediating);
    assert.equal(said(stepLaunched(later, of('step-launched'))), 'nothing');
    assert.equal(said(stepLaunched(later, of('step-launched', { step: 'answers' }))), 'step-unknown');
    assert.equal(said(stepLaunched(f.after(f.succeeded), of('step-launched'))), 'nothing');
    assert.equal(said(stepLaunched(f.after(f.approved), of('step-launched'))), 'step-unknown');
    const facts = f.facts(engine);
    assert.equal(said(stepResult(later, of('step-result'), facts)), 'nothing');
    assert.equal(said(stepResult(later, of('step-result', { step: 'answers' }), facts)), 'step-unknown');
    assert.equal(said(stepResult(f.after(f.succeeded), of('step-result'), facts)), 'nothing');
    assert.equal(said(stepResult(f.after(f.approved), of('step-result'), facts)), 'step-unknown');
  });

  it('is its result, with all that is kept of it, and what follows', () => {
    const evidence: Evidence = { sha256: 'a', bytes: 1, truncated: false, ref: 'r', tail: 't' };
    const artifacts: KeptFile[] = [
      { name: 'heap.bin', type: 'text/plain', sha256: 'b', bytes: 2, truncated: false, ref: 's' },
    ];
    const baseline: Baseline = { summary: 'was ill', evidence };
    const command = of('step-result', { detail: 'done', evidence, artifacts, baseline });
    const decided = stepResult(run, command, f.facts(engine));
    assert.equal(said(decided), 'step-finished step-started');
    assert.deepEqual(decided.events[0], {
      type: 'step-finished',
      data: {
        step: 'snapshot',
        phase: 'diagnostics',
        result: 'succeeded',
        detail: 'done',
        evidence,
        artifacts,
        baseline,
      },
    });
    const [bare] = stepResult(run, of('step-result'), f.facts(engine)).events;
    assert.deepEqual(bare, {
      type: 'step-finished',
      data: { step: 'snapshot', phase: 'diagnostics', result: 'succeeded', detail: '' },
    });
  });
});

describe('stopping a run', () => {
  const proposed = f.after([f.anyOf.propose]);
  const approved = f.after(f.approved);
  const withdrawing = (
    run: Run,
    more: Partial<Of<'withdraw'>> = {},
    change: Partial<Facts> = {},
  ): Decided => {
    const command = of('withdraw', more);
    return withdraw(run, command, f.facts(command.by, change));
  };
  const cancelling = (run: Run, more: Partial<Of<'cancel'>> = {}, change: Partial<Facts> = {}): Decided => {
    const command = of('cancel', more);
    return cancel(run, command, f.facts(command.by, change));
  };

  describe('by taking it back', () => {
    const missing = { world: f.world({ ci: ok(f.ci({ fields: {} })) }) };
    for (const [run, want] of [
      [f.after([f.anyOf.propose], missing), 'run-closed'],
      [proposed, 'run-closed'],
      [approved, 'run-closed'],
      [f.after(f.diagnosing), 'already-running'],
      [f.after(f.remediating), 'already-running'],
      [f.after(failed, ownApproval), 'already-running'],
    ] as const)
      it(`is ${want === 'run-closed' ? 'possible' : 'too late'} when it is ${stateOf(run)}`, () =>
        assert.equal(said(withdrawing(run)), want));

    it('says who did and why', () => {
      const end = (reason: string) => endOf(withdrawing(proposed, { reason }).events);
      assert.equal(end(' not needed '), 'withdrawn: olivia: not needed');
      assert.equal(end(' '), 'withdrawn: by olivia');
    });
  });

  describe('by cancelling it', () => {
    it('ends it at once before it began', () => {
      const decided = cancelling(approved);
      assert.equal(said(decided), 'cancel-requested run-closed');
      assert.deepEqual(decided.events[0], { type: 'cancel-requested', data: { reason: 'stop it' } });
      assert.equal(endOf(decided.events), 'cancelled: olivia: stop it');
      const end = decided.events.at(-1);
      assert.ok(end?.type === 'run-closed');
      assert.match(end.data.nextAction, /^Nothing was changed; ask again/);
    });

    it('asks the step under way to stop first', () =>
      assert.equal(said(cancelling(f.after(f.diagnosing))), 'cancel-requested'));

    it('ends it when no step is under way', () => {
      const held = f.play(f.after(f.diagnosing), f.result('snapshot', 'succeeded'), stopped).run;
      const decided = cancelling(held);
      assert.equal(said(decided), 'cancel-requested run-closed');
      assert.equal(endOf(decided.events), 'cancelled: cancelled by olivia: stop it; nothing was changed');
    });

    it('changes nothing the second time', () => {
      const run = f.play(f.after(f.diagnosing), f.anyOf.cancel).run;
      assert.equal(said(cancelling(run)), 'nothing');
    });

    it('is too late for a run that is undone, or waits for that', () => {
      const waiting = cancelling(f.after(failed, ownApproval));
      assert.deepEqual(
        [said(waiting), messageOf(waiting)],
        ['already-running', 'It has failed; approve or reject its rollback.'],
      );
      const undoing = cancelling(f.after(failed, undo));
      assert.deepEqual(
        [said(undoing), messageOf(undoing)],
        ['already-running', 'The rollback is under way and has to finish.'],
      );
    });
  });

  describe('is for', () => {
    const byOlivia = f.after([{ ...f.anyOf.propose, by: f.olivia } as Command]);
    const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
    const once = f.play(f.after([f.anyOf.propose], two), f.anyOf.approve, two).run;
    const nobody = { actorGroups: ok([]) };
    const wilma = f.person('wilma');
    const cases: [who: string, run: Run, by: Actor, change: Partial<Facts>, want: boolean][] = [
      ['a part of the system', proposed, system('timer'), { actorGroups: away }, true],
      ['whoever asked for it, in whatever group', byOlivia, f.olivia, nobody, true],
      ['whoever approved it, in whatever group', once, f.arne, nobody, true],
      [
        'a member of a group that is asked',
        proposed,
        wilma,
        { actorGroups: ok(['x', 'web-approvers']) },
        true,
      ],
      ['a member of a group that may ask', proposed, wilma, { actorGroups: ok(['web-operations']) }, true],
      [
        'a member of a group that is asked, when the runbook is gone',
        proposed,
        wilma,
        { actorGroups: ok(['web-approvers']), runbook: undefined },
        true,
      ],
      ['nobody else', once, wilma, nobody, false],
      ['nobody else when the runbook is gone', once, f.olivia, { runbook: undefined }, false],
    ];
    for (const [who, run, by, change, want] of cases)
      it(who, () => {
        assert.equal(said(withdrawing(run, { by }, change)), want ? 'run-closed' : 'not-requester');
        assert.equal(
          said(cancelling(run, { by }, change)),
          want ? 'cancel-requested run-closed' : 'not-requester',
        );
      });

    it('a member of any of several groups that are asked', () => {
      const policy = f.policy({ tiers: [{ name: 'high', approvers: [{ group: 'owners' }] }] });
      const run = f.after([f.anyOf.propose], { policy });
      assert.equal(said(withdrawing(run, { by: wilma }, { actorGroups: ok(['owners']) })), 'run-closed');
    });

    it('nobody whose groups cannot be read, unless they asked for it', () => {
      const unread = withdrawing(proposed, {}, { actorGroups: away });
      assert.deepEqual([said(unread), messageOf(unread)], ['membership-unknown', away.why]);
      assert.equal(said(withdrawing(byOlivia, {}, { actorGroups: away })), 'run-closed');
    });

    it('a member of a group that may ask also before anybody is asked', () => {
      const missing = f.after([f.anyOf.propose], { world: f.world({ ci: ok(f.ci({ fields: {} })) }) });
      assert.equal(
        said(withdrawing(missing, { by: wilma }, { actorGroups: ok(['web-operations']) })),
        'run-closed',
      );
      assert.equal(
        said(withdrawing(missing, { by: wilma }, { actorGroups: ok(['web-approvers']) })),
        'not-requester',
      );
    });
  });
});
