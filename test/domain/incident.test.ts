import assert from 'node:assert/strict';
import {
  ConfigurationItem,
  environments,
  Incident,
  incidentStates,
  isOver,
} from '../../src/domain/incident.ts';
import * as f from '../fakes/domain.ts';

describe('an incident', () => {
  for (const [state, over] of [
    ['new', false],
    ['in-progress', false],
    ['on-hold', false],
    ['resolved', true],
    ['closed', true],
    ['canceled', true],
  ] as const)
    it(`that is ${state} ${over ? 'needs nobody any more' : 'needs somebody'}`, () => {
      assert.equal(isOver({ state }), over);
      assert.equal(Incident.parse(f.incident({ state })).state, state);
      assert.ok(incidentStates.includes(state));
    });

  it('is read whole, or not at all', () => {
    const incident = f.incident({ fields: { category: 'software' } });
    assert.deepEqual(Incident.parse(incident), incident);
    for (const name of Object.keys(incident))
      assert.equal(Incident.safeParse({ ...incident, [name]: undefined }).success, false, name);
    for (const wrong of [
      { state: '' },
      { state: 'open' },
      { modCount: -1 },
      { modCount: 0.5 },
      { comments: 'x' },
    ])
      assert.equal(Incident.safeParse({ ...incident, ...wrong }).success, false, JSON.stringify(wrong));
    assert.equal(Incident.parse({ ...incident, modCount: 0 }).modCount, 0);
  });
});

describe('a configuration item', () => {
  it('is read whole, or not at all', () => {
    const item = f.ci();
    assert.deepEqual(ConfigurationItem.parse(item), item);
    for (const name of Object.keys(item))
      assert.equal(ConfigurationItem.safeParse({ ...item, [name]: undefined }).success, false, name);
    for (const wrong of [{ environment: '' }, { environment: 'qa' }, { fqdn: 'x' }])
      assert.equal(ConfigurationItem.safeParse({ ...item, ...wrong }).success, false, JSON.stringify(wrong));
  });

  it('is in one of four environments', () => {
    assert.deepEqual(environments, ['production', 'staging', 'test', 'development']);
    for (const environment of environments)
      assert.equal(ConfigurationItem.parse(f.ci({ environment })).environment, environment);
  });
});
