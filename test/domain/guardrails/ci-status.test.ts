import { away, type Case, check, ci, policy, runbook } from './cases.ts';

const status = (operational_status: string, install_status: string) =>
  ci({ fields: { operational_status, install_status } });
const used = 'allow: shop-web-01 is in use';

const other = ['1', '2', '3', '5'].map(
  (value): Case => [`operational status ${value}`, status(value, '1'), used],
);

const UPGRADE = {
  column: 'ci.u_mid_upgrade',
  is: ['in progress', 'pending'],
  because: 'an upgrade is in progress',
};
const ONLY = { column: 'ci.u_mid_upgrade', isNot: ['none'], because: 'it is busy' };
const LOCK = { column: 'ci.u_lock', is: ['1'], because: 'somebody has locked it' };
const upgrading = (value: string | undefined, ...unless: readonly unknown[]) => ({
  ...runbook({ unless: unless.length === 0 ? [UPGRADE] : unless }),
  ...ci({ fields: { operational_status: '1', ...(value === undefined ? {} : { u_mid_upgrade: value }) } }),
});

describe('the guardrail ci status', () => {
  check('ci status', [
    ...other,
    ['it is installed', status('1', '1'), used, { operational_status: '1', install_status: '1' }],
    ['only one of the two is known', status('', '1'), used],
    ['only the other is known', status('1', ''), used],
    [
      'it is retired from operation',
      status('6', '1'),
      'deny: shop-web-01 is retired',
      { operational_status: '6', install_status: '1' },
    ],
    ['it is retired', status('1', '7'), 'deny: shop-web-01 is retired'],
    ['it is absent', status('1', '100'), 'deny: shop-web-01 is absent'],
    [
      'somebody works on it',
      status('1', '3'),
      'deny: shop-web-01 is in maintenance',
      { operational_status: '1', install_status: '3' },
    ],
    [
      'somebody works on it and the policy asks people then',
      { ...status('1', '3'), ...policy({ maintenance: 'require-approval' }) },
      'require-approval: shop-web-01 is in maintenance',
    ],
    ['the status is the name of what every object has', status('1', 'toString'), used],
    ['the runbook forbids a state and it is another one', upgrading('none'), used],
    [
      'it is in a state that the runbook forbids',
      upgrading('in progress'),
      'deny: shop-web-01: an upgrade is in progress',
      { u_mid_upgrade: 'in progress' },
    ],
    ['it is in the other one', upgrading('pending'), 'deny: shop-web-01: an upgrade is in progress'],
    ['it is written otherwise', upgrading(' In Progress'), 'deny: shop-web-01: an upgrade is in progress'],
    ...[undefined, '', ' '].map(
      (value): Case => [
        `the CMDB says ${JSON.stringify(value)}`,
        upgrading(value),
        'deny: the CMDB says nothing in u_mid_upgrade of shop-web-01; perhaps an upgrade is in progress',
      ],
    ),
    ['it is in the only state that is allowed', upgrading('None', ONLY), used],
    ['it is in one of those that are allowed', upgrading('done', { ...ONLY, isNot: ['none', 'done'] }), used],
    ['it is in another than the only one', upgrading('nearly none', ONLY), 'deny: shop-web-01: it is busy'],
    [
      'the state that is forbidden is not the first one',
      upgrading('in progress', { ...LOCK, column: 'ci.operational_status', is: ['2'] }, UPGRADE),
      'deny: shop-web-01: an upgrade is in progress',
    ],
    [
      'the column is the name of what every object has',
      upgrading('none', { ...LOCK, column: 'ci.constructor' }),
      'deny: the CMDB says nothing in constructor of shop-web-01; perhaps somebody has locked it',
    ],
    [
      'it is retired, whatever else it is',
      { ...upgrading('in progress'), ...ci({ fields: { operational_status: '6' } }) },
      'deny: shop-web-01 is retired',
    ],
    ['the CMDB names none', ci({ fields: {} }), 'allow: the CMDB names no status for shop-web-01'],
    [
      'the CMDB is away',
      { ci: away },
      'deny: the status of the item could not be checked: it did not answer [unknown]',
    ],
  ]);
});
