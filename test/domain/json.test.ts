import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, digest, type Json, sha256, wellFormed } from '../../src/domain/json.ts';

/** RFC 8785, appendix B: an IEEE 754 double and how it is written. */
const numbers: [string, string][] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];
const double = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();

describe('canonical JSON', () => {
  it('is what RFC 8785 shows in section 3.2', () => {
    const input: Json = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
        "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    assert.equal(
      canonicalJson(input),
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts names by their UTF-16 units, as RFC 8785 shows in section 3.2.3', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      1: 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = [...canonicalJson(input).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
    assert.deepEqual(order, [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  for (const [hex, text] of numbers)
    it(`writes the double ${hex} as ${text}`, () => assert.equal(canonicalJson(double(hex)), text));

  for (const value of [Number.NaN, Infinity, -Infinity, 'half \ud83d', undefined, () => 1])
    it(`has no form for ${String(value).toWellFormed()}`, () => {
      assert.throws(() => canonicalJson(value as Json));
    });

  it('says so when there is nothing to write', () => {
    assert.throws(() => canonicalJson(undefined as unknown as Json), /only JSON has a canonical form/);
  });

  it('loses nothing, whatever the value', () => {
    fc.assert(
      fc.property(json(), (value) =>
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it('does not depend on the order in which an object was filled', () => {
    fc.assert(
      fc.property(json(), (value) => {
        assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
        assert.equal(digest(reversed(value)), digest(value));
      }),
    );
  });

  it('leaves out what is undefined, as JSON does', () => {
    assert.equal(canonicalJson({ b: undefined, a: [1] }), '{"a":[1]}');
  });

  it('gives different values different digests', () => {
    fc.assert(
      fc.property(json(), json(), (a, b) =>
        assert.equal(digest(a) === digest(b), canonicalJson(a) === canonicalJson(b)),
      ),
    );
    assert.notEqual(digest({ a: '1' }), digest({ a: 1 }));
    assert.notEqual(digest([[], []]), digest([[]]));
  });

  it('hashes text as SHA-256 over UTF-8', () => {
    // FIPS 180-2, appendix B.1
    assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(sha256('€'), sha256(new TextEncoder().encode('€')));
    assert.equal(digest('abc'), sha256('"abc"'));
  });
});

describe('wellFormed', () => {
  it('mends half characters anywhere, so that a canonical form exists, and changes nothing else', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), text, (value, cut) => {
        const mended = wellFormed({ value, cut, [cut]: [cut] }) as Json;
        assert.doesNotThrow(() => canonicalJson(mended));
      }),
    );
    fc.assert(fc.property(json(), (value) => assert.deepEqual(wellFormed(value), value)));
    assert.deepEqual(wellFormed({ a: ['\ud83d'] }), { a: ['\ufffd'] });
  });
});

const json = (): fc.Arbitrary<Json> => fc.jsonValue({ stringUnit: 'grapheme' }) as fc.Arbitrary<Json>;

/** The same value with the members of every object in the opposite order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, one === undefined ? one : reversed(one)]),
  );
}
