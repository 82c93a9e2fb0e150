import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Parameter, type Value } from '../../src/domain/parameter.ts';
import { parseParameter } from '../../src/domain/parameter-value.ts';
import { confirmParameters, resolveParameters, valuesOf } from '../../src/domain/parameters.ts';
import { makePlan } from '../../src/domain/plan.ts';
import type { Scalar } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

type Asked = Exclude<Parameter, { type: 'secret' | 'owner' }>;
const parameter = (file: Record<string, unknown>): Asked => Parameter.parse({ title: 'X', ...file }) as Asked;
const string = parameter({ type: 'string', pattern: '[a-z-]+|x[0-9]', maxLength: 12 });
const plain = parameter({ type: 'string' });
const integer = parameter({ type: 'integer', min: -5, max: 600 });
const boolean = parameter({ type: 'boolean' });
const choice = parameter({ type: 'choice', choices: ['Blue', 'green'] });
const parsed = (one: Asked, input: Value): Value | { wrong: string } => {
  const result = parseParameter(one, input);
  return result.ok ? result.value : { wrong: result.message };
};
const runbookWith = (parameters: Record<string, unknown>) =>
  f.runbook({
    parameters,
    steps: {
      remediation: [
        {
          id: 'go',
          title: 'Go',
          target: 'ops',
          job: 'go',
          with: { value: `{${Object.keys(parameters)[0]}}` },
        },
      ],
      verification: [{ id: 'ok', title: 'OK', http: { url: 'http://site.example' } }],
    },
  });

describe('a value', () => {
  const cases: [string, Asked, Scalar, ReturnType<typeof parsed>][] = [
    ['text that fits its pattern', string, ' shop ', 'shop'],
    ['text that fits one of two patterns', string, 'x7', 'x7'],
    ['text that fits only in part', string, 'shop; rm', { wrong: 'must match [a-z-]+|x[0-9]' }],
    ['text that starts like the second pattern', string, 'x7y', { wrong: 'must match [a-z-]+|x[0-9]' }],
    ['text that is too long', string, 'a'.repeat(13), { wrong: 'at most 12 characters' }],
    ['no text', string, '  ', { wrong: 'a value is needed' }],
    ['a line break', plain, 'a\nb', { wrong: 'no control characters or line breaks' }],
    ['a NUL', plain, 'a\0b', { wrong: 'no control characters or line breaks' }],
    ['an escape sequence', plain, 'a\u001b[31m', { wrong: 'no control characters or line breaks' }],
    ['a reference to a secret', plain, 'secret:OPS_TOKEN', { wrong: 'a value may not start with secret:' }],
    [
      'a reference after spaces',
      plain,
      '  secret:OPS_TOKEN',
      { wrong: 'a value may not start with secret:' },
    ],
    ['a number as text', plain, 7, '7'],
    ['a whole number', integer, '42', 42],
    ['a number below zero', integer, -5, -5],
    ['a number that is too small', integer, '-6', { wrong: 'at least -5' }],
    ['a number that is too large', integer, '601', { wrong: 'at most 600' }],
    ['a fraction', integer, '1.5', { wrong: 'a whole number is needed' }],
    ['a number in another notation', integer, '1e2', { wrong: 'a whole number is needed' }],
    ['a number that JavaScript would round', integer, '9'.repeat(16), { wrong: 'a whole number is needed' }],
    ['yes', boolean, 'Yes', true],
    ['0', boolean, '0', false],
    ['a boolean', boolean, true, true],
    ['maybe', boolean, 'maybe', { wrong: 'answer yes or no' }],
    ['a choice in other letters', choice, ' BLUE ', 'Blue'],
    ['something that was no choice', choice, 'red', { wrong: 'choose one of Blue, green' }],
  ];
  for (const [name, one, input, want] of cases)
    it(`${typeof want === 'object' ? 'is refused' : 'is taken'}: ${name}`, () =>
      assert.deepEqual(parsed(one, input), want));

  it('that is taken is taken again as it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(string, plain, integer, boolean, choice),
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom('yes', 'blue', '12')),
        (one, input) => {
          const first = parseParameter(one, input);
          if (first.ok) assert.deepEqual(parseParameter(one, first.value), first);
        },
      ),
    );
  });
});

