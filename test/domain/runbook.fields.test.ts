import assert from 'node:assert/strict';
import { z } from 'zod';
import { authorsOf, Runbook, targetsOf } from '../../src/domain/runbook.ts';

/** As short as a runbook can be written. */
const shortest = {
  id: 'recycle',
  version: '1.0.0',
  title: 'Recycle',
  summary: 'Recycles it.',
  owner: 'web',
  author: 'nadia',
  match: { symptoms: ['5xx'] },
  target: 'ops',
  steps: {
    remediation: [{ id: 'go', title: 'Go', job: 'go' }],
    verification: [{ id: 'ok', title: 'OK', http: { url: 'http://site.example' } }],
  },
  rollback: { impossible: 'no way back' },
  cooldown: '30m',
  approval: { group: 'web-approvers' },
  requesters: ['web'],
  escalate: { group: 'L3' },
};
const text = (length: number): string => 'x'.repeat(length);

/** The same file with another value at a place such as `steps.remediation.0.title`. */
function written(place: string, value: unknown): unknown {
  const file = structuredClone(shortest);
  const names = place.split('.');
  const last = names.pop() ?? '';
  let at = file as Record<string, unknown>;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[last] = value;
  return file;
}
const faultsOf = (file: unknown): string[] => (Runbook.safeParse(file).error?.issues ?? []).flatMap(said);
/** What is said of a key, or by any of several shapes, is in what the issue holds. */
function said(issue: z.core.$ZodIssue): string[] {
  const within =
    issue.code === 'invalid_key' ? issue.issues : issue.code === 'invalid_union' ? issue.errors.flat() : [];
  const [place, inside] = [issue.path.join('.'), within.map(({ message }) => message)];
  return inside.length === 0 ? [`${place}: ${issue.message}`] : [`${place}: ${inside.join(', ')}`];
}

