import { away, type Case, check, ci, policy } from './cases.ts';

const status = (operational_status: string, install_status: string) =>
  ci({ fields: { operational_status, install_status } });
const used = 'allow: shop-web-01 is in use';

const other = ['1', '2', '3', '5'].map(
  (value): Case => [`operational status ${value}`, status(value, '1'), used],
);

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
    ['the CMDB names none', ci({ fields: {} }), 'allow: the CMDB names no status for shop-web-01'],
    [
      'the CMDB is away',
      { ci: away },
      'deny: the status of the item could not be checked: it did not answer [unknown]',
    ],
  ]);
});
