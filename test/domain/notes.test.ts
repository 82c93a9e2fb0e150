import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts } from '../../src/domain/decision.ts';
import { outcomes } from '../../src/domain/events.ts';
import { closedNote, markerOf, requestedNote } from '../../src/domain/notes.ts';
import { system } from '../../src/domain/people.ts';
import { reportsDue } from '../../src/domain/reports.ts';
import { fold, type Run } from '../../src/domain/run.ts';
import { closing } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

const withSecret = f.runbook({
  parameters: {
    pool: { type: 'string', title: 'Pool', from: ['ci.u_app_pool'] },
    token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
  },
  steps: {
    remediation: [
      {
        id: 'recycle-pool',
        title: 'Recycle',
        target: 'ops',
        job: 'go',
        with: { pool: '{pool}', token: '{token}' },
      },
    ],
    verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example' } }],
  },
});
/** The work notes a run asks for, by key. */
const notesOf = (run: Run): Record<string, string> =>
  Object.fromEntries(
    reportsDue(run).flatMap((one) => (one.to === 'ticket' ? [[one.key, one.note.workNote]] : [])),
  );
const noteAfter = (key: string, commands: readonly Command[], facts?: Partial<Facts>): string => {
  const note = notesOf(f.after(commands, facts))[key];
  assert.ok(note !== undefined, `no note ${key}`);
  return note;
};
const closedAs = (outcome: (typeof outcomes)[number], commands: readonly Command[] = f.verifying): Run =>
  f.store(f.after(commands), f.command('advance', system('engine'), {}), [closing(outcome, 'because of x')]);

