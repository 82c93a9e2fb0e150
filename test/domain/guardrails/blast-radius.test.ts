import * as f from '../../fakes/domain.ts';
import { away, type Case, check, item, ok, policy, runbook } from './cases.ts';

const related = (dependents: number, members: number, truncated = false) => ({
  relations: ok({
    dependents: Array.from({ length: dependents }, (_, n) => item(`d${n}`)),
    members: Array.from({ length: members }, (_, n) => item(`m${n}`)),
    truncated,
  }),
});
const limit = (blastRadius: Record<string, number | string>) => policy({ blastRadius });
const own = (blastRadius: Record<string, number>) => runbook({ blastRadius });
/** A pool of so many hosts, gone through as `how` says; the rollback names hosts too, or is none. */
const rolling = (size: number, how: Record<string, unknown> = {}, change: Record<string, unknown> = {}) => ({
  runbook: f.rolling({}, { maxUnavailable: 2, ...how }, change).runbook,
  parameters: [servers(Array.from({ length: size }, (_, n) => `web${n + 1}`))],
});
const servers = (value: string[] | null) => ({
  name: 'servers',
  title: 'Servers',
  value,
  source: 'person',
  confirm: value === null,
});
const restore = {
  rollback: { steps: [{ id: 'restore', title: 'Restore', target: 'ops', job: 'restore' }] },
};
const pool = { from: ['members'] };
const unlimited = 'allow: the blast radius is not limited';

