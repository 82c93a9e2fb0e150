import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Parameter } from '../../src/domain/parameter.ts';
import { type Asked, parseParameter, scalarOf, spellValue } from '../../src/domain/parameter-value.ts';
import { confirmParameters, resolveAgain, resolveParameters } from '../../src/domain/parameters.ts';
import type { Scalar } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

const list = (file: Record<string, unknown> = {}): Asked =>
  Parameter.parse({ type: 'list', title: 'Servers', ...file }) as Asked;
const parsed = (parameter: Asked, input: Scalar | string[]): unknown => {
  const result = parseParameter(parameter, input);
  return result.ok ? result.value : result.message;
};
const hosts = 'is no name that fits [A-Za-z0-9][A-Za-z0-9._-]*';

describe('a list', () => {
  const cases: [string, Asked, Scalar | string[], unknown][] = [
    ['names with commas', list(), 'web01,web02', ['web01', 'web02']],
    ['commas and blanks', list(), ' web01 , web02 ', ['web01', 'web02']],
    ['a line for each name', list(), 'web01\r\nweb02\n', ['web01', 'web02']],
    ['semicolons, tabs and empty places', list(), ';web01;\t,web02,,', ['web01', 'web02']],
    ['the order in which they were written', list(), 'b a c', ['b', 'a', 'c']],
    ['one name', list(), 'web01', ['web01']],
    ['names as they are stored', list(), ['web01', 'web02'], ['web01', 'web02']],
    ['a number as a name', list(), 7, ['7']],
    ['a host that is named twice', list(), 'web01 web02 web01', ['web01', 'web02']],
    ['a host in other letters', list(), 'web01 WEB01', ['web01']],
    ['nothing', list(), ' , ;', 'a value is needed'],
    ['fewer than there have to be', list({ min: 2 }), 'web01', 'at least 2'],
    ['as few as there have to be', list({ min: 2 }), 'web01 web02', ['web01', 'web02']],
    ['as many as may be', list({ max: 2 }), 'web01 web02', ['web01', 'web02']],
    ['more than may be', list({ max: 2 }), 'a b c', 'at most 2, these are 3'],
    ['many of which most are the same', list({ max: 2 }), 'a b a b a', ['a', 'b']],
    [
      'a name that does not fit',
      list({ pattern: 'web[0-9]+' }),
      'web01 db01',
      'db01 is no name that fits web[0-9]+',
    ],
    [
      'a name that fits in part',
      list({ pattern: 'web[0-9]+|x' }),
      'web01y',
      'web01y is no name that fits web[0-9]+|x',
    ],
    ['every host of an inventory', list(), 'web01,all', `all ${hosts}`],
    ['the same in other letters', list(), 'All', `All ${hosts}`],
    ['hosts in no group', list({ pattern: '.*' }), 'ungrouped', 'ungrouped is no name that fits .*'],
    ['a pattern of Ansible', list(), 'web*', `web* ${hosts}`],
    ['all but one', list(), '!web01', `!web01 ${hosts}`],
    ['a group cut to a part', list({ pattern: '.*' }), 'web:&prod', 'web:&prod is no name that fits .*'],
    [
      'a reference to a secret',
      list({ pattern: '.*' }),
      'secret:OPS_TOKEN',
      'secret:OPS_TOKEN is no name that fits .*',
    ],
    [
      'a short name, told whole',
      list({ pattern: 'a' }),
      'x'.repeat(40),
      `${'x'.repeat(40)} is no name that fits a`,
    ],
    [
      'a long name, told in part',
      list({ pattern: 'a' }),
      'x'.repeat(41),
      `${'x'.repeat(40)}… is no name that fits a`,
    ],
    ['a NUL', list({ pattern: '.*' }), 'a\0b', 'a\0b is no name that fits .*'],
    ['a stored name with a comma', list({ pattern: '.*' }), ['a,b'], 'a,b is no name that fits .*'],
    ['a stored name with a blank', list({ pattern: '.*' }), ['a b'], 'a b is no name that fits .*'],
    ['the longest name', list(), 'a'.repeat(253), ['a'.repeat(253)]],
    ['a longer one', list(), 'a'.repeat(254), `${'a'.repeat(40)}… ${hosts}`],
  ];
  for (const [what, parameter, input, want] of cases)
    it(`takes or refuses ${what}`, () => assert.deepEqual(parsed(parameter, input), want));

  it('reads the same whichever way its names are parted, each once', () => {
    const name = fc
      .stringMatching(/^[a-z0-9][a-z0-9.-]{0,12}$/)
      .filter((one) => !['all', 'ungrouped'].includes(one));
    const between = fc.constantFrom(',', ', ', '\n', ' ', ';', '\t,\r\n');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), between, (names, by) => {
        assert.deepEqual(parsed(list(), names.join(by)), [...new Set(names)]);
      }),
    );
  });

  it('is one text for a target, without blanks, and another for people', () => {
    assert.equal(scalarOf(['web01', 'web02']), 'web01,web02');
    assert.equal(spellValue(['web01', 'web02']), 'web01, web02');
    assert.deepEqual([scalarOf(false), spellValue(false), scalarOf(3)], [false, 'false', 3]);
  });
});

