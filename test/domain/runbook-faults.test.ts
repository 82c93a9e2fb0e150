import assert from 'node:assert/strict';
import { Runbook } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

/** A runbook as it is written, without what contradicts itself. */
const sound = {
  id: 'recycle',
  version: '1.0.0',
  title: 'Recycle',
  summary: 'Recycles it.',
  owner: 'web',
  author: 'nadia',
  match: { symptoms: ['5xx'] },
  parameters: {
    pool: { type: 'string', title: 'Pool' },
    token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
  },
  steps: {
    remediation: [
      { id: 'go', title: 'Go', target: 'ops', job: 'go', with: { pool: '{pool}', key: '{token}' } },
    ],
    verification: [{ id: 'ok', title: 'OK', http: { url: 'http://site.example/{pool}' } }],
  },
  rollback: f.rollbackSteps,
  cooldown: '30m',
  approval: { group: 'web-approvers' },
  requesters: ['web'],
  escalate: { group: 'L3' },
};
const job = (id: string, given: Record<string, unknown> = {}) => ({
  id,
  title: 'Go',
  target: 'ops',
  job: 'go',
  with: given,
});
const probe = (http: Record<string, unknown>, timeout = '5m') => ({
  id: 'ok',
  title: 'OK',
  timeout,
  http: { url: 'http://site.example', ...http },
});
const steps = (change: Record<string, unknown>) => ({ steps: { ...sound.steps, ...change } });
const parameter = (given: Record<string, unknown>) => ({
  parameters: { ...sound.parameters, extra: { title: 'Extra', ...given } },
});
/** What is wrong with a changed runbook, one line each. */
const faults = (change: Record<string, unknown>): string[] => {
  const read = Runbook.safeParse({ ...sound, ...change });
  return (read.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('a runbook that contradicts itself', () => {
  it('is told apart from one that does not', () => assert.deepEqual(faults({}), []));

  const cases: [string, Record<string, unknown>, string[]][] = [
    [
      'two steps of one phase have the same id',
      steps({ remediation: [job('go'), job('go')] }),
      ['steps.remediation.1.id: step id go is used twice'],
    ],
    [
      'a step has the id of one in another phase',
      steps({ diagnostics: [job('ok')] }),
      ['steps.verification.0.id: step id ok is used twice'],
    ],
    [
      'a step of the rollback has the id of one before',
      { rollback: { steps: [job('undo'), job('go')] } },
      ['rollback.steps.1.id: step id go is used twice'],
    ],
    ...[{}, { is: ['1'], isNot: ['2'] }].map((states): [string, Record<string, unknown>, string[]] => [
      `a state that forbids it is ${JSON.stringify(states)}`,
      { unless: [{ column: 'ci.u_lock', because: 'it is locked', ...states }] },
      ['unless.0: needs is or isNot, and not both'],
    ]),
    [
      'neither it nor a step names a target',
      steps({ remediation: [{ ...job('go'), target: undefined }] }),
      ['steps.remediation.0: step go names no target; give it one, or give the runbook one for all steps'],
    ],
    [
      'a job is given a parameter that is not there',
      steps({ remediation: [job('go', { a: 'x{poo}', b: '{pool}' })] }),
      ['steps.remediation.0.with.a: {poo} is not a parameter of this runbook; known: pool, token'],
    ],
    [
      'a diagnostics step names one that is not there',
      steps({ diagnostics: [job('look', { a: '{gone}' })] }),
      ['steps.diagnostics.0.with.a: {gone} is not a parameter of this runbook; known: pool, token'],
    ],
    [
      'the rollback names one that is not there',
      { rollback: { steps: [job('undo', { a: '{constructor}' })] } },
      ['rollback.steps.0.with.a: {constructor} is not a parameter of this runbook; known: pool, token'],
    ],
    [
      'no parameter is there at all',
      { ...steps({ remediation: [job('go')] }), parameters: {} },
      ['steps.verification.0.http.url: {pool} is not a parameter of this runbook; known: none'],
    ],
    [
      'a secret is part of a text',
      steps({ remediation: [job('go', { key: 'Bearer {token}' })] }),
      ["steps.remediation.0.with.key: {token} is a secret: it must be the whole value of a job's parameter"],
    ],
    [
      'a secret is in an address',
      steps({ verification: [probe({ url: '{token}' })] }),
      ["steps.verification.0.http.url: {token} is a secret: it must be the whole value of a job's parameter"],
    ],
    [
      'a check has to pass more often than it is made',
      steps({ verification: [probe({ successes: 6, attempts: 5 })] }),
      ['steps.verification.0.http.successes: more successes than attempts can never be reached'],
    ],
    [
      'the checks take longer than the engine waits',
      steps({ verification: [probe({ attempts: 9, every: '5s', within: '5001ms' })] }),
      ["steps.verification.0.http: all attempts together may take 90s, and no more than the step's timeout"],
    ],
    [
      'the checks take longer than their step may',
      steps({ verification: [probe({ attempts: 5, every: '1s', within: '1s' }, '9999ms')] }),
      ["steps.verification.0.http: all attempts together may take 90s, and no more than the step's timeout"],
    ],
    [
      'the largest number is below the smallest',
      parameter({ type: 'integer', min: 5, max: 4 }),
      ['parameters.extra.min: larger than max: no number fits'],
    ],
    [
      'a default is no choice',
      parameter({ type: 'choice', choices: ['a', 'b'], default: 'c' }),
      ['parameters.extra.default: the default does not fit: choose one of a, b'],
    ],
    [
      'a default does not match its pattern',
      parameter({ type: 'string', pattern: '[a-z]+', default: 'OK' }),
      ['parameters.extra.default: the default does not fit: must match [a-z]+'],
    ],
    [
      'a default is out of range',
      parameter({ type: 'integer', max: 4, default: 5 }),
      ['parameters.extra.default: the default does not fit: at most 4'],
    ],
    [
      'a column is named as we name it, not as ServiceNow does',
      { match: { ...sound.match, incident: { ciSysId: ['x'], priority: ['1'], category: ['web'] } } },
      ['match.incident.ciSysId: name a ServiceNow column, e.g. category'],
    ],
  ];
  for (const [name, change, want] of cases)
    it(`is refused, with the place: ${name}`, () => assert.deepEqual(faults(change), want));

  it('has no pattern that cannot be compiled, and hears of it once, before its default is tried', () => {
    const [pattern, ...rest] = faults(parameter({ type: 'string', pattern: '(', default: 'x' }));
    assert.match(pattern ?? '', /^parameters\.extra\.pattern: no RE2 pattern: \S/);
    assert.deepEqual(rest, []);
    const [body] = faults(steps({ verification: [probe({ body: '(?=x)' })] }));
    assert.match(body ?? '', /^steps\.verification\.0\.http\.body: no RE2 pattern: \S/);
  });

  it('is not one at the very limit', () => {
    assert.deepEqual(faults(steps({ verification: [probe({ successes: 5, attempts: 5 })] })), []);
    assert.deepEqual(
      faults(steps({ verification: [probe({ attempts: 9, every: '5s', within: '5s' })] })),
      [],
      'exactly 90 s',
    );
    assert.deepEqual(
      faults(steps({ verification: [probe({ attempts: 5, every: '1s', within: '1s' }, '10s')] })),
      [],
      'exactly its timeout',
    );
    assert.deepEqual(faults(parameter({ type: 'integer', min: 4, max: 4, default: 4 })), []);
    assert.deepEqual(faults(parameter({ type: 'integer', min: 4 })), []);
    assert.deepEqual(faults(parameter({ type: 'integer', max: -4 })), []);
    assert.deepEqual(faults(parameter({ type: 'string', pattern: '[a-z]+', default: 'ok' })), []);
    assert.deepEqual(faults(steps({ verification: [probe({ body: 'ok|fine' })] })), []);
    assert.deepEqual(faults({ ...steps({ remediation: [job('go', { n: 5, on: true })] }) }), []);
    assert.deepEqual(faults({ rollback: { impossible: 'there is no way back from here' } }), []);
  });
});
