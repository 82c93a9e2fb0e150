import assert from 'node:assert/strict';
import type { Command, RefusalCode } from '../../src/domain/commands.ts';
import { CONTROL } from '../../src/domain/control.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import type { RunEvent } from '../../src/domain/events.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'the directory did not answer' } as const;

/** The events, or the refusal with what is recorded beside it. */
const said = ({ ok: accepted, events, ...rest }: Decided): string => {
  const stored = events.map(({ type }) => type).join(' ');
  if (accepted) return events.length > 0 ? stored : 'nothing';
  return 'refusal' in rest ? [rest.refusal.code, ...(stored === '' ? [] : [stored])].join(' + ') : '';
};
const decided = (run: Run, command: Command, change: Partial<Facts> = {}): Decided =>
  f.play(run, command, change).decided;

const nadia = f.person('nadia');
const asked = f.after([f.anyOf.propose]);
const twoOf = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
const notAuthor = { runbook: f.runbook({ approval: { group: 'web-approvers', notAuthor: true } }) };
const ownApproval = {
  runbook: f.runbook({
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }], expires: '15m' } },
  }),
};
const glass = {
  policy: f.policy({ breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } } }),
};
const broken = f.after([f.anyOf.propose, f.anyOf['break-glass']], glass);
const admins = { policy: f.policy({ admins: 'admins', delegation: { to: 'web-approvers' } }) };
const control = newRun(CONTROL);

describe('what somebody tried and may not do', () => {
  const asNadia = f.after([{ ...f.anyOf.propose, by: nadia } as Command]);
  const cases: [code: RefusalCode, run: Run, command: Command, change?: Partial<Facts>][] = [
    ['not-approver', asked, f.command('approve', f.stranger, {})],
    ['self-approval', asNadia, f.command('approve', nadia, {})],
    ['author-approval', f.after([f.anyOf.propose], notAuthor), f.command('approve', nadia, {}), notAuthor],
    ['not-requester', asked, f.command('withdraw', f.stranger, { reason: '' })],
    ['not-admin', control, f.command('stop', f.arne, { reason: 'x' }), admins],
    [
      'not-commander',
      f.after([f.anyOf.propose], glass),
      f.command('break-glass', f.olivia, { reason: 'x' }),
      glass,
    ],
    ['not-reviewer', broken, f.command('review', f.mia, { verdict: 'justified', note: 'x' }), glass],
    ['self-review', broken, f.command('review', f.arne, { verdict: 'justified', note: 'x' }), glass],
    ['not-delegate', control, f.anyOf.delegate, admins],
    ['membership-unknown', asked, f.anyOf.approve, { actorGroups: away }],
  ];
  for (const [code, run, command, change] of cases)
    it(`is in the record: ${code}`, () => {
      const { events, ...rest } = decided(run, command, change);
      assert.equal('refusal' in rest && rest.refusal.code, code);
      assert.deepEqual(events.at(-1), {
        type: 'command-refused',
        data: { command: command.name, code, revision: run.approval?.revision ?? 0 },
      });
    });

  it('is no slip: an old card, or the wrong moment', () => {
    for (const [code, command] of [
      ['stale-card', f.command('approve', f.arne, { revision: 9 })],
      ['reason-needed', f.command('reject', f.arne, { reason: '' })],
      ['not-approved', f.anyOf.dispatch],
    ] as const)
      assert.equal(said(decided(asked, command)), code);
  });

  it('is in the record once for each person, command and plan', () => {
    const tried = f.play(asked, f.command('approve', f.stranger, {})).run;
    const again = (by: string, name: 'approve' | 'narrow' = 'approve') =>
      said(decided(tried, { ...f.anyOf[name], by: f.person(by) } as Command));
    assert.equal(again('stranger'), 'not-approver');
    assert.equal(again('other'), 'not-approver + command-refused');
    assert.equal(again('stranger', 'narrow'), 'not-approver + command-refused');
    const moved = { world: f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'checkout' } })) }) };
    const second = f.play(tried, f.anyOf.approve, moved).run;
    const { events } = decided(second, f.command('approve', f.stranger, { revision: 2 }), moved);
    assert.deepEqual(events, [
      { type: 'command-refused', data: { command: 'approve', code: 'not-approver', revision: 2 } },
    ]);
  });

  it('is about the plan of the rollback when that is asked for', () => {
    const run = f.after([...f.remediating, f.result('recycle-pool', 'failed')], ownApproval);
    const { events } = decided(run, f.command('approve', f.stranger, { revision: 2 }), ownApproval);
    assert.deepEqual(events, [
      { type: 'command-refused', data: { command: 'approve', code: 'not-approver', revision: 2 } },
    ]);
  });
});

