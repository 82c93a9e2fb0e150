import { away, check, ci, runbook } from './cases.ts';

const onlyTest = runbook({ environments: ['test'] });

describe('the guardrail environment', () => {
  check('environment', [
    ['it is a test', {}, 'allow: shop-web-01 is in test', { ci: 'shop-web-01', environment: 'test' }],
    [
      'it is production',
      ci({ environment: 'production' }),
      'require-approval: shop-web-01 is in production',
      { ci: 'shop-web-01', environment: 'production' },
    ],
    [
      'nobody knows',
      ci({ environmentKnown: false }),
      'require-approval: the CMDB names no environment for shop-web-01: treated as production',
      { ci: 'shop-web-01', environment: 'unknown' },
    ],
    [
      'the runbook may not touch it',
      { ...ci({ environment: 'staging' }), ...onlyTest },
      'deny: recycle may not touch staging',
      { ci: 'shop-web-01', environment: 'staging' },
    ],
    [
      'nobody knows and production is not allowed',
      { ...ci({ environmentKnown: false }), ...onlyTest },
      'deny: recycle may not touch production',
    ],
    [
      'the CMDB is away',
      { ci: away },
      'deny: the environment could not be checked: it did not answer [unknown]',
    ],
  ]);
});
