import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ApprovalTerms,
  neededOf,
  needsSize,
  Quorum,
  Requirement,
  sizeAtLeast,
} from '../../src/domain/approval-rule.ts';

const messageOf = (input: unknown): string | undefined => Quorum.safeParse(input).error?.issues[0]?.message;

describe('a quorum', () => {
  for (const quorum of [1, 20, 'any', 'all', '1 of 1', '2 of 5', '99 of 999', '1%', '50%', '100%'])
    it(`may be ${quorum}`, () => assert.equal(Quorum.parse(quorum), quorum));

  for (const impossible of ['0 of 5', '3 of 2', '10 of 9', '0%', '101%', '999%'])
    it(`can never be reached by ${impossible}, and says what to write`, () => {
      assert.equal(messageOf(impossible), 'can never be reached: write e.g. 2 of 5, or 1% to 100%');
    });

  for (const text of [
    '',
    'most',
    'any one',
    'not all',
    '2of5',
    '-1 of 5',
    '2 of',
    '100 of 200',
    '2 of 1000',
    '50',
    '50 %',
    '1000%',
    '2 of 5 people',
    'x50%',
  ])
    it(`is not guessed from ${JSON.stringify(text)}`, () => {
      const wrong = Quorum.safeParse(text).error;
      assert.match(JSON.stringify(wrong?.issues), /expected a number, any, all, 2 of 5 or 50%/);
    });

  for (const [number, why] of [
    [0, 'at least 1'],
    [-1, 'at least 1'],
    [21, 'at most 20'],
    [1.5, 'int'],
  ] as const)
    it(`is not ${number} people`, () => {
      assert.match(JSON.stringify(Quorum.safeParse(number).error?.issues), new RegExp(why));
    });

  for (const [quorum, eligible, needed] of [
    [3, 10, 3],
    ['any', 10, 1],
    ['all', 10, 10],
    ['all', 0, 1],
    ['2 of 5', 10, 2],
    ['12 of 15', 0, 12],
    ['50%', 10, 5],
    ['50%', 5, 3],
    ['34%', 3, 2],
    ['33%', 3, 1],
    ['1%', 2, 1],
    ['10%', 0, 1],
    ['100%', 7, 7],
  ] as const)
    it(`of ${quorum} among ${eligible} is ${needed}`, () => assert.equal(neededOf(quorum, eligible), needed));

  it('never asks for nobody, nor by a share for more than there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 500 }), (share, eligible) => {
        const needed = neededOf(`${share}%`, eligible);
        assert.ok(needed >= 1 && needed <= eligible);
        assert.ok(needed * 100 >= share * eligible && (needed - 1) * 100 < share * eligible);
      }),
    );
  });

  it('has to know how many there are only for all, or a share of them', () => {
    assert.deepEqual((['all', '50%'] as const).map(needsSize), [true, true]);
    assert.deepEqual(([2, 'any', '2 of 5'] as const).map(needsSize), [false, false, false]);
  });

  it('says how many members its group must have', () => {
    assert.deepEqual([4, 'any', 'all', '2 of 5', '3 of 120', '50%'].map(sizeAtLeast), [4, 1, 1, 5, 120, 1]);
  });
});

describe('the terms of an approval', () => {
  it('ask for one person of a named group, when nothing else is said', () => {
    assert.deepEqual(Requirement.parse({ group: 'web' }), { group: 'web', quorum: 1 });
    assert.equal(Requirement.safeParse({ group: '' }).success, false);
    assert.equal(Requirement.safeParse({ group: 'web', quorums: 2 }).success, false);
  });

  it('remind at most once a minute', () => {
    assert.deepEqual(ApprovalTerms.parse({ remind: '60s' }), { remind: 60_000 });
    assert.equal(ApprovalTerms.safeParse({ remind: '59s' }).error?.issues[0]?.message, 'at least 1m');
  });

  it('may leave everything open', () => assert.deepEqual(ApprovalTerms.parse({}), {}));

  it('escalate to somebody, after some time', () => {
    const escalate = { after: '10m', to: 'duty' };
    assert.deepEqual(ApprovalTerms.parse({ escalate }), { escalate: { after: 600_000, to: 'duty' } });
    for (const wrong of [{ after: '10m' }, { to: 'duty' }, { ...escalate, to: '' }, { ...escalate, cc: 'x' }])
      assert.equal(ApprovalTerms.safeParse({ escalate: wrong }).success, false, JSON.stringify(wrong));
  });

  it('hold no word that has no meaning, so that a slip of the pen is no weaker rule', () => {
    const terms = { expires: '1h', fourEyes: true, notAuthor: true };
    assert.deepEqual(ApprovalTerms.parse(terms), { ...terms, expires: 3_600_000 });
    assert.equal(ApprovalTerms.safeParse({ ...terms, foureyes: true }).success, false);
    assert.equal(ApprovalTerms.safeParse({ fourEyes: 'yes' }).success, false);
  });
});
