import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makePlan, Plan, planDiff, planDigest } from '../../src/domain/plan.ts';
import { mostChanges } from '../../src/domain/reach.ts';
import { batchesOf, isPartId, mostOf, type Portion, Rolling } from '../../src/domain/rolling.ts';
import type { LoadedRunbook } from '../../src/domain/runbook.ts';
import { Runbook } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

const planOf = (servers: string[], loaded: LoadedRunbook = f.rolling()) =>
  makePlan({
    incident: f.incident(),
    ci: f.ci(),
    runbook: loaded,
    policy: { version: '7', hash: 'p'.repeat(64) },
    parameters: { servers },
    tier: '',
  });
const pool = (size: number): string[] =>
  Array.from({ length: size }, (_, n) => `web${String(n + 1).padStart(2, '0')}`);
const portions: fc.Arbitrary<Portion> = fc.oneof(
  fc.integer({ min: 1, max: 120 }),
  fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
);

describe('how many of a pool may be out', () => {
  const cases: [Portion, number, number][] = [
    [1, 10, 1],
    [3, 10, 3],
    [10, 10, 10],
    [11, 10, 10],
    ['25%', 10, 2],
    ['25%', 4, 1],
    ['25%', 8, 2],
    ['50%', 3, 1],
    ['29%', 100, 29],
    ['100%', 7, 7],
    ['1%', 7, 1],
    ['99%', 7, 6],
    ['50%', 1, 1],
  ];
  for (const [portion, size, want] of cases)
    it(`is ${want} of ${size} for ${portion}`, () => assert.equal(mostOf(portion, size), want));
});

describe('the batches of a pool', () => {
  it('have each host once, in order, and never more than may be out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), portions, (size, portion) => {
        const hosts = pool(size);
        const batches = batchesOf(hosts, portion);
        assert.deepEqual(batches.flat(), hosts);
        const most =
          typeof portion === 'number' ? portion : Math.max(1, (size * Number.parseInt(portion, 10)) / 100);
        assert.ok(batches.every((batch) => batch.length >= 1 && batch.length <= most));
      }),
      { numRuns: 500 },
    );
  });

  it('are no larger after the first one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), portions, (size, portion) => {
        const [first = [], ...more] = batchesOf(pool(size), portion);
        assert.ok(more.every((batch) => batch.length <= first.length));
      }),
    );
  });

  it('are never more than a plan is said to have at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        portions,
        fc.integer({ min: 1, max: 60 }),
        (max, portion, size) => {
          const most = typeof portion === 'number' ? Math.min(portion, max) : portion;
          const { runbook } = f.rolling({ max }, { maxUnavailable: most });
          assert.ok(batchesOf(pool(Math.min(size, max)), most).length <= mostChanges(runbook));
        },
      ),
    );
    assert.equal(mostChanges(f.rolling({ max: 10 }).runbook), 5);
    assert.equal(mostChanges(f.rolling({ max: 10 }, { maxUnavailable: '25%' }).runbook), 7);
    assert.equal(mostChanges(f.runbook().runbook), 1);
  });
});

describe('the plan of a runbook that goes through a pool', () => {
  const plan = planOf(pool(5));
  const batches = plan.steps.filter((step) => step.phase === 'remediation');

  it('names every batch and its hosts, and gives the job those alone', () => {
    assert.deepEqual(
      batches.map((step) => step.does === 'job' && [step.id, step.title, step.with['servers']]),
      [
        ['restart-1', 'Restart (1 of 3): web01, web02', 'web01,web02'],
        ['restart-2', 'Restart (2 of 3): web03, web04', 'web03,web04'],
        ['restart-3', 'Restart (3 of 3): web05', 'web05'],
      ],
    );
    assert.deepEqual(batches.map((step) => step.does === 'job' && step.batch)[1], {
      step: 'restart',
      title: 'Restart',
      hosts: ['web03', 'web04'],
      stopAfterFailures: 1,
    });
  });

  it('keeps the whole pool as the value, and is read back as it was', () => {
    assert.deepEqual(plan.parameters, { servers: pool(5) });
    assert.deepEqual(Plan.parse(JSON.parse(JSON.stringify(plan))), plan);
  });

  it('gives a step that goes through no pool all of it', () => {
    const step = {
      id: 'drain',
      title: 'Drain',
      target: 'ops',
      job: 'drain',
      with: { hosts: 'limit={servers}' },
    };
    const loaded = f.rolling({}, {}, { rollback: { steps: [step] } });
    const drained = planOf(pool(3), loaded).steps.at(-1);
    assert.deepEqual(drained?.does === 'job' && [drained.id, drained.with, 'batch' in drained], [
      'drain',
      { hosts: 'limit=web01,web02,web03' },
      false,
    ]);
  });

  it('is another one when a host, its place, or the size of the batches is another', () => {
    const others = [
      planOf(pool(4)),
      planOf(pool(5).toReversed()),
      planOf(pool(5), f.rolling({}, { maxUnavailable: 3 })),
      planOf(pool(5), f.rolling({}, { stopAfterFailures: 2 })),
    ];
    assert.equal(new Set([plan, ...others].map(planDigest)).size, 5);
    assert.deepEqual(planDiff(plan, planOf(pool(4))), [
      'parameter servers changed from web01, web02, web03, web04, web05 to web01, web02, web03, web04',
    ]);
  });

  it('is what it was where no runbook goes through a pool', () => {
    assert.ok(!JSON.stringify(makePlanOfOne()).includes('batch'));
  });
});

