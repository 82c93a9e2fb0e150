import * as f from '../../fakes/domain.ts';
import { away, type Case, check, ok } from './cases.ts';

const over = (['resolved', 'closed', 'canceled'] as const).map(
  (state): Case => [
    `it is ${state}`,
    { incident: ok(f.incident({ state })) },
    `deny: INC0010023 is ${state}`,
    { incident: 'INC0010023', state },
  ],
);

describe('the guardrail incident', () => {
  check('incident', [
    ['the incident is open', {}, 'allow: INC0010023 is open', { incident: 'INC0010023', state: 'new' }],
    ['it is on hold', { incident: ok(f.incident({ state: 'on-hold' })) }, 'allow: INC0010023 is open'],
    ...over,
    ['it names the item it was proposed for', { proposedCi: 'c'.repeat(32) }, 'allow: INC0010023 is open'],
    [
      'it names another item now',
      { proposedCi: 'd'.repeat(32) },
      'deny: INC0010023 names another configuration item now',
      { incident: 'INC0010023', state: 'new', ci: 'c'.repeat(32) },
    ],
    [
      'it cannot be read',
      { incident: away },
      'deny: the incident could not be checked: it did not answer [unknown]',
    ],
  ]);
});
