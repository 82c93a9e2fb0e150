import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fill, placeholdersIn } from '../../src/domain/placeholder.ts';

describe('a placeholder', () => {
  for (const [text, names] of [
    ['{pool}', ['pool']],
    ['a {pool} on {site}', ['pool', 'site']],
    ['{pool}{pool}', ['pool', 'pool']],
    ['{{pool}}', ['pool']],
    ['{}, { pool }, {1x}, {a-b}', []],
  ] as const)
    it(`is found in ${text}`, () => assert.deepEqual(placeholdersIn(text), names));

  it('alone keeps the type of its value, and within text becomes text', () => {
    assert.equal(fill('{n}', { n: 5 }), 5);
    assert.equal(fill('{n}', { n: false }), false);
    assert.equal(fill('n={n}', { n: 5 }), 'n=5');
    assert.equal(fill(7, { n: 5 }), 7);
    assert.equal(fill('{gone}', {}), '');
  });

  it('is empty where nobody gives a value, and is no part of a longer text that begins or ends with it', () => {
    assert.equal(fill('<{gone}>', {}), '<>');
    assert.equal(fill('{n}s', { n: 5 }), '5s');
    assert.equal(fill('T-{n}', { n: 5 }), 'T-5');
    assert.equal(fill('{n}{n}', { n: 5 }), '55');
  });

  it('may have digits, capitals and underscores in its name, after a first letter', () => {
    for (const name of ['a', 'appPool', 'app_pool', 'a1b2', '_x', 'Z9']) {
      assert.equal(fill(`{${name}}`, { [name]: 7 }), 7);
      assert.equal(fill(`<{${name}}>`, { [name]: 7 }), '<7>');
      assert.deepEqual(placeholdersIn(`<{${name}}>`), [name]);
    }
    assert.equal(fill('{1x}', { '1x': 7 }), '{1x}');
  });

  it('is filled once: no value can bring in another placeholder, or a replacement pattern', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('{b}', '$&', '$1', "$'", '{a}'));
    fc.assert(
      fc.property(value, value, (a, b) => {
        assert.equal(fill('<{a}|{b}>', { a, b }), `<${a}|${b}>`);
        assert.equal(fill('{a}', { a, b }), a);
      }),
    );
  });
});
