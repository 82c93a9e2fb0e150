import { away, type Case, check, item, ok, policy, runbook } from './cases.ts';

const related = (dependents: number, members: number, truncated = false) => ({
  relations: ok({
    dependents: Array.from({ length: dependents }, (_, n) => item(`d${n}`)),
    members: Array.from({ length: members }, (_, n) => item(`m${n}`)),
    truncated,
  }),
});
const limit = (blastRadius: Record<string, number>) => policy({ blastRadius });
const own = (blastRadius: Record<string, number>) => runbook({ blastRadius });
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
    'nobody knows',
    { ...limit({ targets: 9 }), relations: away },
    'deny: the blast radius could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail blast radius', () => {
  check('blast radius', cases);
});
