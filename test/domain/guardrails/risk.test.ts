import assert from 'node:assert/strict';
import { tierOf } from '../../../src/domain/tier.ts';
import * as f from '../../fakes/domain.ts';
import { away, type Case, check, ci, facts, item, ok, policy } from './cases.ts';

const tiers = (...named: Record<string, unknown>[]) => policy({ tiers: named });
const low = { name: 'low', effect: 'allow' };
/** A tier `critical` with these conditions above a tier that takes the rest. */
const critical = (...when: Record<string, unknown>[]) =>
  tiers({ name: 'critical', when, effect: 'deny' }, low);
const relations = (change: Record<string, unknown> = {}) => ({
  relations: ok({ dependents: [], members: [], truncated: false, ...change }),
});
const depend = (...levels: (number | undefined)[]) =>
  relations({
    dependents: levels.map((level, n) =>
      item(`Service ${n + 1}`, level === undefined ? {} : { criticality: level }),
    ),
  });
const impact = (value: string) => ({ incident: ok(f.incident({ fields: { impact: value } })) });
const production = ci({ environment: 'production' });
const rest = 'allow: tier low: everything else';

const environments: Case[] = [
  [
    'the environment fits',
    { ...critical({ environments: ['staging', 'production'] }), ...production },
    'deny: tier critical: production',
    { tier: 'critical', environment: 'production' },
  ],
  ['the environment does not fit', critical({ environments: ['production'] }), rest, { tier: 'low' }],
  [
    'the environment is not known',
    { ...critical({ environments: ['production'] }), ci: away },
    'deny: the environment could not be checked: it did not answer [unknown]',
  ],
];

const classes: Case[] = [
  [
    'the class fits',
    critical({ ciClass: ['cmdb_ci_database', 'cmdb_ci_app_server'] }),
    'deny: tier critical: class cmdb_ci_app_server',
    { tier: 'critical', class: 'cmdb_ci_app_server' },
  ],
  ['the class does not fit', critical({ ciClass: ['cmdb_ci_database'] }), rest],
  [
    'the class is not known',
    { ...critical({ ciClass: ['cmdb_ci_database'] }), ci: away },
    'deny: the class of the item could not be checked: it did not answer [unknown]',
  ],
];

const access: Case[] = [
  [
    'the runbook changes user access',
    { ...critical({ userAccess: true }), runbook: f.runbook({ userAccess: true }).runbook },
    'deny: tier critical: it changes user access',
    { tier: 'critical', 'user access': 'yes' },
  ],
  ['the runbook changes no user access', critical({ userAccess: true }), rest],
];

const impacts: Case[] = [
  [
    'customers are affected',
    { ...critical({ customerImpact: true }), ...impact('1') },
    'deny: tier critical: customers affected (impact 1)',
    { tier: 'critical', impact: '1' },
  ],
  ['they are not', { ...critical({ customerImpact: true }), ...impact('2') }, rest],
  ['the ticket does not say', critical({ customerImpact: true }), rest],
  [
    'another column says so',
    {
      ...policy({
        tiers: [{ name: 'critical', when: [{ customerImpact: true }], effect: 'deny' }, low],
        customerImpact: { column: 'priority', values: ['1', '2'] },
      }),
    },
    'deny: tier critical: customers affected (priority 2)',
    { tier: 'critical', priority: '2' },
  ],
  [
    'the incident cannot be read',
    { ...critical({ customerImpact: true }), incident: away },
    'deny: the customer impact could not be checked: it did not answer [unknown]',
  ],
];

const dependents: Case[] = [
  [
    'as many depend on it as the tier says',
    { ...critical({ dependents: 2 }), ...depend(4, 4) },
    'deny: tier critical: 2 dependents',
    { tier: 'critical', dependents: '2' },
  ],
  ['one depends on it', { ...critical({ dependents: 1 }), ...depend(4) }, 'deny: tier critical: 1 dependent'],
  ['one too few depend on it', { ...critical({ dependents: 2 }), ...depend(4) }, rest],
  [
    'more depend on it than can be counted',
    { ...critical({ dependents: 99 }), ...relations({ truncated: true }) },
    'deny: tier critical: more dependents than can be counted',
    { tier: 'critical', dependents: 'too many' },
  ],
  [
    'what depends on it is not known',
    { ...critical({ dependents: 1 }), relations: away },
    'deny: what depends on the item could not be checked: it did not answer [unknown]',
  ],
];

const assume = (criticality: number) =>
  policy({
    tiers: [{ name: 'critical', when: [{ criticality: [1] }], effect: 'deny' }, low],
    assume: { criticality },
  });
