import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isSigned } from '../../../src/adapters/servicenow/signature.ts';

const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const secret = `whsec_${key.toString('base64')}`;
const seconds = () => Math.floor(Date.now() / 1000);

/** The signature as the specification describes it, made without the library. */
function headersFor(body: string, id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', at = seconds(), by = key) {
  const mac = createHmac('sha256', by).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${mac}` };
}

describe('isSigned', () => {
  it('accepts what the specification describes, over any body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) =>
        assert.equal(isSigned(body, headersFor(body), [secret]), true),
      ),
    );
  });

  it('accepts nothing that was changed on the way', () => {
    const body = '{"sys_id":"a","sys_mod_count":1}';
    const good = headersFor(body);
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(good) as (keyof typeof good)[]), 'body' as const),
        fc.nat(200),
        fc.integer({ min: 33, max: 126 }),
        (part, where, code) => {
          const text = part === 'body' ? body : good[part];
          const at = where % text.length;
          const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
          fc.pre(changed !== text);
          const headers = part === 'body' ? good : { ...good, [part]: changed };
          // a space or a comma only splits the list of signatures
          assert.equal(isSigned(part === 'body' ? changed : body, headers, [secret]), false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('knows only the secrets it is given, and several during a rotation', () => {
    const other = Buffer.alloc(24, 9);
    const headers = headersFor('{}', 'id', seconds(), other);
    assert.equal(isSigned('{}', headers, [secret]), false);
    assert.equal(isSigned('{}', headers, [secret, `whsec_${other.toString('base64')}`]), true);
    assert.equal(isSigned('{}', headers, []), false);
  });

  for (const [name, off, ok] of [
    ['almost five minutes old', -295, true],
    ['older than five minutes', -305, false],
    ['almost five minutes ahead', 295, true],
    ['further ahead than five minutes', 305, false],
  ] as const)
    it(`${ok ? 'accepts' : 'refuses'} an event ${name}`, () => {
      assert.equal(isSigned('{}', headersFor('{}', 'id', seconds() + off), [secret]), ok);
    });

  for (const [name, change] of [
    ['no id', { 'webhook-id': undefined }],
    ['an id sent twice', { 'webhook-id': ['a', 'b'] }],
    ['no time', { 'webhook-timestamp': undefined }],
    ['a time that is no number', { 'webhook-timestamp': 'now' }],
    ['a time below zero', { 'webhook-timestamp': '-1' }],
    ['no signature', { 'webhook-signature': undefined }],
    [
      'a signature without its version',
      { 'webhook-signature': headersFor('{}')['webhook-signature'].slice(3) },
    ],
    ['a version without a signature', { 'webhook-signature': 'v1,' }],
    ['rubbish', { 'webhook-signature': 'v1,%%% v1 , ,' }],
  ] as const)
    it(`refuses ${name}, and throws nothing`, () => {
      assert.equal(isSigned('{}', { ...headersFor('{}'), ...change }, [secret]), false);
    });

  it('refuses everything under a secret that is none', () => {
    assert.equal(isSigned('{}', headersFor('{}'), ['whsec_%%%']), false);
  });
});
