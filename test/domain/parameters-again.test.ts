import assert from 'node:assert/strict';
import { Parameter } from '../../src/domain/parameter.ts';
import { parseParameter } from '../../src/domain/parameter-value.ts';
import {
  confirmParameters,
  narrowParameters,
  type ResolvedParameter,
  resolveAgain,
  resolveParameters,
  valuesOf,
} from '../../src/domain/parameters.ts';
import type { Scalar } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

const { runbook } = f.runbook({
  parameters: {
    pool: { type: 'string', title: 'Pool', from: ['ci.u_pool'], ask: 'always' },
    drain: { type: 'integer', title: 'Drain', default: 30, min: 10, max: 90, narrow: 'lower' },
    keep: { type: 'integer', title: 'Keep', default: 3, narrow: 'higher' },
    fast: { type: 'boolean', title: 'Fast', default: true, narrow: false },
    scope: {
      type: 'choice',
      title: 'Scope',
      choices: ['all', 'half', 'one'],
      default: 'all',
      narrow: ['half', 'one'],
    },
    safe: { type: 'boolean', title: 'Safe', default: true, narrow: true },
    site: { type: 'string', title: 'Site', default: 'shop' },
    count: { type: 'integer', title: 'Count', default: 5, ask: 'always' },
    owner: { type: 'string', title: 'Owner' },
    token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
  },
});
const ci = (pool: string) => ({ fields: { u_pool: pool }, name: 'web-01', sysId: 'c1' });
const sources = (item: ReturnType<typeof ci>) => ({ incident: { fields: {} }, ci: item, members: undefined });
const first = resolveParameters(runbook, sources(ci('blue')));
const named = (all: readonly ResolvedParameter[], name: string): ResolvedParameter => {
  const one = all.find((candidate) => candidate.name === name);
  assert.ok(one);
  return one;
};

describe('parameters resolved once more', () => {
  const known = first.map((one) => ({ ...one, confirm: false }));
  const again = (before: readonly ResolvedParameter[], pool: string) =>
    named(resolveAgain(runbook, before, sources(ci(pool))), 'pool');

  it('stay confirmed while the value and where it came from are the same', () => {
    assert.deepEqual(again(known, 'blue'), { ...named(first, 'pool'), confirm: false });
    assert.deepEqual(again(first, 'blue'), named(first, 'pool'));
    const all = resolveAgain(runbook, known, sources(ci('green')));
    assert.deepEqual(named(all, 'count'), { ...named(first, 'count'), confirm: false });
  });

  it('have to be confirmed again when the value, or where it comes from, is another', () => {
    assert.deepEqual(again(known, 'green'), { ...named(first, 'pool'), value: 'green', confirm: true });
    const moved = known.map((one) => ({ ...one, source: 'incident.u_pool' }));
    assert.equal(again(moved, 'blue').confirm, true);
  });

  it('keep what a person entered or an approver chose', () => {
    for (const source of ['person', 'approver']) {
      const before = known.map((one) => (one.name === 'pool' ? { ...one, value: 'mine', source } : one));
      assert.deepEqual(again(before, 'green'), named(before, 'pool'));
    }
  });

  it('are new where the runbook is: what was not known is asked for', () => {
    assert.deepEqual(resolveAgain(runbook, [], sources(ci('blue'))), first);
  });
});

describe('a secret', () => {
  it('is a name without a value, and nobody is asked for it', () => {
    assert.deepEqual(named(first, 'token'), {
      name: 'token',
      title: 'Token',
      value: null,
      source: 'secret',
      confirm: false,
    });
    const entered = { pool: 'blue', owner: 'web', token: 'hunter2' };
    const refused = confirmParameters(runbook, first, entered);
    assert.deepEqual(refused.ok ? [] : refused.errors, [
      { field: 'token', message: 'not a parameter a person can set' },
    ]);
    const done = confirmParameters(runbook, first, { pool: 'blue', owner: 'web' });
    assert.ok(done.ok);
    assert.deepEqual(named(done.parameters, 'token'), named(first, 'token'));
    assert.equal(Object.hasOwn(valuesOf(done.parameters) ?? {}, 'token'), false);
  });
});

describe('what a person enters', () => {
  const asked = (name: string, value: Scalar) =>
    confirmParameters(runbook, first, { owner: 'web', [name]: value });

  it('may not be empty, and is not taken for the value of another', () => {
    const refused = confirmParameters(runbook, first, { owner: '' });
    assert.deepEqual(refused.ok ? [] : refused.errors, [{ field: 'owner', message: 'a value is needed' }]);
    const number = asked('count', '');
    assert.deepEqual(number.ok ? [] : number.errors, [{ field: 'count', message: 'a value is needed' }]);
  });

  it('changes what is always asked for, and nothing that came with a default', () => {
    const done = asked('pool', 'green');
    assert.equal(done.ok && named(done.parameters, 'pool').source, 'person');
    const confirmed = asked('pool', 'blue');
    assert.ok(confirmed.ok);
    assert.equal(named(confirmed.parameters, 'pool').source, 'ci.u_pool');
    const later = confirmParameters(runbook, confirmed.parameters, { pool: 'green' });
    assert.equal(later.ok && named(later.parameters, 'pool').value, 'green');
    const refused = asked('site', 'other');
    assert.deepEqual(refused.ok ? [] : refused.errors, [
      { field: 'site', message: 'comes from default and is not asked for; correct it there' },
    ]);
  });

  it('leaves a parameter alone that the runbook no longer has', () => {
    const gone = { ...named(first, 'site'), name: 'gone' };
    const done = confirmParameters(runbook, [gone], {});
    assert.deepEqual(done.ok && done.parameters, [gone]);
  });
});

