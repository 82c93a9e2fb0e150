import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redaction } from '../../../src/adapters/telemetry/redact.ts';

describe('redaction', () => {
  const clean = redaction(['p4ss/w0rd+', 'line"one\ntwo', 'abc']);

  for (const [name, text, want] of [
    ['a known secret', 'the password p4ss/w0rd+ is wrong', 'the password *** is wrong'],
    ['a known secret in an address', 'GET /x?p=p4ss%2Fw0rd%2B', 'GET /x?p=***'],
    ['a known secret in JSON', String.raw`{"p":"line\"one\ntwo"}`, '{"p":"***"}'],
    ['a bearer token', 'Authorization: Bearer a.b-c_d==', 'Authorization: Bearer ***'],
    ['basic authentication', 'sent basic dXNlcjpwYXNz', 'sent basic ***'],
    ['a webhook secret', 'whsec_AbC+/=', '***'],
    ['a token of Entra', 'token eyJhbGciOi.eyJzdWIi.c2ln', 'token ***'],
    ['a named value', 'password=hunter2; user=x', 'password=***; user=x'],
    ['a named value in JSON', '"secret": "hunter2", "n": 1', '"secret": ***, "n": 1'],
    ['an account key', 'AccountKey=abc==;Database=d', 'AccountKey=***;Database=d'],
    ['a sign-in inside an address', 'https://user:pass@host/x', 'https://***@host/x'],
    ['the query of an address', 'https://host/x?sig=1&b=2 failed', 'https://host/x?*** failed'],
    ['a mail address', 'olivia.oncall@contoso.example asked', 'somebody asked'],
  ] as const)
    it(`takes out ${name}`, () => assert.equal(clean(text), want));

  it('leaves what people need to find the cause', () => {
    const text =
      'run 01JD8Z6N3V6Q4W8X2Y5A7K2QDM: ops answered 503 (https://ops.example/runs/7), retry in 5 s';
    assert.equal(clean(text), text);
  });

  it('takes a secret out wherever it stands, and bounds the length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 8 }), (before, after, secret) => {
        const shown = redaction([secret])(`${before}${secret}${after}`);
        assert.ok(!shown.includes(secret) || '***'.includes(secret));
        assert.ok(shown.length <= 2_000);
      }),
    );
    assert.equal(clean('x'.repeat(5_000)).length, 2_000);
  });

  it('stays fast on text made to slow it down', () => {
    for (const part of ['a@', 'https://', 'eyJa.', 'token=', 'bearer ', '.a-'])
      assert.ok(clean(part.repeat(20_000)).length <= 2_000);
  }).timeout(5_000);
});