describe('the parameters of a run', () => {
  const from = ['incident.u_pool', 'ci.u_pool', 'ci.name', 'ci.sys_id'];
  const resolve = (
    file: Record<string, unknown>,
    incident: Record<string, string>,
    ci: Record<string, string>,
  ) => {
    const { runbook } = runbookWith({ pool: { type: 'string', title: 'Pool', ...file } });
    const [one] = resolveParameters(runbook, {
      incident: { fields: incident },
      ci: { fields: ci, name: 'web-01', sysId: 'c1' },
      members: undefined,
    });
    return `${one?.value} from ${one?.source}${one?.confirm ? ', to confirm' : ''}`;
  };

  it('come from the first source that has a fitting value', () => {
    assert.equal(resolve({ from }, { u_pool: 'a' }, { u_pool: 'b' }), 'a from incident.u_pool');
    assert.equal(resolve({ from }, { u_pool: '' }, { u_pool: 'b' }), 'b from ci.u_pool');
    assert.equal(resolve({ from }, {}, {}), 'web-01 from ci.name');
    assert.equal(resolve({ from: ['ci.sys_id'] }, {}, {}), 'c1 from ci.sys_id');
    assert.equal(
      resolve({ from, pattern: '[a-z]+' }, { u_pool: 'A;B' }, { u_pool: 'b' }),
      'b from ci.u_pool',
    );
  });

  it('fall back to the default, and to a person last', () => {
    assert.equal(resolve({ from: ['ci.u_pool'], default: 'd' }, {}, {}), 'd from default');
    assert.equal(resolve({ from: ['ci.u_pool'] }, {}, {}), 'null from missing, to confirm');
    assert.equal(resolve({ from, ask: 'always' }, { u_pool: 'a' }, {}), 'a from incident.u_pool, to confirm');
  });

  it('cannot be chosen by a column that is named like one of ours', () => {
    assert.equal(
      resolve({ from: ['ci.name'] }, { 'ci.name': 'x' }, { name: 'spoofed' }),
      'web-01 from ci.name',
    );
  });

  it('name a secret only where the runbook does, whatever ticket, CMDB and people say', () => {
    const loaded = runbookWith({
      pool: { type: 'string', title: 'Pool', from: ['incident.u_pool', 'ci.u_pool'], ask: 'always' },
      kind: { type: 'choice', title: 'Kind', from: ['ci.u_kind'], choices: ['a', 'b'], default: 'a' },
      token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
    });
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('secret:OPS_TOKEN', ' secret:ROOT', 'secret:', 'SECRET:X', '{token}', 'a'),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (inTicket, inCi, typed, forToken) => {
        const resolved = resolveParameters(loaded.runbook, {
          incident: { fields: { u_pool: inTicket } },
          ci: { fields: { u_pool: inCi, u_kind: inCi }, name: 'n', sysId: 's' },
          members: undefined,
        });
        assert.equal(resolved.find((one) => one.name === 'token')?.value, null);
        const entered = confirmParameters(loaded.runbook, resolved, { pool: typed });
        const spoofed = confirmParameters(loaded.runbook, resolved, { pool: 'a', token: forToken });
        assert.equal(spoofed.ok, false);
        const values = valuesOf(entered.ok ? entered.parameters : resolved);
        if (values === undefined) return;
        assert.ok(!Object.values(values).some((value) => String(value).startsWith('secret:')));
        const plan = makePlan({
          incident: f.incident(),
          ci: f.ci(),
          runbook: loaded,
          policy: { version: '1', hash: 'h' },
          tier: '',
          parameters: values,
        });
        const [step] = plan.steps;
        assert.ok(step?.does === 'job' && !String(step.with['value']).startsWith('secret:'));
        assert.equal(plan.parameters['token'], 'secret:OPS_TOKEN');
      }),
    );
  });
});

describe('confirming parameters', () => {
  const { runbook } = runbookWith({
    pool: { type: 'string', title: 'Pool', pattern: '[a-z]+' },
    drain: { type: 'integer', title: 'Drain', default: 30, ask: 'always' },
    site: { type: 'string', title: 'Site', from: ['ci.u_site'] },
  });
  const resolved = resolveParameters(runbook, {
    incident: { fields: {} },
    ci: { fields: { u_site: 'shop' }, name: 'n', sysId: 's' },
    members: undefined,
  });
  const confirm = (entered: Record<string, Scalar>) => confirmParameters(runbook, resolved, entered);

  it('takes what was missing, keeps what was resolved, and says where each value came from', () => {
    const done = confirm({ pool: 'blue' });
    assert.ok(done.ok);
    assert.deepEqual(
      done.parameters.map(({ name, value, source, confirm: open }) => [name, value, source, open]),
      [
        ['pool', 'blue', 'person', false],
        ['drain', 30, 'default', false],
        ['site', 'shop', 'ci.u_site', false],
      ],
    );
    assert.deepEqual(valuesOf(done.parameters), { pool: 'blue', drain: 30, site: 'shop' });
  });

  it('lets a person change what they entered, and what they are always asked for', () => {
    const first = confirm({ pool: 'blue', drain: '60' });
    assert.ok(first.ok);
    const second = confirmParameters(runbook, first.parameters, { pool: 'green', drain: 90 });
    assert.deepEqual(second.ok && valuesOf(second.parameters), { pool: 'green', drain: 90, site: 'shop' });
  });

  it('names every field that is wrong at once', () => {
    const refused = confirm({ pool: 'BLUE', drain: 'soon', site: 'other', root: 'x', constructor: 'x' });
    assert.ok(!refused.ok);
    assert.deepEqual(refused.errors.map(({ field, message }) => `${field}: ${message}`).sort(), [
      'constructor: not a parameter a person can set',
      'drain: a whole number is needed',
      'pool: must match [a-z]+',
      'root: not a parameter a person can set',
      'site: comes from ci.u_site and is not asked for; correct it there',
    ]);
  });

  it('is not done while a value is missing', () => {
    const refused = confirm({});
    assert.deepEqual(refused.ok ? [] : refused.errors, [{ field: 'pool', message: 'a value is needed' }]);
    assert.equal(valuesOf(resolved), undefined);
  });
});
