import assert from 'node:assert/strict';
import { refusals } from '../../src/domain/commands.ts';
import { noControl } from '../../src/domain/control.ts';
import {
  afterwards,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  nothing,
  refuse,
} from '../../src/domain/decision.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import type { GuardrailLine } from '../../src/domain/guardrail-line.ts';
import { type Evaluation, guardrails } from '../../src/domain/guardrails.ts';
import { system } from '../../src/domain/people.ts';
import { newRun, type Run, stateOf } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const asked = f.after([f.anyOf.propose]);

describe('what a decision comes to', () => {
  it('is nothing when it has been carried out before', () =>
    assert.deepEqual(nothing, { ok: true, events: [] }));

  it('is a refusal that says what happened and what to do now', () =>
    assert.deepEqual(refuse(asked, 'not-approver'), {
      ok: false,
      refusal: {
        code: 'not-approver',
        message: refusals['not-approver'],
        nextAction: 'Ask a member of web-approvers.',
        fields: [],
      },
      events: [],
    }));

  it('is a refusal with a message of its own, the fields that are wrong, and what belongs in the record', () => {
    const events: RunEvent[] = [{ type: 'review-overdue', data: { reviewBy: '' } }];
    const fields = [{ field: 'pool', message: 'a value is needed' }];
    const decided = refuse(asked, 'parameters-invalid', {
      message: 'pool: a value is needed',
      events,
      fields,
    });
    assert.ok(!decided.ok);
    assert.equal(decided.refusal.message, 'pool: a value is needed');
    assert.deepEqual(decided.refusal.fields, fields);
    assert.deepEqual(decided.events, events);
  });
});

describe('an evaluation in the record', () => {
  const line: GuardrailLine = { guardrail: 'rate', effect: 'deny', reason: '1 run 5 min ago' };
  const of = (...lines: GuardrailLine[]): Evaluation => ({ effect: 'deny', unknown: false, lines });
  const recorded = (stage: 'decision' | 'dispatch', ...lines: GuardrailLine[]): Run =>
    f.store(asked, f.anyOf.dispatch, [evaluated(stage, of(...lines))]);
  const again = (...lines: GuardrailLine[]): number =>
    evaluatedOnce(recorded('dispatch', line), 'dispatch', of(...lines)).length;

  it('is its stage, its effect and its lines', () =>
    assert.deepEqual(evaluatedOnce(asked, 'decision', of(line)), [
      { type: 'guardrails-evaluated', data: { stage: 'decision', effect: 'deny', lines: [line] } },
    ]));

  it('is the first of a run that nobody has asked about', () =>
    assert.equal(evaluatedOnce(newRun(f.RUN), 'proposal', of(line)).length, 1));

  it('is not there twice when it comes to the same, whatever ages its reasons tell', () => {
    assert.equal(again(line), 0);
    assert.equal(again({ ...line, reason: '1 run 6 min ago' }), 0);
  });

  it('is there again when it comes to something else', () => {
    assert.equal(again({ ...line, effect: 'require-approval' }), 1);
    assert.equal(again({ ...line, until: '2026-11-22T10:00:00Z' }), 1);
    assert.equal(again({ ...line, unknown: true }), 1);
    assert.equal(again({ ...line, guardrail: 'freeze' }), 1);
    assert.equal(again(line, line), 1);
    assert.equal(again(), 1);
  });

  it('is one of each stage', () =>
    assert.equal(evaluatedOnce(recorded('decision', line), 'dispatch', of(line)).length, 1));
});