describe('a runbook file', () => {
  it('has careful values where it says nothing', () =>
    assert.deepEqual(Runbook.parse(shortest), {
      ...shortest,
      match: { incident: {}, ciClass: [], symptoms: ['5xx'] },
      environments: ['production', 'staging', 'test', 'development'],
      parameters: {},
      steps: {
        diagnostics: [],
        remediation: [{ id: 'go', title: 'Go', job: 'go', target: 'ops', timeout: 300_000, with: {} }],
        verification: [
          {
            id: 'ok',
            title: 'OK',
            timeout: 300_000,
            http: {
              ...{ url: 'http://site.example', status: [200], successes: 3, attempts: 5 },
              ...{ every: 2_000, within: 2_000 },
            },
          },
        ],
      },
      cooldown: 1_800_000,
      approval: { group: 'web-approvers', quorum: 1, expires: 1_800_000 },
      blastRadius: {},
    }));

  const look = { id: 'look', title: 'Look', job: 'look' };
  const undo = { steps: [{ id: 'undo', title: 'Undo', job: 'undo' }] };
  it('has careful values in its parts, too', () => {
    const read = Runbook.parse({
      ...shortest,
      parameters: {
        pool: { type: 'string', title: 'Pool' },
        size: { type: 'integer', title: 'Size' },
        mode: { type: 'choice', title: 'Mode', choices: ['a'] },
        hard: { type: 'boolean', title: 'Hard' },
      },
      steps: { ...shortest.steps, diagnostics: [look] },
      rollback: { ...undo, approval: { approvers: [{ group: 'owners' }] } },
    });
    const asked = { from: [], ask: 'missing' };
    assert.deepEqual(Object.values(read.parameters), [
      { type: 'string', title: 'Pool', maxLength: 200, ...asked },
      { type: 'integer', title: 'Size', ...asked },
      { type: 'choice', title: 'Mode', choices: ['a'], ...asked },
      { type: 'boolean', title: 'Hard', ...asked },
    ]);
    const step = { target: 'ops', timeout: 300_000, with: {} };
    assert.deepEqual(read.steps.diagnostics, [{ ...look, ...step, optional: false }]);
    assert.deepEqual(read.rollback, {
      steps: [{ ...undo.steps[0], ...step }],
      approval: { approvers: [{ group: 'owners', quorum: 1 }], expires: 1_800_000 },
    });
  });

  const parameter = (more: object) => ({ pool: { title: 'Pool', ...more } });
  const string = (more: object = {}) => parameter({ type: 'string', ...more });
  const integer = (more: object = {}) => parameter({ type: 'integer', ...more });
  const boolean = (more: object = {}) => parameter({ type: 'boolean', ...more });
  const choice = (more: object = {}) => parameter({ type: 'choice', choices: ['a', 'b'], ...more });
  const secret = (reference: string) => parameter({ type: 'secret', reference });
  const state = (more: object) => [{ column: 'ci.u_lock', is: ['1'], because: 'it is locked', ...more }];
  /** A place, what fits there, what does not, and what the person who wrote it is told where that is our own text. */
  const fields: [place: string, fits: unknown[], doesNot: unknown[], told?: RegExp][] = [
    ['$schema', ['./runbook.schema.json'], [1]],
    [
      'id',
      ['ab', 'iis-app-pool-2', `a${text(62)}`],
      ['a', `a${text(63)}`, '1a', 'a_b', 'Ab', 'ab ', ' ab'],
      /^id: expected a lower-case name such as iis-app-pool-recycle$/,
    ],
    [
      'version',
      ['0.0.0', '10.20.30'],
      ['1.0', 'v1.0.0', '1.0.0-beta', '1.0.x', 'x.0.0', '1.x.0'],
      /^version: expected a version such as 1\.2\.0$/,
    ],
    ['title', ['x', text(120)], ['', text(121), undefined]],
    ['summary', ['x', text(500)], ['', text(501)]],
    ['owner', ['x'], ['']],
    ['author', ['x', ['x', 'y']], ['', [], ['']]],
    ['match.symptoms', [['5x'], ['a b', '--1']], [[], ['x']]],
    ['match.symptoms', [], [['--']], /^match\.symptoms\.0: expected a word or a phrase$/],
    ['match.incident', [{}, { category: [''] }, { a: ['x', 'y'] }], [{ category: [] }, { category: 'x' }]],
    ['match.ciClass', [[], ['cmdb_ci_app_server']], ['cmdb_ci_app_server', [1]]],
    ['match.text', [], [['x']]],
    ['environments', [['test'], ['production', 'staging', 'development']], [[], ['prod']]],
    ['target', ['awx'], ['Awx', '']],
    [
      'parameters',
      [{ a: string().pool }, { appPool_2: string().pool }, { [`a${text(40)}`]: string().pool }],
      [
        { Pool: string().pool },
        { '1a': string().pool },
        { 'a-b': string().pool },
        { [`a${text(41)}`]: string().pool },
      ],
      /expected a name such as appPool$/,
    ],
    [
      'parameters',
      [
        string({ help: 'The pool.', from: ['ci.u_app_pool', 'incident.u_2'], ask: 'always', pattern: 'a+' }),
        ...[string({ maxLength: 1 }), string({ maxLength: 1_000 }), string({ default: 'x' })],
        integer({ min: -5, max: 5, default: 0, narrow: 'lower', ask: 'missing' }),
        ...[integer({ narrow: 'higher' }), boolean({ default: true, narrow: false }), choice()],
        choice({ default: '7', narrow: ['8'], choices: Array.from({ length: 50 }, (_, n) => `${n}`) }),
      ],
      [
        ...[string({ title: '' }), string({ ask: 'never' }), string({ choices: ['a'] }), string({ help: 1 })],
        ...[string({ maxLength: 0 }), string({ maxLength: 1_001 }), string({ maxLength: 1.5 })],
        ...[
          integer({ min: 0.5 }),
          integer({ max: 0.5 }),
          integer({ default: 0.5 }),
          integer({ narrow: 'less' }),
        ],
        ...[boolean({ default: 'yes' }), boolean({ narrow: 'yes' }), choice({ choices: [] })],
        ...[choice({ choices: [''] }), choice({ narrow: [] }), choice({ narrow: [''] })],
        ...[choice({ choices: Array.from({ length: 51 }, (_, n) => `${n}`) }), parameter({ type: 'date' })],
        { pool: { ...secret('OPS_TOKEN').pool, from: ['ci.name'] } },
      ],
    ],
    [
      'parameters',
      [string({ from: ['ci.a'] }), string({ from: ['incident.a_1'] })],
      [
        string({ from: ['ci.'] }),
        string({ from: ['xci.a'] }),
        string({ from: ['ci.A'] }),
        string({ from: ['ci.a.b'] }),
      ],
      /^parameters\.pool\.from\.0: expected incident\.<column> or ci\.<column>, e\.g\. ci\.fqdn$/,
    ],
    [
      'parameters',
      [secret('OPS'), secret('A1_'), secret(`A${'B'.repeat(63)}`)],
      [secret('OP'), secret('1OPS'), secret('ops_token'), secret('OPS-TOKEN'), secret(`A${'B'.repeat(64)}`)],
      /expected the name of a secret, such as OPS_TOKEN; never the secret$/,
    ],
    [
      'steps.diagnostics',
      [[], [{ ...look, optional: true }]],
      [[{ ...look, optional: 'yes' }], [{ id: 'look' }]],
    ],
    ['steps.remediation', [], [[]]],
    ['steps.verification', [], [[]]],
    ['steps.remediation.0.title', ['x'], ['']],
    ['steps.remediation.0.timeout', ['1s'], [300_000, '5']],
    ['steps.remediation.0.target', ['awx'], ['AWX']],
    ['steps.remediation.0.job', ['x', text(200)], ['', text(201)]],
    ['steps.remediation.0.with', [{}, { a: 'x', b: 1, c: true }], [{ a: null }, { a: ['x'] }]],
    ['steps.remediation.0.optional', [], [true]],
    ['steps.verification.0.title', ['x'], ['']],
    ['steps.verification.0.optional', [], [true]],
    [
      'steps.verification.0.http',
      [],
      [undefined],
      /^steps\.verification\.0: needs exactly one of http, prometheus, azureMonitor, deviceCompliance$/,
    ],
    ['rollback', [undo, { impossible: text(10) }], [{ steps: [] }, {}, { ...undo, impossible: text(10) }]],
    ['rollback', [], [{ impossible: text(9) }], /say why it cannot be undone/],
    [
      'rollback',
      [{ ...undo, approval: { approvers: [{ group: 'owners', quorum: 'all' }], expires: '1h' } }],
      [
        ...[
          { ...undo, approval: { approvers: [] } },
          { ...undo, approval: {} },
        ],
        { ...undo, approval: { approvers: [{ group: 'owners' }], remind: '1h' } },
      ],
    ],
    ['cooldown', ['0s', '1d'], [30, '']],
    ['approval.group', ['x'], ['']],
    ['approval.quorum', ['all', 2], [0, 'most']],
    ['approval.expires', ['2h'], [2]],
    ['approval.remind', ['10m'], ['10s']],
    ['approval.approvers', [], [['x']]],
    ['userAccess', [true, undefined], [false, 'yes']],
    ['blastRadius', [{}, { dependents: 0, targets: 1 }], [{ dependents: -1 }, { items: 1 }]],
    ['requesters', [['x', 'y']], [[], ['']]],
    ['escalate', [{ group: 'x' }], [{}, { group: '' }, { group: 'x', after: '1h' }]],
    [
      'resolve',
      [undefined, { code: 'x', notes: 'y' }],
      [
        { code: '', notes: 'y' },
        { code: 'x', notes: '' },
        { code: 'x' },
        { code: 'x', notes: 'y', state: 'z' },
      ],
    ],
    [
      'unless',
      [
        undefined,
        state({}),
        state({ is: undefined, isNot: ['2', '3'] }),
        state({ because: text(5) }),
        state({ because: text(200) }),
      ],
      [
        ...[[], state({ is: [] }), state({ is: [''] }), state({ is: undefined, isNot: [] })],
        ...[
          state({ is: undefined, isNot: [''] }),
          state({ because: text(4) }),
          state({ because: text(201) }),
        ],
        state({ was: ['1'] }),
      ],
    ],
    [
      'unless',
      [state({ column: 'ci.u_2' })],
      [
        state({ column: 'incident.state' }),
        state({ column: 'ci.' }),
        state({ column: 'xci.a' }),
        state({ column: 'ci.A' }),
      ],
      /^unless\.0\.column: expected a column of the item, such as ci\.u_mid_state$/,
    ],
    [
      'unless',
      [],
      [state({ is: undefined }), state({ isNot: ['2'] })],
      /^unless\.0: needs is or isNot, and not both$/,
    ],
    ['steps.rollback', [], [[]]],
    ['comment', [], ['x']],
  ];
  for (const [place, fits, doesNot, told = /./] of fields) {
    for (const value of fits)
      it(`may have ${place}: ${JSON.stringify(value)?.slice(0, 90)}`, () =>
        assert.deepEqual(faultsOf(written(place, value)), []));
    for (const value of doesNot)
      it(`may not have ${place}: ${JSON.stringify(value)?.slice(0, 90)}`, () => {
        const [fault = ''] = faultsOf(written(place, value));
        assert.ok(fault.includes(place.split('.')[0] ?? ''), `not refused, or elsewhere: ${fault}`);
        assert.match(fault, told);
      });
  }
});