describe('a run that is over', () => {
  const [vote] = decided(asked, f.anyOf.reject).events;
  assert.ok(vote);
  /** Rejected, and the end is not stored yet. */
  const ending = f.store(asked, f.anyOf.reject, [vote]);
  const rejected = f.after([f.anyOf.propose, f.anyOf.reject]);
  const bothApproved = [f.anyOf.approve, f.command('approve', f.mia, {}), f.anyOf.withdraw].reduce(
    (run, command) => f.play(run, command, twoOf).run,
    f.after([f.anyOf.propose], twoOf),
  );

  const cases: [what: string, run: Run, command: Command, want: string][] = [
    ['takes no vote', rejected, f.anyOf.approve, 'already-ended'],
    ['takes no vote while its end is not stored yet', ending, f.anyOf.approve, 'already-ended'],
    ['gets its end stored', ending, f.anyOf.advance, 'run-closed'],
    ['gets it once', rejected, f.anyOf.advance, 'already-ended'],
    ['is not withdrawn while its end is not stored yet', ending, f.anyOf.withdraw, 'already-ended'],
    ['says nothing new to whoever rejected it again', rejected, f.anyOf.reject, 'nothing'],
    ['says nothing new to them while its end is not stored yet', ending, f.anyOf.reject, 'nothing'],
    [
      'says it has ended to whoever would have rejected it too',
      rejected,
      f.command('reject', f.mia, { reason: 'x' }),
      'already-ended',
    ],
    ['says nothing new to the first who approved it', bothApproved, f.anyOf.approve, 'nothing'],
    [
      'says nothing new to the second who approved it',
      bothApproved,
      f.command('approve', f.mia, {}),
      'nothing',
    ],
    ['says it has ended to them when they reject it', bothApproved, f.anyOf.reject, 'already-ended'],
    ['still has its card', rejected, f.anyOf['card-posted'], 'card-posted'],
    ['still tells people', rejected, f.anyOf.reported, 'reported'],
    ['still has its review', rejected, f.anyOf.review, 'no-review'],
    ['still reminds of that', rejected, f.anyOf.remind, 'nothing'],
  ];
  for (const [what, run, command, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(decided(run, command)), want));
});

describe('what is recorded beside the decisions', () => {
  const cases: [command: Command, run: Run, want: RunEvent][] = [
    [
      f.command('card-posted', f.anyOf.advance.by, { conversation: 'c', activity: 'a' }),
      asked,
      { type: 'card-posted', data: { conversation: 'c', activity: 'a' } },
    ],
    [
      f.command('reported', f.anyOf.advance.by, { key: 'k', note: 'n' }),
      asked,
      { type: 'reported', data: { key: 'k', note: 'n' } },
    ],
    [
      f.command('reported', f.anyOf.advance.by, { key: 'k', note: '', seen: { state: '2' }, left: 'taken' }),
      asked,
      { type: 'reported', data: { key: 'k', note: '', seen: { state: '2' }, left: 'taken' } },
    ],
    [
      f.command('wait', f.anyOf.advance.by, { holder: 'h' }),
      f.after(f.approved),
      { type: 'dispatch-waiting', data: { holder: 'h' } },
    ],
  ];
  for (const [command, run, want] of cases)
    it(`is as it was said, once: ${want.type}`, () => {
      assert.deepEqual(decided(run, command).events, [want]);
      const twice = decided(f.play(run, command).run, command);
      assert.equal(said(twice), want.type === 'card-posted' ? 'card-known' : 'nothing');
    });

  it('is another run that is waited for when it is another', () => {
    const waiting = f.play(f.after(f.approved), f.anyOf.wait).run;
    assert.equal(
      said(decided(waiting, f.command('wait', f.anyOf.wait.by, { holder: 'third' }))),
      'dispatch-waiting',
    );
    assert.equal(said(decided(asked, f.anyOf.wait)), 'not-approved');
  });
});