describe('a work note', () => {
  it('that asks for approval says what, for whom, until when, why it is allowed, and the plan', () => {
    const note = noteAfter('ticket:requested:1', [f.anyOf.propose]);
    for (const part of [
      'Recycle the pool (recycle 1.0.0) on shop-web-01',
      '1 of web-approvers until 2026-11-22T09:30:00.000Z',
      'Guardrail environment: require-approval (shop-web-01 is in production)',
      'Parameter pool = shop',
      'Rollback: cannot be undone: a recycled pool cannot be un-recycled',
      `Run code ${f.RUN.slice(-5)}`,
    ])
      assert.ok(note.includes(part), `${part} is missing in\n${note}`);
    assert.match(note, /Plan [0-9a-f]{12}, policy 1\./);
  });

  it('that asks again says what changed', () => {
    const moved = { world: f.world({ ci: { ok: true, value: f.ci({ fields: { u_app_pool: 'cart' } }) } }) };
    const { run } = f.play(f.after([f.anyOf.propose]), f.anyOf.approve, moved);
    assert.match(
      notesOf(run)['ticket:requested:2'] ?? '',
      /asks again.*\nChanged: parameter pool changed from shop to cart\./,
    );
  });

  it('names the people who approved, or the rule and its owner', () => {
    assert.match(noteAfter('ticket:approved:1', f.approved), /was approved by arne\./);
    const rule = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }),
    };
    assert.match(
      noteAfter('ticket:approved:1', [f.anyOf.propose], rule),
      /policy rule low risk of web, valid until 2027-01-01/,
    );
  });

  it('names what a person has to fill in', () => {
    const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
    assert.match(noteAfter('ticket:proposed', [f.anyOf.propose], missing), /Waits in Teams for: Pool\./);
  });

  it('has a secret by its name only, whatever step and end', () => {
    const facts = { runbook: withSecret };
    const runs = [
      f.after([f.anyOf.propose], facts),
      f.after([...f.approved, f.anyOf.dispatch, f.result('recycle-pool', 'failed')], facts),
    ];
    for (const run of runs) {
      const all = Object.values(notesOf(run)).join('\n');
      assert.doesNotMatch(all.replaceAll('secret:OPS_TOKEN', ''), /secret|token =(?! ?$)\S/);
    }
    assert.match(
      noteAfter('ticket:requested:1', [f.anyOf.propose], facts),
      /Parameter token = secret:OPS_TOKEN/,
    );
  });

  for (const outcome of outcomes)
    it(`that says a run ended as "${outcome}" has the reason, the steps and what to do now`, () => {
      const run = closedAs(outcome);
      assert.ok(run.closed);
      const { workNote, assignmentGroup, state, close } = closedNote(run, run.closed);
      assert.match(workNote, /Reason: because of x\./);
      assert.match(workNote, /Step recycle-pool \(remediation\): succeeded/);
      assert.match(workNote, /Next: \S/);
      assert.match(workNote, new RegExp(`Run ${f.RUN}`));
      const bad = /failed|rolled back|unknown|not confirmed/.test(outcome);
      assert.equal(assignmentGroup, bad ? 'L3' : undefined);
      assert.equal(state, outcome === 'succeeded' ? 'resolved' : undefined);
      assert.equal(close?.code, outcome === 'succeeded' ? 'Solution provided' : undefined);
    });

  it('takes the request for approval back when nothing was run', () => {
    const run = closedAs('withdrawn', [f.anyOf.propose]);
    assert.equal(run.closed && closedNote(run, run.closed).approval, 'not-requested');
    const late = closedAs('cancelled');
    assert.equal(late.closed && closedNote(late, late.closed).approval, undefined);
  });

  it('leaves the incident open when the runbook does not resolve it', () => {
    const open = { runbook: f.runbook({ resolve: undefined }) };
    const run = f.after(f.succeeded, open);
    assert.equal(run.closed?.outcome, 'succeeded');
    assert.equal(run.closed && closedNote(run, run.closed).state, undefined);
  });

  it('is whole: a request for approval', () => {
    const run = f.after([f.anyOf.propose]);
    const [report] = reportsDue(run);
    assert.ok(report?.to === 'ticket');
    assert.equal(report.note.approval, 'requested');
    const lines = report.note.workNote.split('\n');
    const { digest = '' } = run.approval ?? {};
    assert.equal(
      lines[0],
      'Handrail asks for approval of Recycle the pool (recycle 1.0.0) on shop-web-01: matches. Run code K2QDM.',
    );
    assert.equal(
      lines.at(-1),
      `Plan ${digest.slice(0, 12)}, policy 1. ` +
        'Rollback: cannot be undone: a recycled pool cannot be un-recycled.',
    );
  });

  it('is whole: what is missing', () => {
    const runbook = f.runbook({
      parameters: {
        pool: { type: 'string', title: 'Pool' },
        known: { type: 'string', title: 'Known', from: ['ci.u_app_pool'] },
        site: { type: 'string', title: 'Site' },
      },
    });
    assert.equal(
      noteAfter('ticket:proposed', [f.anyOf.propose], { runbook }),
      'Handrail proposes Recycle the pool (recycle 1.0.0) on shop-web-01: matches. Run code K2QDM.\n' +
        'Waits in Teams for: Pool, Site.',
    );
  });

  it('is whole: an approval', () => {
    const run = f.after(f.approved);
    const report = reportsDue(run).find((one) => one.key === 'ticket:approved:1');
    assert.ok(report?.to === 'ticket');
    assert.deepEqual(report.note, {
      workNote:
        'Recycle the pool (recycle 1.0.0) on shop-web-01 was approved by arne.\n' +
        `Plan ${run.approval?.digest.slice(0, 12)}. Run code K2QDM.`,
      approval: 'approved',
      state: 'in-progress',
    });
  });

  it('is whole: an end, with the log of a step that left one', () => {
    const evidence = { sha256: 'ab'.repeat(32), bytes: 7, truncated: false, ref: 'r', tail: '' };
    const result = (step: string, rest: { result: 'succeeded' | 'failed'; detail: string }, log = {}) =>
      f.command('step-result', system('target'), { step, ...rest, ...log });
    const quiet = result('snapshot', { result: 'succeeded', detail: '' });
    const failed = result('recycle-pool', { result: 'failed', detail: 'exit 1' }, { evidence });
    const run = f.after([...f.diagnosing, quiet, failed]);
    assert.ok(run.closed);
    assert.deepEqual(closedNote(run, run.closed), {
      workNote: [
        'Recycle the pool (recycle 1.0.0) on shop-web-01: remediation failed.',
        'Reason: Recycle: exit 1.',
        'Step snapshot (diagnostics): succeeded',
        'Step recycle-pool (remediation): failed, exit 1; log 7 bytes, sha256 abababababab',
        'Next: The resolver group takes over; the evidence is attached to the incident.',
        `Run ${f.RUN}, requested by ServiceNow.`,
      ].join('\n'),
      assignmentGroup: 'L3',
    });
  });

  it('says how a step ended on each of its hosts', () => {
    const hosts = [
      { host: 'web01', result: 'succeeded' as const },
      { host: 'web02', result: 'failed' as const, detail: 'no answer' },
    ];
    const run = f.store(f.after(f.remediating), f.anyOf.advance, [
      {
        type: 'step-finished',
        data: { step: 'recycle-pool', phase: 'remediation', result: 'failed', detail: 'exit 1', hosts },
      },
      closing('remediation failed', 'because of x'),
    ]);
    assert.match(
      (run.closed && closedNote(run, run.closed).workNote) ?? '',
      /^Step recycle-pool \(remediation\): failed, exit 1; web01 done, web02 failed: no answer$/m,
    );
  });

  it('names no guardrail where none was asked', () => {
    const run = f.after([f.anyOf.propose]);
    const bare = fold(
      run.runId,
      run.entries.filter(({ type }) => type !== 'guardrails-evaluated'),
    );
    assert.ok(bare.approval);
    assert.doesNotMatch(requestedNote(bare, bare.approval).workNote, /Guardrail/);
  });

  it('says first that the automation failed, when it did, and shows a step that has not ended', () => {
    const run = closedAs('automation failed', f.remediating);
    const note = run.closed && closedNote(run, run.closed).workNote;
    assert.match(note ?? '', /^Automation failed: Recycle the pool \(recycle 1\.0\.0\) on shop-web-01\.\n/);
    assert.match(note ?? '', /\nStep recycle-pool \(remediation\): in progress\n/);
  });

  it('sets the approval to rejected only when a person said no', () => {
    const approvals = outcomes.map((outcome) => {
      const { closed, ...run } = closedAs(outcome, [f.anyOf.propose]);
      return closed && `${outcome}: ${closedNote(run, closed).approval ?? 'untouched'}`;
    });
    assert.deepEqual(
      approvals.filter((line) => !line?.endsWith('untouched')),
      [
        'rejected: rejected',
        'expired: not-requested',
        'withdrawn: not-requested',
        'cancelled: not-requested',
        'denied: not-requested',
      ],
    );
  });

  it('takes nothing back that was never asked for', () => {
    const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
    const run = f.after([f.anyOf.propose, f.anyOf.withdraw], missing);
    assert.equal(run.closed?.outcome, 'withdrawn');
    assert.equal(run.closed && closedNote(run, run.closed).approval, undefined);
  });

  it('has a marker of its own for every run and report', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const run = f.after([f.anyOf.propose]);
        assert.equal(markerOf(run, a) === markerOf(run, b), a === b);
      }),
    );
    assert.equal(markerOf(f.after([f.anyOf.propose]), 'ticket:closed'), `[handrail ${f.RUN} ticket:closed]`);
  });
});

describe('close notes', () => {
  it('say to the customer what was done, and nothing of the steps', () => {
    const run = f.after(f.succeeded);
    const closed = reportsDue(run).find((report) => report.key === 'ticket:closed');
    assert.ok(closed?.to === 'ticket');
    assert.deepEqual(closed.note.close, {
      code: 'Solution provided',
      notes: 'Recycled. (Handrail run K2QDM)',
    });
  });
});
