import { RUN, rollbackSteps } from '../../fakes/domain.ts';
import { away, type Case, check, ok, policy, runbook } from './cases.ts';

const limits = (change: Record<string, unknown>) => policy({ limits: change });
const held = (ofRunbook: number, targets: Record<string, number> = {}) => ({
  holders: ok({
    ci: '',
    runbook: Array.from({ length: ofRunbook }, () => RUN),
    targets: Object.fromEntries(
      Object.entries(targets).map(([target, n]) => [target, Array.from({ length: n }, () => RUN)]),
    ),
  }),
});
const unlimited = 'allow: the number of runs at the same time is not limited';
const place = 'allow: there is a place for one more run';
const step = (id: string, target: string) => ({ id, title: id, target, job: 'j' });
/** Diagnostics on `looks`, remediation on `acts`, rollback on `ops`. */
const steps = (acts: string) => ({
  diagnostics: [step('look', 'looks')],
  remediation: [step('act', acts)],
  verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/{pool}' } }],
});
const mixed = runbook({ steps: steps('acts'), rollback: rollbackSteps });

const cases: Case[] = [
  ['nothing is limited', held(9, { ops: 9 }), unlimited],
  ['nothing is limited and nobody knows', { holders: away }, unlimited],
  ['another target is limited', { ...limits({ perTarget: { other: 1 } }), holders: away }, unlimited],
  [
    'one more run of the runbook may work',
    { ...limits({ perRunbook: 2 }), ...held(1) },
    place,
    { recycle: 'K2QDM' },
  ],
  [
    'no more run of the runbook may work',
    { ...limits({ perRunbook: 2 }), ...held(2) },
    'deny: 2 of 2 places of recycle are taken [passing]',
    { recycle: 'K2QDM, K2QDM' },
  ],
  [
    'the limit was lowered since',
    { ...limits({ perRunbook: 1 }), ...held(2) },
    'deny: 2 of 1 places of recycle are taken [passing]',
  ],
  [
    'one more run may use the target',
    { ...limits({ perTarget: { ops: 2 } }), ...held(9, { ops: 1 }) },
    place,
  ],
  [
    'nobody uses the target',
    { ...limits({ perTarget: { ops: 1 } }), ...held(9) },
    place,
    { 'target ops': '' },
  ],
  [
    'no more run may use the target',
    { ...limits({ perTarget: { ops: 2 } }), ...held(0, { ops: 2 }) },
    'deny: 2 of 2 places of target ops are taken [passing]',
    { 'target ops': 'K2QDM, K2QDM' },
  ],
  [
    'both are full',
    { ...limits({ perRunbook: 1, perTarget: { ops: 1 } }), ...held(1, { ops: 1 }) },
    'deny: 1 of 1 places of recycle are taken; 1 of 1 places of target ops are taken [passing]',
  ],
  ...['looks', 'acts', 'ops'].map(
    (target): Case => [
      `the target ${target} of one kind of step is full`,
      { ...mixed, ...limits({ perTarget: { [target]: 1 } }), ...held(0, { [target]: 1 }) },
      `deny: 1 of 1 places of target ${target} are taken [passing]`,
    ],
  ),
  [
    'a target is called like what every object has',
    {
      ...runbook({ steps: steps('constructor') }),
      ...limits({ perTarget: { constructor: 1 } }),
      ...held(0),
    },
    place,
  ],
  [
    'nobody knows',
    { ...limits({ perRunbook: 1 }), holders: away },
    'deny: the runs at work could not be checked: it did not answer [unknown]',
  ],
];

describe('the guardrail concurrency', () => {
  check('concurrency', cases);
});
