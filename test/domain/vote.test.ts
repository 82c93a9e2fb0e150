import assert from 'node:assert/strict';
import type { Command } from '../../src/domain/commands.ts';
import type { Facts, StandIn } from '../../src/domain/decision.ts';
import type { Run } from '../../src/domain/run.ts';
import { type Admitted, admit, askedNow, isSame, voteEvent } from '../../src/domain/vote.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'the directory did not answer' } as const;

type Vote = Parameters<typeof admit>[1];
const verbs = ['approve', 'reject', 'narrow', 'break-glass'] as const;
/** A vote of some kind; without a revision it was typed. */
const vote = (name: Vote['name'], by: Vote['by'], revision?: number): Vote => {
  const shown = revision === undefined ? {} : { revision };
  const rest = {
    approve: {},
    reject: { reason: 'wrong server' },
    narrow: { values: {} },
    'break-glass': { reason: 'the shop is down' },
  }[name];
  return { name, by, origin: { conversation: '', activity: '' }, ...rest, ...shown } as Vote;
};

/** What becomes of a vote: the groups it may count for, `nothing`, or why it is refused and what is stored then. */
const said = (run: Run, command: Vote, change: Partial<Facts> = {}): string => {
  const admitted = admit(run, command, f.facts(command.by, change));
  if (!('ok' in admitted)) {
    const { groups, standsInFor } = admitted;
    return `for ${groups.join(' and ')}${standsInFor ? ` instead of ${standsInFor.name}` : ''}`;
  }
  if (admitted.ok) return f.types(admitted);
  const stored = admitted.events.length > 0 ? ` + ${f.types(admitted)}` : '';
  return `${admitted.refusal.code}${stored}`;
};

const two = { runbook: f.runbook({ approval: { group: 'web-approvers', quorum: 2 } }) };
const glass = {
  policy: f.policy({ breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } } }),
};
const moved = { world: f.world({ ci: ok(f.ci({ fields: { u_app_pool: 'checkout' } })) }) };
const asked = f.after([f.anyOf.propose]);
const askedByOlivia = f.after([{ ...f.anyOf.propose, by: f.olivia } as Command]);
const askedOfTwo = f.after([f.anyOf.propose], two);
const askedTwice = f.play(asked, f.anyOf.approve, moved).run;
const broken = f.after([f.anyOf.propose, f.anyOf['break-glass']], glass);
const undo = {
  runbook: f.runbook({
    rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers' }], expires: '15m' } },
  }),
};
const askedToUndo = f.after([...f.remediating, f.result('recycle-pool', 'failed'), f.anyOf.advance], undo);

