import assert from 'node:assert/strict';
import {
  type Approval,
  approversOf,
  askedGroups,
  askedOf,
  decidedAt,
  isApproved,
  lacksSecondPerson,
  progress,
  rejectionIn,
  ruledBy,
  type Vote,
} from '../../src/domain/approval.ts';
import type { EventData } from '../../src/domain/events.ts';
import { type Actor, system } from '../../src/domain/people.ts';
import * as f from '../fakes/domain.ts';

const at = (n: number): string => f.minutes(n).toISOString();
const plan = f.after([f.anyOf.propose]).approval?.plan ?? assert.fail();
/** An approval as it was asked for before there was more to say than this. */
const least: EventData<'approval-requested'> = {
  plan,
  digest: 'd',
  revision: 1,
  group: 'web',
  quorum: 2,
  expiresAt: at(30),
  changes: [],
};
const approval = (change: Partial<Approval> = {}): Approval => ({ ...askedOf(least, at(0)), ...change });
const vote = (by: Actor, change: Partial<Vote> = {}): Vote => ({
  by,
  verb: 'approve',
  revision: 1,
  reason: '',
  at: at(1),
  groups: ['web'],
  ...change,
});
const glassBy = (by: Actor): { readonly glass: NonNullable<Approval['glass']> } => ({
  glass: { by, at: at(5), reason: 'down', overridden: [], reviewGroup: 'ops', reviewBy: at(99) },
});

describe('an approval as it was asked for', () => {
  it('starts with no votes and no reminder, and what is not said is not asked', () => {
    assert.deepEqual(askedOf(least, at(3)), {
      plan,
      digest: 'd',
      revision: 1,
      expiresAt: at(30),
      changes: [],
      phase: 'run',
      tier: '',
      authors: [],
      requirements: [{ group: 'web', needed: 2 }],
      fourEyes: false,
      askedAt: at(3),
      reminded: 0,
      votes: [],
    });
  });

  it('has everything that was asked', () => {
    const more = {
      phase: 'rollback',
      tier: 'high',
      authors: ['nadia'],
      requirements: [{ group: 'web', needed: 1, of: 3 }],
      fourEyes: true,
      remindEvery: 60_000,
      escalateAt: at(10),
      escalateTo: 'duty',
      notBefore: at(20),
      changes: ['the environment changed'],
    } as const;
    const asked = askedOf(
      {
        ...least,
        ...more,
        authors: ['nadia'],
        requirements: [...more.requirements],
        changes: [...more.changes],
      },
      at(0),
    );
    assert.deepEqual({ ...asked, ...more }, asked);
  });

  it('by a rule of the policy has nobody to ask, and ends with the rule', () => {
    const ruled = { plan, digest: 'd', revision: 2, rule: 'low risk', owner: 'web', until: at(60) };
    const want = {
      plan,
      digest: 'd',
      revision: 2,
      rule: 'low risk',
      phase: 'run',
      requirements: [],
      tier: '',
      fourEyes: false,
      authors: [],
      askedAt: at(3),
      expiresAt: at(60),
      reminded: 0,
      changes: [],
      votes: [],
    };
    assert.deepEqual(ruledBy(ruled, at(3)), want);
    assert.equal(ruledBy({ ...ruled, plan: { ...plan, tier: 'low' } }, at(3)).tier, 'low');
  });
});

describe('who is asked', () => {
  const requirements = [
    { group: 'web', needed: 1 },
    { group: 'db', needed: 1 },
  ];

  it('is each group once, and the one it was escalated to', () => {
    assert.deepEqual(askedGroups(approval({ requirements })), ['web', 'db']);
    assert.deepEqual(askedGroups(approval({ requirements, escalated: 'duty' })), ['web', 'db', 'duty']);
    assert.deepEqual(askedGroups(approval({ requirements, escalated: 'db' })), ['web', 'db']);
  });

  const who = (given: Approval) =>
    progress(given).map(({ group, by }) => `${group}: ${by.map(({ name }) => name)}`);

  it('has agreed as far as people of the groups have approved', () => {
    assert.deepEqual(who(approval({ requirements, votes: [vote(f.arne)] })), ['web: arne', 'db: ']);
    const others = [vote(f.arne, { verb: 'reject' }), vote(system('policy'))];
    assert.deepEqual(who(approval({ requirements, votes: others })), ['web: ', 'db: ']);
  });

  it('may be replaced by the group it was escalated to, and only then', () => {
    const votes = [vote(f.arne, { groups: ['duty'] }), vote(f.mia, { groups: ['duty'] })];
    assert.deepEqual(who(approval({ requirements, votes })), ['web: ', 'db: ']);
    const replaced = progress(approval({ requirements, votes, escalated: 'duty' }));
    assert.deepEqual(
      replaced.map(({ by }) => by.length),
      [1, 1],
    );
    assert.deepEqual(who(approval({ requirements, votes, escalated: 'other' })), ['web: ', 'db: ']);
  });

  it('counts an approver and whoever stands in for them as one', () => {
    const instead = vote(f.person('wilma'), { standsInFor: f.arne });
    const given = approval({ votes: [instead, vote(f.arne)] });
    assert.equal(progress(given)[0]?.by.length, 1);
    assert.equal(progress(approval({ votes: [instead, vote(f.mia)] }))[0]?.by.length, 2);
  });
});