const cases: Case[] = [
  ['nothing is limited', related(99, 99, true), unlimited],
  ['nothing is limited and nobody can tell', { relations: away }, unlimited],
  [
    'as many depend on it as may',
    { ...limit({ dependents: 2 }), ...related(2, 0) },
    'allow: 2 dependents, 1 touched',
    { dependents: '2', targets: '1' },
  ],
  [
    'one too many depends on it',
    { ...limit({ dependents: 2 }), ...related(3, 0) },
    'deny: 3 items depend on it; at most 2 may',
    { dependents: '3', targets: '1' },
  ],
  [
    'nothing may depend on it and nothing does',
    { ...limit({ dependents: 0 }), ...related(0, 0) },
    'allow: 0 dependents, 1 touched',
  ],
  [
    'it consists of as many as may be touched',
    { ...limit({ targets: 3 }), ...related(9, 2) },
    'allow: 9 dependents, 3 touched',
  ],
  [
    'it consists of one too many',
    { ...limit({ targets: 3 }), ...related(0, 3) },
    'deny: it consists of 4 items; a run may touch at most 3',
    { dependents: '0', targets: '4' },
  ],
  [
    'the runbook is stricter',
    { ...limit({ dependents: 9, targets: 9 }), ...own({ dependents: 1 }), ...related(2, 0) },
    'deny: 2 items depend on it; at most 1 may',
  ],
  [
    'the policy is stricter',
    { ...limit({ targets: 1 }), ...own({ dependents: 9, targets: 9 }), ...related(2, 1) },
    'deny: it consists of 2 items; a run may touch at most 1',
  ],
  [
    'only the runbook sets a limit',
    { ...own({ targets: 1 }), ...related(0, 1) },
    'deny: it consists of 2 items; a run may touch at most 1',
  ],
  [
    'more are related than can be counted',
    { ...limit({ dependents: 99 }), ...related(0, 0, true) },
    'deny: more items are related to it than can be counted',
    { dependents: 'too many' },
  ],
  [
    'it goes through as many hosts as may be touched',
    { ...limit({ targets: 5 }), ...related(1, 3), ...rolling(5) },
    'allow: 1 dependents, 5 touched, 2 at a time',
    { dependents: '1', targets: '5', 'at once': '2' },
  ],
  [
    'it goes through one host too many',
    { ...limit({ targets: 4 }), ...related(1, 3), ...rolling(5) },
    'deny: it touches 5 hosts; a run may touch at most 4',
    { dependents: '1', targets: '5', 'at once': '2' },
  ],
  [
    'its hosts are not known yet',
    { ...limit({ targets: 1 }), ...related(0, 9), ...rolling(5), parameters: [servers(null)] },
    'allow: 0 dependents, the hosts are not known yet',
    { dependents: '0', targets: '0' },
  ],
  [
    'its hosts are not known yet, and the item itself is too large',
    { ...limit({ targets: 1 }), ...related(0, 1), ...rolling(5, {}, restore), parameters: [servers(null)] },
    'deny: it consists of 2 items; a run may touch at most 1',
  ],
  [
    'another step touches the item and what it consists of as well',
    { ...limit({ targets: 6 }), ...related(0, 1), ...rolling(5, {}, restore) },
    'deny: it touches 7 hosts; a run may touch at most 6',
  ],
  [
    'its hosts are what the item consists of: nobody is counted twice',
    {
      ...limit({ targets: 3 }),
      relations: ok({ dependents: [], members: [item('WEB1'), item('web2')], truncated: false }),
      ...rolling(2, {}, restore),
    },
    'allow: 0 dependents, 3 touched, 2 at a time',
  ],
  [
    'it takes as many at a time as may be',
    { ...limit({ atOnce: 2 }), ...rolling(5) },
    'allow: 0 dependents, 5 touched, 2 at a time',
  ],
  [
    'it takes one too many at a time',
    { ...limit({ atOnce: 1 }), ...rolling(5) },
    'deny: it takes 2 of 5 hosts at a time; at most 1 may be',
  ],
  [
    'it takes more of its pool at a time than may be',
    { ...limit({ atOnce: '25%' }), ...rolling(5) },
    'deny: it takes 2 of 5 hosts at a time; at most 1 may be',
  ],
  [
    'it takes half, and the runbook allows itself less',
    {
      ...limit({ atOnce: '50%' }),
      ...rolling(4, {}, { blastRadius: { atOnce: 1 } }),
    },
    'deny: it takes 2 of 4 hosts at a time; at most 1 may be',
  ],
  [
    'one of one is taken: that is the least there is',
    { ...limit({ atOnce: '50%' }), ...rolling(1) },
    'allow: 0 dependents, 1 touched, 1 at a time',
  ],
  [
    'a step is given the whole pool at once',
    { ...limit({ atOnce: '50%' }), ...rolling(4, { maxUnavailable: '100%' }) },
    'deny: it takes 4 of 4 hosts at a time; at most 2 may be',
  ],
  [
    'the share is of no matter where no pool is touched',
    { ...limit({ atOnce: '50%' }), ...related(0, 9) },
    'allow: 0 dependents, 10 touched',
  ],
  [
    'people may decide about what is over the limit',
    { ...limit({ targets: 4, over: 'require-approval' }), ...rolling(5) },
    'require-approval: it touches 5 hosts; a run may touch at most 4, so people have to approve it',
  ],
  [
    'the policy leaves it to people, and the runbook does not',
    {
      ...limit({ targets: 4, over: 'require-approval' }),
      ...rolling(5, {}, { blastRadius: { over: 'deny' } }),
    },
    'deny: it touches 5 hosts; a run may touch at most 4',
  ],
  [
    'the runbook alone would leave it to people',
    { ...limit({ targets: 4 }), ...rolling(5, {}, { blastRadius: { over: 'require-approval' } }) },
    'deny: it touches 5 hosts; a run may touch at most 4',
  ],
  [
    'people decide, but nobody can count: that is a no',
    { ...limit({ targets: 4, over: 'require-approval' }), ...related(0, 0, true) },
    'deny: more items are related to it than can be counted',
  ],
  [
    'nothing is limited, and the pool is what the CMDB says',
    { runbook: f.rolling(pool).runbook, parameters: [servers(['web1', 'web2'])] },
    'allow: 0 dependents, 2 touched, 2 at a time',
  ],
  [
    'nothing is limited, and the CMDB does not say what the pool is',
    { runbook: f.rolling(pool).runbook, relations: away },
    'deny: the blast radius could not be checked: it did not answer [unknown]',
  ],
  [
    'nothing is limited, and the CMDB names a part of the pool',
    { runbook: f.rolling(pool).runbook, ...related(0, 1, true) },
    'deny: more items are related to it than can be counted',
  ],
  [
    'nobody knows',
    { ...limit({ targets: 9 }), relations: away },
    'deny: the blast radius could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail blast radius', () => {
  check('blast radius', cases);
});