describe('a vote', () => {
  const cases: [when: string, run: Run, command: Vote, change: Partial<Facts>, want: string][] = [
    ['of a member counts', asked, vote('approve', f.arne), {}, 'for web-approvers'],
    [
      'of a part of the system never does',
      asked,
      vote('approve', { kind: 'system', name: 'timer' }),
      { actorGroups: ok(['web-approvers']) },
      'not-a-person',
    ],
    [
      'on a run whose values are missing has no plan to be about',
      f.after([f.anyOf.propose], { world: f.world({ ci: ok(f.ci({ fields: {} })) }) }),
      vote('approve', f.arne),
      {},
      'parameters-missing',
    ],
    [
      'that was given before changes nothing',
      f.play(askedOfTwo, f.anyOf.approve, two).run,
      vote('approve', f.arne),
      {},
      'nothing',
    ],
    [
      'of somebody else is not that one',
      f.play(askedOfTwo, f.anyOf.approve, two).run,
      vote('approve', f.mia),
      {},
      'for web-approvers',
    ],
    [
      'in the other direction is not that one either',
      f.play(askedOfTwo, f.anyOf.approve, two).run,
      vote('reject', f.arne),
      {},
      'for web-approvers',
    ],
    ['on an approved run comes too late', f.after(f.approved), vote('approve', f.mia), {}, 'already-decided'],
    ['given again after that is still the same', f.after(f.approved), vote('approve', f.arne), {}, 'nothing'],
    [
      'on the run says nothing about its rollback',
      askedToUndo,
      vote('approve', f.arne, 2),
      {},
      'for web-approvers',
    ],
    ['breaks the same glass once', broken, vote('break-glass', f.arne), glass, 'nothing'],
    [
      'breaks no glass that somebody else broke',
      broken,
      vote('break-glass', f.mia),
      glass,
      'already-decided',
    ],
    [
      'breaks no glass where people have approved',
      f.after(f.approved),
      vote('break-glass', f.arne),
      glass,
      'already-decided',
    ],
    [
      'on a card that cannot be looked up is not counted',
      asked,
      vote('approve', f.arne, 1),
      { shownCard: away },
      'facts-unknown',
    ],
    [
      'on a card that was never drawn is not counted',
      asked,
      vote('approve', f.arne, 1),
      { shownCard: ok(false) },
      'stale-card',
    ],
    ['on a later plan than there is is not counted', asked, vote('approve', f.arne, 2), {}, 'stale-card'],
    ['on an earlier plan is not counted', askedTwice, vote('approve', f.arne, 1), {}, 'stale-card'],
    ['on the plan as it is now counts', askedTwice, vote('approve', f.arne, 2), {}, 'for web-approvers'],
    [
      'counts up to the last moment',
      asked,
      vote('approve', f.arne),
      { now: new Date(f.minutes(30).getTime() - 1) },
      'for web-approvers',
    ],
    [
      'ends the run when its time is over',
      asked,
      vote('approve', f.arne),
      { now: f.minutes(30) },
      'expired + run-closed',
    ],
    [
      'leaves a rollback whose time is over to the end of it',
      askedToUndo,
      vote('approve', f.arne, 2),
      { now: f.minutes(15) },
      'expired',
    ],
    [
      'of a member of none of the groups does not count',
      asked,
      vote('approve', f.stranger),
      {},
      'not-approver',
    ],
    [
      'of somebody whose groups cannot be read does not count',
      asked,
      vote('approve', f.arne),
      { actorGroups: away },
      'membership-unknown',
    ],
    [
      'of no member does not count when nobody can tell for whom they stand in',
      asked,
      vote('approve', f.stranger),
      { standIns: away },
      'membership-unknown',
    ],
    [
      'of a member does not need to know that',
      asked,
      vote('approve', f.arne),
      { standIns: away },
      'for web-approvers',
    ],
  ];
  for (const [when, run, command, change, want] of cases)
    it(`${when}: ${want}`, () => assert.equal(said(run, command, change), want));

  for (const name of verbs)
    it(`that is typed (${name}) means the first plan${name === 'reject' ? ', or whichever is asked for' : ''}`, () => {
      assert.equal(said(asked, vote(name, f.arne)), 'for web-approvers');
      assert.equal(
        said(askedTwice, vote(name, f.arne)),
        name === 'reject' ? 'for web-approvers' : 'stale-card',
      );
    });

  it('says what could not be read', () => {
    for (const change of [
      { shownCard: away },
      { actorGroups: away },
      { actorGroups: ok([]), standIns: away },
    ]) {
      const decided = admit(asked, vote('approve', f.arne), f.facts(f.arne, change));
      assert.ok('ok' in decided && !decided.ok);
      assert.equal(decided.refusal.message, 'the directory did not answer');
    }
  });

  it('that comes too late says until when it could have been given', () => {
    const decided = askedNow(asked, vote('approve', f.arne), f.facts(f.arne, { now: f.minutes(30) }));
    assert.ok('ok' in decided);
    const [end] = decided.events;
    assert.ok(end?.type === 'run-closed');
    assert.deepEqual(
      [end.data.outcome, end.data.reason],
      ['expired', 'nobody decided until 2026-11-22T09:30:00.000Z'],
    );
  });
});

describe('separation of duties', () => {
  const own = { runbook: f.runbook({ approval: { group: 'web-approvers', notAuthor: true } }) };
  const byNadia = f.after([f.anyOf.propose], own);
  const member = { actorGroups: ok(['web-approvers']) };
  const open = {
    runbook: f.runbook({
      parameters: { pool: { type: 'string', title: 'Pool', ask: 'always', from: ['ci.u_app_pool'] } },
    }),
  };
  const confirmed = f.after([f.anyOf.propose, f.anyOf['confirm-parameters']], open);

  for (const name of verbs) {
    it(`keeps whoever asked for it away from: ${name}`, () =>
      assert.equal(said(askedByOlivia, vote(name, f.olivia), member), 'self-approval'));

    it(`keeps whoever chose its values away from: ${name}`, () =>
      assert.equal(said(confirmed, vote(name, f.olivia), member), 'self-approval'));

    it(`${name === 'reject' ? 'lets the author' : 'keeps the author away from'}: ${name}`, () =>
      assert.equal(
        said(byNadia, vote(name, f.person('nadia'))),
        name === 'reject' ? 'for web-approvers' : 'author-approval',
      ));
  }

  it('keeps each of them away where one asked for it and another chose its values', () => {
    const asks = { ...f.anyOf.propose, by: f.olivia } as Command;
    const nadia = f.person('nadia');
    const run = f.after([asks, f.command('confirm-parameters', nadia, { values: { pool: 'shop' } })], open);
    assert.equal(said(run, vote('approve', f.olivia), member), 'self-approval');
    assert.equal(said(run, vote('approve', nadia), member), 'self-approval');
    assert.equal(said(run, vote('approve', f.arne), member), 'for web-approvers');
  });

  it('lets the author approve where the policy does not mind', () =>
    assert.equal(said(asked, vote('approve', f.person('nadia'))), 'for web-approvers'));
});

