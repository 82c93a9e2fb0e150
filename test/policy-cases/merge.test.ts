import assert from 'node:assert/strict';
import { merge, overlay } from '../../src/policy-cases/merge.ts';

describe('changes laid over a value', () => {
  const base = { a: { b: 1, c: 2 }, list: [1, 2], text: 'x' };

  it('merge fields and replace lists and texts', () =>
    assert.deepEqual(merge(base, { a: { c: 3 }, list: [9], text: 'y' }), {
      a: { b: 1, c: 3 },
      list: [9],
      text: 'y',
    }));

  it('take away what is null', () => {
    assert.deepEqual(merge(base, { a: { b: null }, text: null }), { a: { c: 2 }, list: [1, 2] });
    assert.deepEqual(merge({}, { a: { b: null, c: 1 } }), { a: { c: 1 } });
  });

  it('go on taking it away when they are laid over other changes', () => {
    const changes = overlay({ a: { b: 5 } }, { a: { b: null } });
    assert.deepEqual(changes, { a: { b: null } });
    assert.deepEqual(merge(base, changes), { a: { c: 2 }, list: [1, 2], text: 'x' });
  });

  it('leave the value itself alone', () => {
    merge(base, { a: { b: 9 } });
    assert.equal(base.a.b, 1);
  });

  it('cannot reach what every object has', () => {
    merge(base, JSON.parse('{"__proto__": {"polluted": true}}'));
    assert.equal('polluted' in {}, false);
  });
});