const makePlanOfOne = () =>
  makePlan({
    incident: f.incident(),
    ci: f.ci(),
    runbook: f.runbook(),
    policy: { version: '7', hash: 'p'.repeat(64) },
    parameters: { pool: 'shop' },
    tier: '',
  });

describe('the ids of batches', () => {
  for (const [id, want] of [
    ['restart-1', true],
    ['restart-12', true],
    ['restart-', false],
    ['restart-1a', false],
    ['restart', false],
    ['restarts-1', false],
    ['restart-all-1', false],
  ] as const)
    it(`${want ? 'are' : 'are not'} such as ${id}`, () => assert.equal(isPartId('restart', id), want));
});

describe('how a step goes through a pool', () => {
  const faults = (
    servers: Record<string, unknown>,
    how: Record<string, unknown>,
    step: Record<string, unknown> = {},
  ) => {
    const file = {
      ...fileOf(),
      parameters: {
        servers: { type: 'list', title: 'Servers', ...servers },
        pool: { type: 'string', title: 'Pool' },
        token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' },
      },
      steps: {
        remediation: [
          {
            id: 'restart',
            title: 'Restart',
            target: 'ops',
            job: 'restart',
            with: { servers: '{servers}' },
            rolling: { over: 'servers', maxUnavailable: 2, ...how },
            ...step,
          },
        ],
        verification: [{ id: 'restart-2', title: 'OK', http: { url: 'http://x' } }],
      },
    };
    const read = Runbook.safeParse(file);
    return read.success
      ? []
      : read.error.issues
          .filter(({ message }) => !message.includes('restart-2'))
          .map(({ path, message }) => `${path.slice(path[0] === 'steps' ? 3 : 0).join('.')}: ${message}`);
  };
  const portion = 'expected a whole number of hosts from 1 on, or a share such as 25%';
  const cases: [string, string[], ...Parameters<typeof faults>][] = [
    ['is well', [], {}, {}],
    [
      'names a parameter nobody knows',
      ['rolling.over: hosts is not a parameter of this runbook; name one of servers'],
      {},
      { over: 'hosts' },
    ],
    [
      'names a property every object has',
      ['rolling.over: toString is not a parameter of this runbook; name one of servers'],
      {},
      { over: 'toString' },
    ],
    [
      'names a text',
      ['rolling.over: pool is a string, not a list of hosts; name one of servers'],
      {},
      { over: 'pool' },
    ],
    [
      'names a secret',
      ['rolling.over: token is a secret, not a list of hosts; name one of servers'],
      {},
      { over: 'token' },
    ],
    ['takes none at a time', [`rolling.maxUnavailable: ${portion}`], {}, { maxUnavailable: 0 }],
    ['takes part of a host', [`rolling.maxUnavailable: ${portion}`], {}, { maxUnavailable: 1.5 }],
    ['takes a share that is none', [`rolling.maxUnavailable: ${portion}`], {}, { maxUnavailable: 'half' }],
    [
      'takes nothing of it',
      ['rolling.maxUnavailable: expected a share from 1% to 100%'],
      {},
      { maxUnavailable: '0%' },
    ],
    [
      'takes more than all',
      ['rolling.maxUnavailable: expected a share from 1% to 100%'],
      {},
      { maxUnavailable: '101%' },
    ],
    [
      'takes more than the list may have',
      ['rolling.maxUnavailable: the list has 4 hosts at most: make it 2 or so, or a share such as 50%'],
      { max: 4 },
      { maxUnavailable: 5 },
    ],
    ['takes as many as the list may have', [], { max: 4 }, { maxUnavailable: 4 }],
    [
      'takes more than the pool has',
      ['rolling.maxUnavailable: the pool has 2 hosts: make it 1 or so, or a share such as 50%'],
      { default: ['a', 'b'] },
      { maxUnavailable: 3 },
    ],
    [
      'takes more than a default that is only the last resort',
      [],
      { default: ['a', 'b'], from: ['members'] },
      { maxUnavailable: 3 },
    ],
    ['stops before it begins', ['rolling.stopAfterFailures: at least 1'], {}, { stopAfterFailures: 0 }],
    [
      'never stops',
      ['rolling.stopAfterFailures: the list has 4 hosts at most: so many can never fail; make it smaller'],
      { max: 4 },
      { stopAfterFailures: 5 },
    ],
    [
      'does not tell the job',
      ['with: goes through servers, but does not tell the job: give it a value with {servers}'],
      {},
      {},
      { with: { pool: '{pool}' } },
    ],
    ['tells it as a part of a value', [], {}, {}, { with: { limit: 'web:&{servers}' } }],
    [
      'has a list that no list fits',
      ['parameters.servers.min: larger than max: no list fits'],
      { min: 5, max: 4 },
      {},
    ],
    [
      'has a default that is too long',
      ['parameters.servers.default: the default does not fit: at most 1, these are 2'],
      { max: 1, default: ['a', 'b'] },
      { maxUnavailable: 1 },
    ],
    ['has a list longer than any may be', ['parameters.servers.max: at most 100'], { max: 101 }, {}],
    [
      'has a pattern that is none',
      ['parameters.servers.pattern: no RE2 pattern: error parsing regexp: missing closing ): `(`'],
      { pattern: '(' },
      {},
    ],
  ];
  for (const [what, want, ...given] of cases) it(what, () => assert.deepEqual(faults(...given), want));

  it('says what to do where the runbook has no list at all', () => {
    const read = Runbook.safeParse({ ...fileOf(), ...withoutList });
    assert.deepEqual(
      read.error?.issues.map(({ path, message }) => [path.join('.'), message]),
      [
        [
          'steps.remediation.0.rolling.over',
          'hosts is not a parameter of this runbook; add a parameter of type list that names the hosts',
        ],
      ],
    );
  });

  it('gives its batches no names that other steps have', () => {
    const file = {
      ...fileOf(),
      parameters: { servers: { type: 'list', title: 'Servers' } },
      steps: {
        diagnostics: [{ id: 'restart-2', title: 'Look', target: 'ops', job: 'look' }],
        remediation: [
          {
            id: 'restart',
            title: 'R',
            target: 'ops',
            job: 'r',
            with: { s: '{servers}' },
            rolling: { over: 'servers', maxUnavailable: 1 },
          },
        ],
        verification: [{ id: 'ok', title: 'OK', http: { url: 'http://x/{servers}' } }],
      },
    };
    assert.deepEqual(
      Runbook.safeParse(file).error?.issues.map(({ path, message }) => [path.join('.'), message]),
      [
        ['steps.verification.0.http.url', '{servers} is a list of names: only a job can be given one'],
        ['steps.remediation.0.id', 'its batches would be called like the step restart-2; rename one of them'],
      ],
    );
  });

  it('stops at the first failure where nothing else is said', () =>
    assert.equal(Rolling.parse({ over: 'servers', maxUnavailable: '25%' }).stopAfterFailures, 1));
});

const step = {
  id: 'go',
  title: 'Go',
  target: 'ops',
  job: 'go',
  rolling: { over: 'hosts', maxUnavailable: 1 },
};
const withoutList = {
  parameters: {},
  steps: { remediation: [step], verification: [{ id: 'ok', title: 'OK', http: { url: 'http://x' } }] },
};

function fileOf(): Record<string, unknown> {
  return {
    id: 'restart-pool',
    version: '1.0.0',
    title: 'Restart',
    summary: 'Restarts it.',
    owner: 'web',
    author: 'nadia',
    match: { symptoms: ['5xx'] },
    rollback: { impossible: 'a restart cannot be taken back' },
    cooldown: '30m',
    approval: { group: 'web-approvers' },
    requesters: ['web'],
    escalate: { group: 'L3' },
  };
}
