import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { system } from '../../src/domain/people.ts';
import { recordLines } from '../../src/domain/record.ts';
import { type Run, stateOf } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import {
  diagnosed,
  goesOn,
  long,
  NEXT,
  nextOf,
  ran,
  settled,
  steps,
  stepsOf,
  THIRD,
  undo,
} from '../fakes/continued.ts';
import * as f from '../fakes/domain.ts';

const failed = f.after(ran(...diagnosed, ['drain', 'not-started']), long);
const continued = f.play(failed, goesOn(), long).run;
const refusedAt = (run: Run, command: Command, facts: Partial<Facts> = long): string => {
  const { decided } = f.play(run, command, facts);
  return decided.ok ? f.types(decided) : decided.refusal.code;
};

describe('continuing a run', () => {
  it('is for whoever may ask for its runbook, and for people only', () => {
    const none = f.world({ requesterGroups: { ok: true, value: [] } });
    const unread = f.world({ requesterGroups: { ok: false, why: 'no answer' } });
    const onCall = f.world({
      requesterGroups: { ok: true, value: [] },
      requesterOnCall: { ok: true, value: true },
    });
    assert.equal(refusedAt(failed, goesOn()), 'run-continued');
    assert.equal(refusedAt(failed, goesOn(f.stranger), { ...long, world: none }), 'not-requester');
    assert.equal(refusedAt(failed, goesOn(f.stranger), { ...long, world: unread }), 'membership-unknown');
    assert.equal(refusedAt(failed, goesOn(f.stranger), { ...long, world: onCall }), 'run-continued');
    assert.equal(refusedAt(failed, goesOn(system('timer'))), 'not-a-person');
  });

  it('happens once, whoever asks and with whatever number', () => {
    assert.equal(refusedAt(continued, goesOn(f.mia, THIRD)), 'nothing');
    assert.equal(continued.continued?.runId, NEXT);
  });

  it('is refused when the runbook is another one now', () => {
    const other = { runbook: f.runbook({ steps, rollback: undo, version: '1.1.0' }) };
    assert.equal(refusedAt(failed, goesOn(), other), 'runbook-changed');
    assert.equal(nextOf(continued, other).code, 'runbook-changed');
  });

  it('takes the run that the first one names, asked for by who continued it, and no other', () => {
    assert.equal(nextOf(failed, long).code, 'not-continuable');
    assert.equal(nextOf(continued, long, f.olivia, THIRD).code, 'not-continuable');
    assert.equal(nextOf(continued, long, f.mia).code, 'not-continuable');
    assert.equal(
      nextOf(continued, { ...long, resumed: { ok: true, value: undefined } }).code,
      'not-continuable',
    );
    assert.equal(
      nextOf(continued, { ...long, resumed: { ok: false, why: 'no store' } }).code,
      'facts-unknown',
    );
    assert.equal(nextOf(continued, long).code, 'awaiting-approval');
  });

  it('is refused when the incident names another item', () => {
    const world = f.world({ ci: { ok: true, value: f.ci({ sysId: 'd'.repeat(32) }) } });
    assert.equal(nextOf(continued, { ...long, world }).code, 'not-continuable');
  });

  it('is not held back by what the run it continues did', () => {
    const history: Facts['world'] = f.world({
      history: {
        ok: true,
        value: [{ runId: f.RUN, runbook: 'recycle', ci: 'c', incident: 'i', at: f.minutes(-5) }],
      },
    });
    assert.equal(nextOf(continued, { ...long, world: history }).code, 'awaiting-approval');
    const other = f.world({ history: f.ranAt(f.minutes(-5)) });
    assert.equal(nextOf(continued, { ...long, world: other }).next.closed?.outcome, 'denied');
  });

  it('needs a person where a rule of the policy decided before', () => {
    const test = f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } });
    const auto = { ...long, policy: f.policy(f.autoApprove), world: test };
    const first = f.after(
      [f.anyOf.propose, f.anyOf.dispatch, f.result('look', 'succeeded'), f.result('snapshot', 'failed')],
      auto,
    );
    assert.equal(first.approval?.rule, 'low risk');
    const { next } = nextOf(f.play(first, goesOn(), auto).run, auto);
    assert.equal(stateOf(next), 'awaiting-approval');
    assert.equal(next.approval?.rule, undefined);
  });
});

