import assert from 'node:assert/strict';
import { Actor, nameOf, Person, system } from '../../src/domain/people.ts';

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
