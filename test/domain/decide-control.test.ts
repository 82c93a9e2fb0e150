import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import { CONTROL } from '../../src/domain/control.ts';
import { delegate, endDelegation, resume, stop } from '../../src/domain/decide-control.ts';
import type { Decided, Facts } from '../../src/domain/decision.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import { newRun, type Run } from '../../src/domain/run.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'the directory did not answer' } as const;
type Of<N extends Command['name']> = Extract<Command, { name: N }>;
const of = <N extends Command['name']>(name: N, by: Actor, more: Partial<Of<N>> = {}): Of<N> =>
  ({ ...f.anyOf[name], by, ...more }) as Of<N>;
const said = (decided: Decided): string => (decided.ok ? f.types(decided) : decided.refusal.code);
const messageOf = (decided: Decided): string => (decided.ok ? '' : decided.refusal.message);

const DAY = 86_400_000;
const at = (ms: number): string => new Date(f.T0.getTime() + ms).toISOString();
const policy = f.policy({ admins: 'admins', delegation: { to: 'web-approvers', most: '2d' } });
const facts = (by: Actor, change: Partial<Facts> = {}): Facts =>
  f.facts(by, { policy, delegateGroups: ok(['x', 'web-approvers']), ...change });

const quiet = newRun(CONTROL);
const stopped = f.store(quiet, f.anyOf.stop, [{ type: 'dispatch-stopped', data: { reason: 'bad release' } }]);

describe('stopping everything', () => {
  const cases: [what: string, run: Run, command: Of<'stop'>, change: Partial<Facts>, want: string][] = [
    ['is for administrators', quiet, of('stop', f.ada), {}, 'dispatch-stopped'],
    ['is for nobody else', quiet, of('stop', f.arne), {}, 'not-admin'],
    [
      'is for nobody where the policy names no administrators',
      quiet,
      of('stop', f.ada),
      { policy: f.policy() },
      'not-admin',
    ],
    [
      'is for no part of the system',
      quiet,
      of('stop', system('timer')),
      { actorGroups: ok(['admins']) },
      'not-a-person',
    ],
    [
      'is for nobody whose groups cannot be read',
      quiet,
      of('stop', f.ada),
      { actorGroups: away },
      'membership-unknown',
    ],
    ['takes a reason', quiet, of('stop', f.ada, { reason: ' ' }), {}, 'reason-needed'],
    ['changes nothing the second time', stopped, of('stop', f.ada, { reason: 'another' }), {}, 'nothing'],
    ['is refused to others the second time as well', stopped, of('stop', f.arne), {}, 'not-admin'],
  ];
  for (const [what, run, command, change, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(stop(run, command, facts(command.by, change))), want));

  it('is recorded with its reason', () =>
    assert.deepEqual(stop(quiet, of('stop', f.ada, { reason: ' bad release ' }), facts(f.ada)).events, [
      { type: 'dispatch-stopped', data: { reason: 'bad release' } },
    ]));

  it('says why it is refused', () => {
    const unread = facts(f.ada, { actorGroups: away });
    assert.equal(messageOf(stop(quiet, of('stop', f.ada), unread)), away.why);
    const blank = of('stop', f.ada, { reason: '' });
    assert.equal(messageOf(stop(quiet, blank, facts(f.ada))), 'Say why everything has to stop.');
  });
});

describe('resuming everything', () => {
  const cases: [what: string, run: Run, command: Of<'resume'>, want: string][] = [
    ['is for administrators', stopped, of('resume', f.ada), 'dispatch-resumed'],
    ['is for nobody else', stopped, of('resume', f.arne), 'not-admin'],
    ['needs something that is stopped', quiet, of('resume', f.ada), 'not-stopped'],
  ];
  for (const [what, run, command, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(resume(run, command, facts(command.by))), want));

  it('is recorded with its reason, if there is one', () => {
    const reasonOf = (reason: string) =>
      resume(stopped, of('resume', f.ada, { reason }), facts(f.ada)).events;
    assert.deepEqual(reasonOf(' fixed '), [{ type: 'dispatch-resumed', data: { reason: 'fixed' } }]);
    assert.deepEqual(reasonOf(''), [{ type: 'dispatch-resumed', data: { reason: '' } }]);
  });
});

