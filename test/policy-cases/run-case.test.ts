import assert from 'node:assert/strict';
import { readFolder } from '../../src/cli/case-files.ts';
import { CaseFile } from '../../src/policy-cases/policy-case.ts';
import { runCase } from '../../src/policy-cases/run-case.ts';

const folder = await readFolder('test/policy');
const base = { ...folder, runbook: 'recycle' };

/** What a case in the plain world of test/policy says that is not as wanted. */
const found = (one: Record<string, unknown>): readonly string[] => {
  const file = CaseFile.parse({
    about: 'this test',
    runbook: 'recycle',
    given: { people: { arne: ['web-approvers'], mia: ['web-approvers'], sam: [] } },
    cases: [{ name: 'one', ...one }],
  });
  const [only] = file.cases;
  assert.ok(only);
  return runCase(base, file, only).differences;
};

describe('a case that is not as wanted', () => {
  const wrong: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
    ['the effect', { want: { effect: 'deny' } }, ['effect: want deny, got require-approval']],
    [
      'a line of the guardrails, with its reason',
      { want: { guardrails: { environment: 'allow' } } },
      ['environment: want allow, got require-approval (shop-web-01 is in production)'],
    ],
    [
      'words of a reason',
      { want: { guardrails: { environment: { says: 'in test' } } } },
      ['environment: want "in test", got shop-web-01 is in production'],
    ],
    [
      'when a guardrail will agree',
      { given: { history: [{ at: '-10m' }] }, want: { guardrails: { cooldown: { until: '+21m' } } } },
      ['cooldown until: want 2026-11-18T10:21:00.000Z, got 2026-11-18T10:20:00.000Z'],
    ],
    ['a refusal that did not come', { want: { refusal: 'expired' } }, ['refusal: want expired, got nothing']],
    [
      'another refusal than wanted',
      { when: ['propose', { approve: 'sam' }], want: { refusal: 'expired' } },
      ['refusal: want expired, got not-approver (You are not one of the approvers.)'],
    ],
    [
      'a refusal nobody asked about',
      { when: ['propose', { approve: 'sam' }], want: { state: 'awaiting-approval' } },
      ['the last command was refused: not-approver (You are not one of the approvers.)'],
    ],
    [
      'a refusal on the way',
      { when: ['propose', { approve: 'sam' }, { approve: 'arne' }], want: { state: 'approved' } },
      ['approve was refused: not-approver (You are not one of the approvers.)'],
    ],
    [
      'a refusal on the way that did not come',
      {
        when: ['propose', { approve: { by: 'arne', refused: 'expired' } }, 'dispatch'],
        want: { state: 'diagnosing' },
      },
      ['approve was to be refused: expired'],
    ],
    ['the state', { want: { state: 'approved' } }, ['state: want approved, got awaiting-approval']],
    ['the outcome', { want: { outcome: 'denied' } }, ['outcome: want denied, got nothing']],
    ['the tier', { want: { tier: 'low' } }, ["tier: want low, got ''"]],
    [
      'the approvers',
      { want: { approvers: { 'web-approvers': 2 } } },
      ['approvers: want {"web-approvers":2}, got {"web-approvers":1}'],
    ],
    [
      'whose votes count',
      { when: ['propose', { approve: 'arne' }], want: { votes: { 'web-approvers': ['mia'] } } },
      ['votes: want {"web-approvers":["mia"]}, got {"web-approvers":["arne"]}'],
    ],
    [
      'the order of the events',
      { want: { events: ['guardrails-evaluated', 'run-proposed', 'approval-requested'] } },
      [
        'events: want ["guardrails-evaluated","run-proposed","approval-requested"], got ["run-proposed","guardrails-evaluated","approval-requested"]',
      ],
    ],
    [
      'the end of the time to decide',
      { want: { expires: '+31m' } },
      ['expires: want 2026-11-18T10:31:00.000Z, got 2026-11-18T10:30:00.000Z'],
    ],
    ['a value', { want: { parameters: { pool: 'x' } } }, ['parameter pool: want x, got shop']],
    [
      'everything at once, one line each',
      { want: { state: 'approved', revision: 2, reminded: 1, escalated: 'managers', stopped: true } },
      [
        'state: want approved, got awaiting-approval',
        'revision: want 2, got 1',
        'escalated: want managers, got nothing',
        'reminded: want 1, got 0',
        'stopped: want true, got false',
      ],
    ],
  ];
  for (const [name, one, lines] of wrong)
    it(`says what was wanted and what came: ${name}`, () => assert.deepEqual(found(one), lines));

  it('says nothing when all is as wanted', () =>
    assert.deepEqual(found({ want: { state: 'awaiting-approval', revision: 1 } }), []));

  it('gives the same result again and again', () => {
    const one = { when: ['propose', { wait: '1h' }], want: { outcome: 'rejected' } };
    assert.deepEqual(found(one), found(one));
  });
});
