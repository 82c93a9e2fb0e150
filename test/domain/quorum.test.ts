import assert from 'node:assert/strict';
import { type Counted, isMet, progressOf, spellNeeded } from '../../src/domain/quorum.ts';
import * as f from '../fakes/domain.ts';

const need = (group: string, needed: number) => ({ group, needed });
/** A vote of somebody in some groups, for themselves or for another. */
const vote = (name: string, groups: string, mandate?: string): Counted => ({
  person: f.person(name),
  groups: groups.split(' '),
  ...(mandate === undefined ? {} : { mandate }),
});
/** Who counts for each group, in words; by name, for it does not matter who has which of its places. */
const counted = (requirements: Parameters<typeof progressOf>[0], ...votes: Counted[]): string[] =>
  progressOf(requirements, votes).map(({ group, needed, by }) =>
    `${group} ${by.length}/${needed}: ${by
      .map(({ name }) => name)
      .sort()
      .join(' ')}`.trim(),
  );

describe('the progress of a quorum', () => {
  it('is who has filled which place', () => {
    assert.deepEqual(counted([need('web', 2)]), ['web 0/2:']);
    assert.deepEqual(counted([need('web', 2)], vote('arne', 'web')), ['web 1/2: arne']);
    assert.deepEqual(counted([need('web', 2)], vote('arne', 'web'), vote('mia', 'web')), [
      'web 2/2: arne mia',
    ]);
  });

  it('has no more people than places', () =>
    assert.deepEqual(counted([need('web', 1)], vote('arne', 'web'), vote('mia', 'web')), ['web 1/1: arne']));

  it('counts nobody for a group they are not in', () =>
    assert.deepEqual(counted([need('web', 1), need('db', 1)], vote('arne', 'db')), [
      'web 0/1:',
      'db 1/1: arne',
    ]));

  it('counts a person once, however often they vote', () =>
    assert.deepEqual(counted([need('web', 2)], vote('arne', 'web'), vote('arne', 'web')), ['web 1/2: arne']));

  it('counts a person once, also for two who let them vote', () =>
    assert.deepEqual(counted([need('web', 2)], vote('wilma', 'web', 'arne'), vote('wilma', 'web', 'mia')), [
      'web 1/2: wilma',
    ]));

  it('counts a say once, whoever gives it', () =>
    assert.deepEqual(counted([need('web', 2)], vote('wilma', 'web', 'arne'), vote('walter', 'web', 'arne')), [
      'web 1/2: walter',
    ]));

  it('counts a say once when its owner gives it as well', () =>
    assert.deepEqual(counted([need('web', 2)], vote('wilma', 'web', 'arne'), vote('arne', 'web')), [
      'web 1/2: arne',
    ]));

  it('counts a person for one of their groups only', () =>
    assert.deepEqual(counted([need('web', 1), need('db', 1)], vote('nadia', 'web db')), [
      'web 1/1: nadia',
      'db 0/1:',
    ]));

  it('moves who fits elsewhere as well to let in who does not', () => {
    const both = [need('web', 1), need('db', 1)];
    assert.deepEqual(counted(both, vote('nadia', 'web db'), vote('arne', 'web')), [
      'web 1/1: arne',
      'db 1/1: nadia',
    ]);
    assert.deepEqual(counted(both, vote('arne', 'web'), vote('nadia', 'web db')), [
      'web 1/1: arne',
      'db 1/1: nadia',
    ]);
  });

  it('moves several, one after the other', () =>
    assert.deepEqual(
      counted(
        [need('a', 1), need('b', 1), need('c', 1)],
        vote('ann', 'a b'),
        vote('bob', 'b c'),
        vote('cid', 'a b'),
        vote('dan', 'a'),
      ),
      ['a 1/1: cid', 'b 1/1: ann', 'c 1/1: bob'],
    ));

  it('keeps the places of each group apart', () =>
    assert.deepEqual(
      counted(
        [need('web', 2), need('db', 2), need('net', 1)],
        vote('a', 'web'),
        vote('b', 'db'),
        vote('c', 'net'),
        vote('d', 'db'),
      ),
      ['web 1/2: a', 'db 2/2: b d', 'net 1/1: c'],
    ));

  it('carries on what was asked', () =>
    assert.deepEqual(progressOf([{ group: 'web', needed: 1, of: 3 }], []), [
      { group: 'web', needed: 1, of: 3, by: [] },
    ]));
});

describe('a quorum', () => {
  it('is met when every group has its people', () => {
    const [arne, mia] = [f.arne, f.mia];
    assert.equal(isMet([]), true);
    assert.equal(isMet([{ ...need('web', 1), by: [arne] }]), true);
    assert.equal(isMet([{ ...need('web', 2), by: [arne] }]), false);
    assert.equal(isMet([{ ...need('web', 1), by: [arne, mia] }]), true);
    assert.equal(
      isMet([
        { ...need('web', 1), by: [arne] },
        { ...need('db', 1), by: [] },
      ]),
      false,
    );
  });

  it('is said in words', () => {
    assert.equal(spellNeeded([need('web', 1)]), '1 of web');
    assert.equal(spellNeeded([need('web', 1), need('owners', 2)]), '1 of web and 2 of owners');
  });
});