describe('a value at its limit', () => {
  const parameter = (file: Record<string, unknown>) =>
    Parameter.parse({ title: 'X', ...file }) as Exclude<Parameter, { type: 'secret' | 'owner' }>;
  const parsed = (file: Record<string, unknown>, input: Scalar) => {
    const result = parseParameter(parameter(file), input);
    return result.ok ? result.value : result.message;
  };

  for (const [file, input, want] of [
    [{ type: 'string', maxLength: 3 }, 'abc', 'abc'],
    [{ type: 'string', maxLength: 3 }, 'abcd', 'at most 3 characters'],
    [{ type: 'integer', min: 1, max: 5 }, ' 1 ', 1],
    [{ type: 'integer', min: 1, max: 5 }, '5', 5],
    [{ type: 'integer' }, '-999999999999999', -999_999_999_999_999],
    [{ type: 'integer' }, '--1', 'a whole number is needed'],
    [{ type: 'integer' }, '1 2', 'a whole number is needed'],
    [{ type: 'integer' }, 'x1', 'a whole number is needed'],
    [{ type: 'integer' }, '', 'a whole number is needed'],
    [{ type: 'boolean' }, ' TRUE ', true],
    [{ type: 'boolean' }, '1', true],
    [{ type: 'boolean' }, 'no', false],
    [{ type: 'boolean' }, 'False', false],
    [{ type: 'boolean' }, '', 'answer yes or no'],
  ] as const)
    it(`${JSON.stringify(input)} is read by ${JSON.stringify(file)} as ${want}`, () =>
      assert.equal(parsed(file, input), want));

  it('is never an empty column, which no source may give', () => {
    const { runbook: picky } = f.runbook({
      parameters: {
        pool: { type: 'choice', title: 'Pool', from: ['ci.u_pool'], choices: ['blue'], default: 'blue' },
      },
    });
    assert.equal(resolveParameters(picky, sources(ci('')))[0]?.source, 'default');
    assert.equal(resolveParameters(picky, sources(ci('BLUE')))[0]?.source, 'ci.u_pool');
  });
});

describe('what an approver changes', () => {
  const narrowed = (entered: Record<string, Scalar>): string[] => {
    const done = narrowParameters(runbook, first, entered);
    if (!done.ok) return done.errors.map(({ field, message }) => `${field} ${message}`);
    return done.parameters
      .filter((one, n) => one !== first[n])
      .map(({ name, value, source }) => `${name}=${value} from ${source}`);
  };

  for (const [entered, want] of [
    [{}, []],
    [{ drain: 10 }, ['drain=10 from approver']],
    [{ drain: '20' }, ['drain=20 from approver']],
    [{ drain: 30 }, []],
    [{ drain: 31 }, ['drain can only be made lower']],
    [{ drain: 9 }, ['drain at least 10']],
    [{ keep: 4 }, ['keep=4 from approver']],
    [{ keep: 2 }, ['keep can only be made higher']],
    [{ fast: 'no' }, ['fast=false from approver']],
    [{ fast: 'perhaps' }, ['fast answer yes or no']],
    [{ safe: 'no' }, ['safe can only be changed to yes']],
    [{ scope: 'HALF' }, ['scope=half from approver']],
    [{ scope: 'two' }, ['scope choose one of all, half, one']],
    [{ site: 'other' }, ['site the runbook does not let approvers change it']],
    [{ count: 4 }, ['count the runbook does not let approvers change it']],
    [{ owner: 'web' }, ['owner has no value yet: the requester fills it in']],
    [{ token: 'x' }, ['token cannot be changed']],
    [{ root: 'x' }, ['root is not a parameter of this run']],
    [{ drain: 20, keep: 4 }, ['drain=20 from approver', 'keep=4 from approver']],
    [
      { drain: 20, keep: 2, root: 1 },
      ['root is not a parameter of this run', 'keep can only be made higher'],
    ],
  ] as const)
    it(`is within what the runbook allows: ${JSON.stringify(entered)}`, () =>
      assert.deepEqual(narrowed(entered), want));

  it('is nothing that the runbook no longer has', () => {
    const gone = { ...named(first, 'drain'), name: 'gone' };
    const refused = narrowParameters(runbook, [gone], { gone: 20 });
    assert.deepEqual(refused.ok ? [] : refused.errors, [{ field: 'gone', message: 'cannot be changed' }]);
  });

  it('goes one way only: what was narrowed is not widened again', () => {
    const done = narrowParameters(runbook, first, { scope: 'one', fast: false });
    assert.ok(done.ok);
    const back = narrowParameters(runbook, done.parameters, { scope: 'all', fast: true });
    assert.deepEqual(back.ok ? [] : back.errors, [
      { field: 'fast', message: 'can only be changed to no' },
      { field: 'scope', message: 'can only be changed to half, one' },
    ]);
  });
});
