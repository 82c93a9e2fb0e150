import { system } from '../../../src/domain/people.ts';
import * as f from '../../fakes/domain.ts';
import { away, type Case, check, ok, policy, runbook } from './cases.ts';

/** What the runbook asks for. In web-approvers are arne, mia and nadia, who wrote it. */
const asks = (quorum: number | string, more: Record<string, unknown> = {}) =>
  runbook({ approval: { group: 'web-approvers', quorum, ...more } });
const tier = (change: Record<string, unknown>) => policy({ tiers: [{ name: 'all', ...change }] });
const one = 'allow: one person of each group is enough';
const enough = 'allow: enough people can approve';
const unseen = { members: away, authors: away };

const cases: Case[] = [
  ['one is needed, whoever that is', unseen, one],
  [
    'one is needed, and nobody can tell who wrote it and may not',
    { ...asks(1, { notAuthor: true }), authors: away },
    'deny: who wrote the runbook could not be checked: it did not answer [unknown]',
  ],
  ['any is needed', { ...asks('any'), ...unseen }, one],
  ['one of five is needed', { ...asks('1 of 5'), ...unseen }, one],
  ['as many can as are needed', asks(3), enough, { 'web-approvers': '3 can, 3 needed' }],
  [
    'one too few can',
    asks(4),
    'deny: only 3 of 4 needed can approve (web-approvers)',
    { 'web-approvers': '3 can, 4 needed' },
  ],
  ['a number of a group can', asks('3 of 3'), enough],
  ['too few of a group can', asks('4 of 9'), 'deny: only 3 of 4 needed can approve (web-approvers)'],
  ['all are needed', asks('all'), enough, { 'web-approvers': '3 can, 3 needed' }],
  ['a share is needed', asks('50%'), enough, { 'web-approvers': '3 can, 2 needed' }],
  [
    'all are needed and nobody is there',
    { ...asks('all'), members: ok({ 'web-approvers': [] }) },
    'deny: only 0 of 1 needed can approve (web-approvers)',
  ],
  [
    'somebody is named twice',
    { ...asks(2), members: ok({ 'web-approvers': ['arne', 'arne'] }) },
    'deny: only 1 of 2 needed can approve (web-approvers)',
  ],
  [
    'the requester is one of them',
    { ...asks(3), requester: f.arne },
    'deny: only 2 of 3 needed can approve (web-approvers)',
  ],
  ['the requester is no person', { ...asks(3), requester: system('servicenow') }, enough],
  [
    'the author is one of them and may not',
    asks(3, { notAuthor: true }),
    'deny: only 2 of 3 needed can approve (web-approvers)',
  ],
  [
    'the tier says that the author may not',
    { ...asks(3), ...tier({ notAuthor: true }) },
    'deny: only 2 of 3 needed can approve (web-approvers)',
  ],
  [
    'the author and the requester may not',
    { ...asks('all', { notAuthor: true }), requester: f.arne },
    enough,
    { 'web-approvers': '1 can, 1 needed' },
  ],
  [
    'the tier asks another group as well',
    tier({ approvers: [{ group: 'web-operations', quorum: 2 }] }),
    'deny: only 1 of 2 needed can approve (web-operations)',
    { 'web-operations': '1 can, 2 needed' },
  ],
  [
    'both groups are too small',
    { ...asks(4), ...tier({ approvers: [{ group: 'web-operations', quorum: 2 }] }) },
    'deny: only 3 of 4 needed can approve (web-approvers); only 1 of 2 needed can approve (web-operations)',
  ],
  [
    'the tier does not fit',
    policy({
      tiers: [
        {
          name: 'a',
          when: [{ environments: ['production'] }],
          approvers: [{ group: 'web-operations', quorum: 2 }],
        },
        { name: 'b' },
      ],
    }),
    one,
  ],
  [
    'one of the tier is needed, whoever that is',
    { ...tier({ approvers: [{ group: 'x' }] }), ...unseen },
    one,
  ],
  [
    'nobody knows the tier',
    { ...policy({ tiers: [{ name: 'a', when: [{ dependents: 1 }] }] }), relations: away },
    'deny: what depends on the item could not be checked: it did not answer [unknown]',
  ],
  [
    'nobody knows the members',
    { ...asks(2), members: away },
    'deny: who can approve could not be checked: it did not answer [unknown]',
  ],
  [
    'the members of one group were not read',
    { ...asks(2), members: ok({ 'web-operations': [] }) },
    'deny: who can approve could not be checked: the members of web-approvers were not read [unknown]',
  ],
  [
    'a group is called like what every object has',
    runbook({ approval: { group: 'constructor', quorum: 2 } }),
    'deny: who can approve could not be checked: the members of constructor were not read [unknown]',
  ],
  [
    'nobody knows the author, who may not',
    { ...asks(2, { notAuthor: true }), authors: away },
    'deny: who wrote the runbook could not be checked: it did not answer [unknown]',
  ],
  ['nobody knows the author, who may', { ...asks(2), authors: away }, enough],
];

describe('the guardrail approvers', () => {
  check('approvers', cases);
});