describe('an approval is given', () => {
  const one = approval({ requirements: [{ group: 'web', needed: 1 }] });
  const given = { ...one, votes: [vote(f.arne)] };

  const cases: [when: string, given: Approval | undefined, requester: Actor | undefined, want: boolean][] = [
    ['nothing was asked', undefined, f.olivia, false],
    ['nobody has voted', one, f.olivia, false],
    ['enough people have approved', given, f.olivia, true],
    ['too few people have approved', approval({ votes: [vote(f.arne)] }), f.olivia, false],
    ['a rule decided', { ...approval(), rule: 'low risk' }, undefined, true],
    ['somebody broke the glass', { ...approval(), ...glassBy(f.arne) }, undefined, true],
    ['two pairs of eyes are wanted, and a person asked for it', { ...given, fourEyes: true }, f.olivia, true],
    [
      'two pairs of eyes are wanted, and nobody asked for it',
      { ...given, fourEyes: true },
      system('servicenow'),
      false,
    ],
    [
      'two pairs of eyes are wanted, and nobody knows who asked',
      { ...given, fourEyes: true },
      undefined,
      false,
    ],
    [
      'two pairs of eyes are wanted, and two have approved',
      { ...given, fourEyes: true, votes: [vote(f.arne), vote(f.mia)] },
      system('servicenow'),
      true,
    ],
    [
      'two pairs of eyes are wanted, and who asked is who approved',
      { ...given, fourEyes: true },
      f.arne,
      false,
    ],
  ];
  for (const [when, asked, requester, want] of cases)
    it(`${want ? 'when' : 'not when'} ${when}`, () => assert.equal(isApproved(asked, requester), want));

  it('by one pair of eyes only where two are wanted', () => {
    assert.equal(lacksSecondPerson(given, undefined), false);
    assert.equal(lacksSecondPerson({ ...given, fourEyes: true }, undefined), true);
    assert.equal(lacksSecondPerson({ ...one, fourEyes: true }, f.olivia), true, 'nobody has approved');
  });
});

describe('what has been said', () => {
  const rejection = vote(f.mia, { verb: 'reject' });

  it('names the people who approved, each once, and whoever broke the glass', () => {
    const named = (given: Approval) => approversOf(given).map(({ name }) => name);
    assert.deepEqual(named(approval()), []);
    const votes = [vote(f.arne), rejection, vote(f.arne), vote(system('policy'))];
    assert.deepEqual(named(approval({ votes })), ['arne']);
    assert.deepEqual(named(approval({ votes, ...glassBy(f.mia) })), ['arne', 'mia']);
    assert.deepEqual(named(approval({ ...glassBy(system('engine')) })), []);
  });

  it('is a rejection as soon as one is there', () => {
    assert.equal(rejectionIn(approval({ votes: [vote(f.arne), rejection] })), rejection);
    assert.equal(rejectionIn(approval({ votes: [vote(f.arne)] })), undefined);
    assert.equal(rejectionIn(undefined), undefined);
  });

  it('is as old as the last of the votes, the broken glass and the opening they are for', () => {
    const latest = (change: Partial<Approval>) => new Date(decidedAt(approval(change))).toISOString();
    const votes = [vote(f.arne, { at: at(2) }), vote(f.mia, { at: at(1) })];
    assert.equal(latest({ votes }), at(2));
    assert.equal(latest({ votes, ...glassBy(f.arne) }), at(5));
    assert.equal(latest({ votes, notBefore: at(20) }), at(20));
    assert.equal(latest({ votes, notBefore: at(1) }), at(2));
  });
});
