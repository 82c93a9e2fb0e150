import assert from 'node:assert/strict';
import { Actor, nameOf, Origin, Person, system, withPerson } from '../../src/domain/people.ts';

const olivia = { kind: 'person', id: 'o-1', name: 'Olivia', tenant: 't-1' } as const;

describe('an actor', () => {
  it('is called by its name when it is a person, and says what it is when it is not', () => {
    assert.equal(nameOf(olivia), 'Olivia');
    assert.equal(nameOf(system('servicenow')), 'ServiceNow');
    assert.equal(nameOf(system('timer')), 'Handrail (timer)');
  });

  for (const name of ['servicenow', 'timer', 'engine', 'policy', 'target'] as const)
    it(`may be the part of the system called ${name}`, () => {
      assert.deepEqual(Actor.parse(system(name)), { kind: 'system', name });
    });

  it('is nobody else: not another system, not a person without an id or a tenant, not one with more to say', () => {
    for (const wrong of [
      { kind: 'system', name: 'olivia' },
      { kind: 'system', name: '' },
      { kind: 'system', name: 'timer', id: 'o-1' },
      { kind: 'bot', id: 'o-1', name: 'Olivia', tenant: 't-1' },
      { ...olivia, id: '' },
      { ...olivia, tenant: '' },
      { ...olivia, groups: ['web-approvers'] },
    ])
      assert.equal(Actor.safeParse(wrong).success, false, JSON.stringify(wrong));
    assert.deepEqual(Person.parse(olivia), olivia);
  });
});

describe('the people with one more', () => {
  const mia = { ...olivia, id: 'm-1', name: 'Mia' };

  it('are in the order in which they came, each once', () => {
    assert.deepEqual(withPerson([], olivia), [olivia]);
    assert.deepEqual(withPerson([olivia], mia), [olivia, mia]);
    assert.deepEqual(withPerson([olivia, mia], olivia), [olivia, mia]);
  });

  it('are the same when it is nobody', () =>
    assert.deepEqual(withPerson([olivia], system('timer')), [olivia]));

  it('are told apart by their ids', () =>
    assert.deepEqual(withPerson([olivia], { ...olivia, name: 'O.' }), [olivia]));
});

describe('where something came from', () => {
  it('is a message in a conversation, and nothing else', () => {
    const origin = { conversation: 'c', activity: 'a' };
    assert.deepEqual(Origin.parse(origin), origin);
    for (const wrong of [{ conversation: 'c' }, { activity: 'a' }, { ...origin, url: 'x' }])
      assert.equal(Origin.safeParse(wrong).success, false);
  });
});