describe('a run that continues another one', () => {
  const { next } = nextOf(continued, long);

  it('has its values, whatever the ticket and the CMDB say now, and nobody changes them', () => {
    const world = f.world({ ci: { ok: true, value: f.ci({ fields: { u_app_pool: 'checkout' } }) } });
    const { next: run } = nextOf(continued, { ...long, world });
    assert.deepEqual(run.parameters, [
      { name: 'pool', title: 'Pool', value: 'shop', source: 'run K2QDM', confirm: false },
    ]);
    assert.deepEqual(run.proposal?.resumes?.changes, [
      'Pool is checkout in ci.u_app_pool now; it goes on with shop',
    ]);
    assert.equal(run.approval?.plan.parameters['pool'], 'shop');
    const entered = f.command('confirm-parameters', f.olivia, { values: { pool: 'other' } });
    assert.equal(refusedAt(run, entered, { ...long, world }), 'parameters-invalid');
    const narrowed = f.command('narrow', f.arne, { values: { pool: 'other' } });
    assert.equal(refusedAt(run, narrowed, { ...long, world }), 'not-narrower');
  });

  it('is approved, dispatched and verified as any other', () => {
    const commands = [
      f.anyOf.approve,
      f.anyOf.dispatch,
      ...'drain recycle-pool answers fast'.split(' ').map((step) => f.result(step, 'succeeded')),
    ];
    const done = commands.reduce((run, one) => f.play(run, one, long).run, next);
    assert.equal(done.closed?.outcome, 'succeeded');
    assert.notEqual(next.approval?.digest, failed.approval?.digest);
    assert.equal(next.approval?.plan.resumes, f.RUN);
  });

  it('ends when its runbook changes before it starts', () => {
    const other = { runbook: f.runbook({ steps, rollback: undo, version: '1.1.0' }) };
    const voted = f.play(next, f.anyOf.approve, long).run;
    const { run } = f.play(voted, f.anyOf.dispatch, other);
    assert.equal(run.closed?.outcome, 'denied');
    assert.match(run.closed?.reason ?? '', /recycle was changed since run K2QDM/);
  });

  it('says that it changed nothing, when that one may have', () => {
    const on = [f.anyOf.approve, f.anyOf.dispatch, f.result('drain', 'not-started')];
    const { closed } = on.reduce((run, one) => f.play(run, one, long).run, next);
    assert.match(closed?.reason ?? '', /this run changed nothing/);
  });

  it('undoes what that one did when it is not healthy in the end', () => {
    const first = f.after(
      [...ran(...diagnosed, ['drain', 'succeeded'], ['recycle-pool', 'unknown']), settled('ran')],
      long,
    );
    const { next: run } = nextOf(f.play(first, goesOn(), long).run, long);
    const on = [f.anyOf.approve, f.anyOf.dispatch, f.result('answers', 'failed'), f.anyOf.advance];
    const asked = on.reduce((one, command) => f.play(one, command, long).run, run);
    assert.equal(stateOf(asked), 'awaiting-rollback');
    const yes = [f.command('approve', f.mia, { revision: 2 }), f.anyOf.advance];
    assert.equal(
      yes.reduce((one, command) => f.play(one, command, long).run, asked).steps.at(-1)?.id,
      'restore',
    );
  });

  it('can be continued itself, also when nobody let it run', () => {
    const voided = f.play(next, f.anyOf.reject, long).run;
    const again = f.play(voided, goesOn(f.olivia, THIRD), long).run;
    const { next: third } = nextOf(again, long, f.olivia, THIRD);
    assert.deepEqual(stepsOf(third), stepsOf(next));
    assert.deepEqual(third.proposal?.resumes?.earlier, [f.RUN]);
    assert.equal(third.parameters[0]?.source, 'run K2QDM');

    const on = [
      f.anyOf.approve,
      f.anyOf.dispatch,
      f.result('drain', 'succeeded'),
      f.result('recycle-pool', 'unknown'),
      settled('ran'),
    ];
    const half = on.reduce((one, command) => f.play(one, command, long).run, next);
    const rest = nextOf(f.play(half, goesOn(f.olivia, THIRD), long).run, long, f.olivia, THIRD).next;
    assert.deepEqual(stepsOf(rest), ['answers', 'fast', 'restore']);
    assert.deepEqual(rest.proposal?.resumes?.done, ['look', 'snapshot', 'drain', 'recycle-pool']);
  });

  it('says in the record what it continues, and the first one by whom', () => {
    assert.match(
      recordLines(next.entries)[0] ?? '',
      /continues run 01JD8Z6N3V6Q4W8X2Y5A7K2QDM from drain on, not again: look, snapshot/,
    );
    assert.match(
      recordLines(continued.entries).at(-1) ?? '',
      /run-continued +olivia: by run 01JD8Z6N3V6Q4W8X2Y5A7K2QDN/,
    );
    assert.equal(viewOf(next)?.face, 'approval');
  });
});