describe('the guardrails asked about a run', () => {
  const lineOf = (evaluation: Evaluation, name: string) =>
    evaluation.lines.find(({ guardrail }) => guardrail === name);
  const asking = (run: Run, change: Parameters<typeof f.facts>[1] = {}, world = f.world()): Evaluation =>
    evaluateRun(run, f.arne, f.facts(f.arne, change), world);

  it('are all of them, with the facts as they are', () => {
    const evaluation = asking(asked);
    assert.deepEqual(
      evaluation.lines.map(({ guardrail }) => guardrail),
      Object.keys(guardrails),
    );
    const stopped = { by: f.ada, reason: 'release', at: f.T0.toISOString() };
    const control = { ok: true, value: { ...noControl, stopped } } as const;
    assert.equal(lineOf(asking(asked, { control }), 'stopped')?.effect, 'deny');
    const late = asking(asked, { now: f.minutes(5) }, f.world({ history: f.ranAt(f.T0) }));
    assert.equal(lineOf(late, 'cooldown')?.reason, 'ran 5 min ago; the cooldown is 30 min');
    const policy = f.policy({ limits: { perHour: 1 } });
    assert.equal(lineOf(asking(asked, { policy }), 'rate')?.reason, '0 runs in the last hour');
  });

  it('are about whoever asked for the run, and about who acts while nobody has', () => {
    const byOlivia = f.after([{ ...f.anyOf.propose, by: f.olivia } as (typeof f.anyOf)['propose']]);
    assert.match(lineOf(asking(byOlivia), 'authorised')?.reason ?? '', /^olivia /);
    assert.match(lineOf(asking(newRun(f.RUN)), 'authorised')?.reason ?? '', /^arne /);
    assert.match(lineOf(asking(asked), 'authorised')?.reason ?? '', /^raised by an event/);
  });

  it('are about the item it was proposed for', () => {
    const world = f.world({ incident: { ok: true, value: f.incident({ ciSysId: 'd'.repeat(32) }) } });
    assert.equal(lineOf(asking(asked, {}, world), 'incident')?.effect, 'deny');
    assert.equal(lineOf(asking(newRun(f.RUN), {}, world), 'incident')?.effect, 'allow');
  });

  it('say no without the runbook: it is known that it is gone', () => {
    const gone = (run: Run) => asking(run, { runbook: undefined });
    const line = (reason: string) => ({ guardrail: 'runbook', effect: 'deny', reason });
    assert.deepEqual(gone(asked), {
      effect: 'deny',
      unknown: false,
      lines: [line('recycle is not loaded any more')],
    });
    assert.deepEqual(gone(newRun(f.RUN)).lines, [line('the runbook is not loaded any more')]);
  });
});

describe('a run as it will be', () => {
  const command = f.command('cancel', f.olivia, { reason: 'stop it' });
  const requested: RunEvent = { type: 'cancel-requested', data: { reason: 'stop it' } };
  const reported: RunEvent = { type: 'reported', data: { key: 'k', note: '' } };

  it('has the events, by who acts, now; what only the log can tell is empty', () => {
    const now = f.minutes(7);
    const after = afterwards(asked, [requested, reported], command, f.facts(f.olivia, { now }));
    assert.deepEqual(after.cancel, { by: f.olivia, reason: 'stop it' });
    assert.deepEqual(after.reported, { k: '' });
    const [first, second] = after.entries.slice(asked.entries.length);
    assert.deepEqual(first, {
      ...requested,
      event: '',
      at: now.toISOString(),
      actor: f.olivia,
      tenant: 'tenant-1',
      origin: command.origin,
      subject: { incident: '', ci: '', runbook: { id: '', version: '', hash: '' } },
      v: 1,
      runId: f.RUN,
      seq: asked.entries.length + 1,
      prev: '',
      hash: '',
    });
    assert.equal(second?.seq, asked.entries.length + 2);
  });

  it('leaves the run as it is', () => {
    const rejected: RunEvent = {
      type: 'run-closed',
      data: { outcome: 'rejected', reason: 'r', nextAction: 'n' },
    };
    const after = afterwards(asked, [rejected], { ...command, by: system('engine') }, f.facts(f.olivia));
    assert.deepEqual([stateOf(after), stateOf(asked)], ['closed', 'awaiting-approval']);
  });
});