const until = at(DAY);
const arneToMia = { from: f.arne, to: f.mia, until, reason: 'away' };
const handedOn = f.store(quiet, f.anyOf.delegate, [{ type: 'vote-delegated', data: arneToMia }]);

describe('letting somebody else vote', () => {
  const to = (more: Partial<Of<'delegate'>> = {}, by: Actor = f.arne) =>
    of('delegate', by, { until, ...more });
  const done = 'vote-delegated';

  const cases: [what: string, run: Run, command: Of<'delegate'>, change: Partial<Facts>, want: string][] = [
    ['takes a member of the group for it', quiet, to(), {}, done],
    ['is for people', quiet, to({}, system('timer')), {}, 'not-a-person'],
    [
      'is for nobody where the policy does not allow it',
      quiet,
      to(),
      { policy: f.policy() },
      'delegation-closed',
    ],
    ['does not reach another tenant', quiet, to({ to: f.person('mia', 'other') }), {}, 'not-delegate'],
    ['is not done to oneself', quiet, to({ to: f.arne }), {}, 'not-delegate'],
    ['does not reach who is not in the group', quiet, to(), { delegateGroups: ok(['x']) }, 'not-delegate'],
    ['does not reach who cannot be looked up', quiet, to(), { delegateGroups: away }, 'membership-unknown'],
    ['lasts as long as the policy allows', quiet, to({ until: at(2 * DAY) }), {}, done],
    ['lasts no longer', quiet, to({ until: at(2 * DAY + 1) }), {}, 'not-delegate'],
    ['ends after now', quiet, to({ until: at(1) }), {}, done],
    ['does not end now', quiet, to({ until: at(0) }), {}, 'not-delegate'],
    ['changes nothing when it is the same again', handedOn, to({ reason: ' away ' }), {}, 'nothing'],
    ['may be for another person', handedOn, to({ to: f.person('nadia') }), {}, done],
    ['may be for another time', handedOn, to({ until: at(DAY + 1) }), {}, done],
    ['may be for another reason', handedOn, to({ reason: 'ill' }), {}, done],
    ['of one person is not that of another', handedOn, to({}, f.person('nadia')), {}, done],
  ];
  for (const [what, run, command, change, want] of cases)
    it(`${what}: ${want}`, () => assert.equal(said(delegate(run, command, facts(command.by, change))), want));

  it('is recorded with who, for whom, until when and why', () =>
    assert.deepEqual(delegate(quiet, to({ reason: ' away ' }), facts(f.arne)).events, [
      { type: 'vote-delegated', data: arneToMia },
    ]));

  it('says why it is refused', () => {
    const refused = (command: Of<'delegate'>, change: Partial<Facts> = {}) =>
      messageOf(delegate(quiet, command, facts(f.arne, change)));
    assert.equal(refused(to(), { delegateGroups: away }), away.why);
    assert.equal(refused(to(), { delegateGroups: ok([]) }), 'mia is not in web-approvers.');
    assert.equal(
      refused(to({ until: at(0) })),
      'It may last until 2026-11-24T09:00:00.000Z at most, and must end after now.',
    );
  });
});

describe('taking a vote back', () => {
  for (const [what, run, by, want] of [
    ['ends what one has handed on', handedOn, f.arne, 'delegation-ended'],
    ['ends nothing of others', handedOn, f.mia, 'nothing'],
    ['changes nothing where nothing is handed on', quiet, f.arne, 'nothing'],
    ['is for people', handedOn, system('timer'), 'not-a-person'],
  ] as const)
    it(`${what}: ${want}`, () =>
      assert.equal(said(endDelegation(run, of('end-delegation', by), facts(by))), want));

  it('is recorded with whose it was', () =>
    assert.deepEqual(endDelegation(handedOn, of('end-delegation', f.arne), facts(f.arne)).events, [
      { type: 'delegation-ended', data: { from: f.arne } },
    ]));
});
