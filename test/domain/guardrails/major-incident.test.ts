import { away, type Case, check, ok, policy } from './cases.ts';

const open = (...numbers: string[]) => ({
  majorIncidents: ok(
    numbers.map((number) => ({ number, ci: 'c'.repeat(32), shortDescription: 'Shop down' })),
  ),
});
const reason = 'major incident INC0010001 is open on the item or on what depends on it';

const cases: Case[] = [
  ['none is open', {}, 'allow: no major incident is open here'],
  ['one is open', open('INC0010001'), `require-approval: ${reason}`, { incidents: 'INC0010001' }],
  [
    'two are open',
    open('INC0010001', 'INC0010002'),
    `require-approval: ${reason.replace('1 is', '1, INC0010002 is')}`,
    { incidents: 'INC0010001, INC0010002' },
  ],
  [
    'one is open and the policy forbids runs then',
    { ...open('INC0010001'), ...policy({ majorIncident: 'deny' }) },
    `deny: ${reason}`,
  ],
  [
    'one is open and the policy does not mind',
    { ...open('INC0010001'), ...policy({ majorIncident: 'allow' }) },
    'allow: the policy lets major incidents pass',
  ],
  [
    'nobody knows',
    { majorIncidents: away },
    'deny: open major incidents could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail major incident', () => {
  check('major incident', cases);
});