describe('somebody who stands in', () => {
  const tiers = { policy: f.policy({ tiers: [{ name: 'all', approvers: [{ group: 'web-operations' }] }] }) };
  const both = f.after([f.anyOf.propose], tiers);
  const as = (...standIns: StandIn[]): Partial<Facts> => ({ standIns: ok(standIns) });
  const forArne: StandIn = { from: f.arne, groups: ['web-approvers'] };
  const wilma = f.person('wilma');
  const notAuthor = { runbook: f.runbook({ approval: { group: 'web-approvers', notAuthor: true } }) };
  const arneVoted = f.play(askedOfTwo, f.anyOf.approve, two).run;
  const wilmaVoted = f.play(askedOfTwo, vote('approve', wilma), { ...two, ...as(forArne) }).run;

  const cases: [when: string, run: Run, change: Partial<Facts>, want: string][] = [
    ['votes for who let them', asked, as(forArne), 'for web-approvers instead of arne'],
    [
      'votes as themselves where they are a member',
      asked,
      { ...as(forArne), actorGroups: ok(['x', 'web-approvers']) },
      'for web-approvers',
    ],
    [
      'counts for the groups of the other that are asked',
      both,
      as({ from: f.arne, groups: ['x', 'web-operations', 'web-approvers'] }),
      'for web-approvers and web-operations instead of arne',
    ],
    ['counts for one group when the other is in one', both, as(forArne), 'for web-approvers instead of arne'],
    ['cannot vote for a member of another group', asked, as({ from: f.arne, groups: ['x'] }), 'not-approver'],
    [
      'cannot vote for who asked for it',
      askedByOlivia,
      as({ from: f.olivia, groups: ['web-approvers'] }),
      'not-approver',
    ],
    [
      'cannot vote for the author, who may not',
      f.after([f.anyOf.propose], notAuthor),
      as({ from: f.person('nadia'), groups: ['web-approvers'] }),
      'not-approver',
    ],
    ['cannot vote for who has voted', arneVoted, as(forArne), 'not-approver'],
    [
      'can vote for another where one has voted',
      arneVoted,
      as(forArne, { from: f.mia, groups: ['web-approvers'] }),
      'for web-approvers instead of mia',
    ],
  ];
  for (const [when, run, change, want] of cases)
    it(`${when}: ${want}`, () => assert.equal(said(run, vote('approve', wilma), change), want));

  it('cannot vote for whom somebody else has voted for', () =>
    assert.equal(said(wilmaVoted, vote('approve', f.person('walter')), as(forArne)), 'not-approver'));

  it('is one of a group that was asked as well since', () => {
    const approval = { group: 'web-approvers', escalate: { after: '10m', to: 'web-operations' } };
    const escalates = { runbook: f.runbook({ approval }), now: f.minutes(10) };
    const run = f.play(
      f.after([f.anyOf.propose], { runbook: escalates.runbook }),
      f.anyOf.escalate,
      escalates,
    ).run;
    const change = { ...escalates, ...as({ from: f.olivia, groups: ['web-operations'] }) };
    assert.equal(said(run, vote('approve', wilma), change), 'for web-operations instead of olivia');
    assert.equal(said(run, vote('approve', f.olivia), escalates), 'for web-operations');
  });
});

describe('the event of a vote', () => {
  const approval = asked.approval;
  assert.ok(approval);
  const admitted: Admitted = { approval, by: f.arne, groups: ['web-approvers'] };
  const least = { digest: approval.digest, revision: 1, groups: ['web-approvers'] };

  it('names the plan, the groups it counts for and the reason', () =>
    assert.deepEqual(voteEvent(admitted, 'reject', 'wrong server', undefined), {
      type: 'vote-cast',
      data: { verb: 'reject', reason: 'wrong server', ...least },
    }));

  it('names the card that was seen, and for whom it was given', () =>
    assert.deepEqual(voteEvent({ ...admitted, standsInFor: f.mia }, 'approve', '', 'c'.repeat(64)), {
      type: 'vote-cast',
      data: { verb: 'approve', reason: '', ...least, card: 'c'.repeat(64), standsInFor: f.mia },
    }));
});

describe('the same person', () => {
  it('has the same id, whatever the name is', () => {
    assert.equal(isSame(f.arne, { ...f.arne, name: 'Arne B.' }), true);
    assert.equal(isSame({ ...f.person('other'), name: f.arne.name }, f.arne), false);
    assert.equal(isSame({ kind: 'system', name: 'engine' }, f.arne), false);
  });
});
