import { system } from '../../../src/domain/people.ts';
import { away, type Case, check, ok, runbook } from './cases.ts';

const several = runbook({ requesters: ['web-operations', 'database'] });
const onCall = { requesterOnCall: ok(true) };

const cases: Case[] = [
  ['a member asks', {}, 'allow: olivia is in web-operations', { group: 'web-operations' }],
  [
    'a member of the second group asks',
    { ...several, requesterGroups: ok(['x', 'database']) },
    'allow: olivia is in database',
  ],
  [
    'an event asks',
    { requester: system('servicenow'), requesterGroups: away, requesterOnCall: away },
    'allow: raised by an event; people approve it',
  ],
  [
    'somebody asks who is on call',
    { ...several, ...onCall, requesterGroups: ok([]) },
    'allow: olivia is on call now for one of web-operations, database',
    { 'on call': 'yes' },
  ],
  [
    'somebody else asks',
    { requesterGroups: ok(['web-approvers', 'x']) },
    'deny: olivia is in none of web-operations and not on call for them',
    { groups: 'web-approvers, x' },
  ],
  [
    'a member asks and nobody knows who is on call',
    { requesterOnCall: away },
    'allow: olivia is in web-operations',
  ],
  [
    'nobody knows the groups, but who is on call',
    { ...onCall, requesterGroups: away },
    'allow: olivia is on call now for one of web-operations',
  ],
  [
    'nobody knows the groups',
    { requesterGroups: away },
    'deny: the groups of olivia could not be checked: it did not answer [unknown]',
  ],
  [
    'nobody knows who is on call',
    { requesterGroups: ok([]), requesterOnCall: away },
    'deny: whether olivia is on call could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail authorised', () => {
  check('authorised', cases);
});