describe('the servers of a pool', () => {
  const { runbook } = f.rolling({ from: ['incident.u_servers', 'ci.u_servers', 'members'], min: 2 });
  const sources = (more: { incident?: string; ci?: string; members?: string[] }) => ({
    incident: { fields: more.incident === undefined ? {} : { u_servers: more.incident } },
    ci: { fields: more.ci === undefined ? {} : { u_servers: more.ci }, name: 'farm', sysId: 's' },
    members: more.members,
  });
  const resolved = (more: Parameters<typeof sources>[0]): unknown => {
    const [one] = resolveParameters(runbook, sources(more));
    return [one?.value, one?.source, one?.confirm];
  };
  const members = ['web02', 'web01'];

  it('come from the first source that names enough of them', () => {
    assert.deepEqual(resolved({ incident: 'a b', ci: 'c d', members }), [
      ['a', 'b'],
      'incident.u_servers',
      false,
    ]);
    assert.deepEqual(resolved({ incident: 'a', ci: 'c d', members }), [['c', 'd'], 'ci.u_servers', false]);
  });

  it('are what the item consists of, in an order that does not depend on the answer', () => {
    assert.deepEqual(resolved({ members }), [['web01', 'web02'], 'members', false]);
    assert.deepEqual(resolved({ members: members.toReversed() }), [['web01', 'web02'], 'members', false]);
  });

  it('are asked for when nobody can tell what it consists of, or when it is no pool', () => {
    assert.deepEqual(resolved({}), [null, 'missing', true]);
    assert.deepEqual(resolved({ members: ['web01'] }), [null, 'missing', true]);
  });

  it('are asked for rather than taken in part, when one has a name no host has', () => {
    assert.deepEqual(resolved({ members: ['web01', 'web02', 'Disk C: of web02'] }), [null, 'missing', true]);
  });

  it('can be entered by a person', () => {
    const missing = resolveParameters(runbook, sources({}));
    const done = confirmParameters(runbook, missing, { servers: 'web07\nweb08' });
    assert.deepEqual(done.ok && done.parameters[0], {
      ...missing[0],
      value: ['web07', 'web08'],
      source: 'person',
      confirm: false,
    });
  });

  it('stay what they were when they are written otherwise, and cannot be changed where nobody asks', () => {
    const known = resolveParameters(runbook, sources({ members }));
    const same = confirmParameters(runbook, known, { servers: 'WEB01, web02'.toLowerCase() });
    assert.deepEqual(same, { ok: true, parameters: known });
    const other = confirmParameters(runbook, known, { servers: 'web01 web03' });
    assert.deepEqual(other, {
      ok: false,
      errors: [{ field: 'servers', message: 'comes from members and is not asked for; correct it there' }],
    });
  });

  it('have to be confirmed again when there is one more', () => {
    const { runbook: careful } = f.rolling({ from: ['members'], ask: 'always' });
    const known = resolveParameters(careful, sources({ members })).map((one) => ({ ...one, confirm: false }));
    assert.equal(resolveAgain(careful, known, sources({ members }))[0]?.confirm, false);
    assert.equal(resolveAgain(careful, known, sources({ members: [...members, 'web03'] }))[0]?.confirm, true);
  });
});