describe('a runbook', () => {
  it('was written by one person or several', () => {
    assert.deepEqual(authorsOf({ author: 'nadia' }), ['nadia']);
    assert.deepEqual(authorsOf({ author: ['nadia', 'noor'] }), ['nadia', 'noor']);
  });

  it('uses the automation systems of all its steps, those of the way back too', () => {
    const runbook = Runbook.parse(shortest);
    assert.deepEqual(targetsOf(runbook), ['ops']);
    const undo = { steps: [{ id: 'undo', title: 'Undo', job: 'undo', target: 'awx' }] };
    assert.deepEqual(targetsOf(Runbook.parse({ ...shortest, rollback: undo })), ['ops', 'awx']);
  });

  it('is refused by an issue of our own when it contradicts itself', () => {
    const twice = structuredClone(shortest);
    for (const step of twice.steps.verification) step.id = 'go';
    const codes = Runbook.safeParse(twice).error?.issues.map(({ code, message }) => [code, message]);
    assert.deepEqual(codes, [['custom', 'step id go is used twice']]);
  });

  it('tells editors that a check is of exactly one kind', () => {
    const json = z.toJSONSchema(Runbook, { io: 'input', unrepresentable: 'any' });
    const found = JSON.stringify(json).includes(
      JSON.stringify({
        oneOf: ['http', 'prometheus', 'azureMonitor', 'deviceCompliance'].map((kind) => ({
          required: [kind],
        })),
      }).slice(1, -1),
    );
    assert.ok(found);
  });
});