const criticality: Case[] = [
  [
    'the most critical service counts',
    { ...critical({ criticality: [1] }), ...depend(3, 1, 2) },
    'deny: tier critical: criticality 1 (Service 2)',
    { tier: 'critical', criticality: '1', 'criticality of': 'Service 2' },
  ],
  [
    'two are as critical, so the first is named',
    { ...critical({ criticality: [1] }), ...depend(2, 1, 1) },
    'deny: tier critical: criticality 1 (Service 2)',
  ],
  ['the level is another', { ...critical({ criticality: [1, 2] }), ...depend(3, undefined, 4) }, rest],
  [
    'the item itself is the most critical',
    {
      ...critical({ criticality: [2] }),
      ...depend(3),
      ...ci({ fields: { busines_criticality: '2 - somewhat critical' } }),
    },
    'deny: tier critical: criticality 2 (shop-web-01)',
  ],
  [
    'the item itself is less critical',
    {
      ...critical({ criticality: [3] }),
      ...depend(3),
      ...ci({ fields: { busines_criticality: '4 - not critical' } }),
    },
    'deny: tier critical: criticality 3 (Service 1)',
  ],
  [
    'what the item says is no level',
    {
      ...critical({ criticality: [1] }),
      ...depend(3),
      ...ci({ fields: { busines_criticality: 'level 1' } }),
    },
    rest,
  ],
  [
    'the CMDB is silent, so it is most critical',
    { ...critical({ criticality: [1] }), ...depend(undefined) },
    'deny: tier critical: criticality 1 (the CMDB names none)',
  ],
  ['the CMDB is silent and the policy assumes another level', { ...assume(3), ...depend() }, rest],
  [
    'the CMDB is silent and the policy assumes this level',
    { ...assume(1), ...depend() },
    'deny: tier critical: criticality 1 (assumed)',
  ],
  ['the CMDB speaks, whatever the policy assumes', { ...assume(1), ...depend(2) }, rest],
  [
    'not everything was read, so it is most critical',
    { ...assume(4), ...relations({ truncated: true, dependents: [item('Intranet', { criticality: 4 })] }) },
    'deny: tier critical: criticality 1 (not everything that depends on it could be read)',
  ],
  [
    'what depends on it is not known',
    { ...critical({ criticality: [1] }), relations: away },
    'deny: the business criticality could not be checked: it did not answer [unknown]',
  ],
  [
    'the item is not known',
    { ...critical({ criticality: [1] }), ci: away },
    'deny: the business criticality could not be checked: it did not answer [unknown]',
  ],
];

const both = { environments: ['production'], criticality: [1] };
const several: Case[] = [
  [
    'every part of a condition holds',
    { ...critical(both), ...production, ...depend(1) },
    'deny: tier critical: production and criticality 1 (Service 1)',
    { tier: 'critical', environment: 'production', criticality: '1', 'criticality of': 'Service 1' },
  ],
  ['one part does not hold', { ...critical(both), ...depend(1) }, rest],
  ['one part does not hold and another is not known', { ...critical(both), relations: away }, rest],
  [
    'the parts that are known hold and one is not',
    { ...critical(both), ...production, relations: away },
    'deny: the business criticality could not be checked: it did not answer [unknown]',
  ],
  [
    'one condition of several holds',
    critical({ environments: ['production'] }, { environments: ['test'] }),
    'deny: tier critical: test',
  ],
  [
    'one condition is not known and another does not hold',
    { ...critical({ dependents: 1 }, { environments: ['production'] }), relations: away },
    'deny: what depends on the item could not be checked: it did not answer [unknown]',
  ],
  [
    'customers are affected where the column is empty, and it is',
    {
      policy: f.policy({
        tiers: [{ name: 'critical', when: [{ customerImpact: true }], effect: 'deny' }, low],
        customerImpact: { column: 'u_cleared_by', values: [''] },
      }).policy,
    },
    'deny: tier critical: customers affected (u_cleared_by )',
  ],
  [
    'one condition holds and another is not known',
    { ...critical({ dependents: 1 }, { environments: ['test'] }), relations: away },
    'deny: tier critical: test',
  ],
  [
    'the first of two tiers that fit counts',
    tiers(
      { name: 'a', when: [{ environments: ['staging'] }] },
      { name: 'b', when: [{ environments: ['test'] }] },
      { name: 'c', when: [{ environments: ['test'] }], effect: 'deny' },
      low,
    ),
    'require-approval: tier b: test',
  ],
  [
    'a riskier tier may fit, for all one knows',
    {
      ...tiers(
        { name: 'a', when: [{ dependents: 9 }] },
        { name: 'b', when: [{ environments: ['test'] }] },
        low,
      ),
      relations: away,
    },
    'deny: what depends on the item could not be checked: it did not answer [unknown]',
  ],
  [
    'no tier fits',
    tiers({ name: 'a', when: [{ environments: ['production'] }] }),
    'deny: no risk tier of the policy takes this; its last one must be without conditions',
  ],
  ['the policy names no tiers', { ci: away, relations: away }, 'allow: the policy names no risk tiers'],
];

describe('the guardrail risk', () => {
  check('risk', [
    ...environments,
    ...classes,
    ...access,
    ...impacts,
    ...dependents,
    ...criticality,
    ...several,
  ]);
});

describe('the tier of a run', () => {
  const given = { ...critical({ dependents: 1 }), ...depend(4) };

  it('is the first that fits, and why', () => {
    const found = tierOf(facts(given));
    assert.equal(found?.tier.name, 'critical');
    assert.equal(found?.why, '1 dependent');
    assert.deepEqual(found?.facts, { dependents: '1' });
  });

  it('is none when no tier fits or nobody can tell', () => {
    assert.equal(tierOf(facts()), undefined);
    assert.equal(tierOf(facts({ ...given, relations: away })), undefined);
  });
});
