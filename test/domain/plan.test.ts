import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makePlan, Plan, type PlanInput, planDiff, planDigest } from '../../src/domain/plan.ts';
import * as f from '../fakes/domain.ts';

const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  incident: f.incident(),
  ci: f.ci(),
  runbook: f.runbook({ rollback: f.rollbackSteps }),
  policy: { version: '7', hash: 'p'.repeat(64) },
  parameters: { pool: 'shop' },
  tier: '',
  ...change,
});
const plan = makePlan(input());

/** Every leaf of a value with the same value changed at that leaf only. */
function* variants(value: unknown, path = ''): Generator<[string, unknown]> {
  if (typeof value === 'string') yield [path, `${value}!`];
  else if (typeof value === 'number') yield [path, value + 1];
  else if (typeof value === 'boolean') yield [path, !value];
  else if (Array.isArray(value)) {
    yield [`${path} one less`, value.slice(1)];
    for (const [n, one] of value.entries())
      for (const [at, other] of variants(one, `${path}.${n}`)) yield [at, value.with(n, other)];
  } else if (value !== null && typeof value === 'object')
    for (const [key, one] of Object.entries(value))
      for (const [at, other] of variants(one, `${path}.${key}`)) yield [at, { ...value, [key]: other }];
}

describe('a plan', () => {
  it('is what its own schema says, and survives a store', () => {
    const stored = Plan.parse(JSON.parse(JSON.stringify(plan)));
    assert.deepEqual(stored, plan);
    assert.equal(planDigest(stored), planDigest(plan));
  });

  it('has the resolved steps in the order in which they run, and the rollback', () => {
    assert.deepEqual(
      plan.steps.map((step) => [
        step.phase,
        step.id,
        step.does === 'job' ? step.with : 'http' in step && step.http.url,
      ]),
      [
        ['diagnostics', 'snapshot', { pool: 'shop' }],
        ['remediation', 'recycle-pool', { pool: 'shop' }],
        ['verification', 'answers', 'http://site.example/shop'],
        ['rollback', 'restore', {}],
      ],
    );
    assert.equal(plan.rollback, 'declared');
    assert.match(makePlan(input({ runbook: f.runbook() })).rollback, /^cannot be undone: a recycled pool/);
  });

  it('keeps the type of a value, and fills it into text', () => {
    const loaded = f.runbook({
      parameters: { n: { type: 'integer', title: 'N' }, on: { type: 'boolean', title: 'On' } },
      steps: {
        remediation: [
          {
            id: 'go',
            title: 'Go',
            target: 'ops',
            job: 'go',
            with: { n: '{n}', text: 'n={n}, on={on}', fixed: 3 },
          },
        ],
        verification: [{ id: 'ok', title: 'OK', http: { url: 'http://x/{n}' } }],
      },
    });
    const [step] = makePlan(input({ runbook: loaded, parameters: { n: 5, on: false } })).steps;
    assert.deepEqual(step?.does === 'job' && step.with, { n: 5, text: 'n=5, on=false', fixed: 3 });
  });

  it('fills a value in once: a value that looks like a placeholder stays what it is', () => {
    const parameters = { pool: '{pool}{other}' };
    const [step] = makePlan(input({ parameters })).steps;
    assert.deepEqual(step?.does === 'job' && step.with, { pool: '{pool}{other}' });
  });

  it('has the tier, and the approval of its rollback, only where there is one', () => {
    assert.deepEqual([Object.hasOwn(plan, 'tier'), Object.hasOwn(plan, 'rollbackApproval')], [false, false]);
    assert.equal(Object.hasOwn(makePlan(input({ runbook: f.runbook() })), 'rollbackApproval'), false);
    const approval = { approvers: [{ group: 'owners', quorum: '2 of 5' }], expires: '15m' };
    const runbook = f.runbook({ rollback: { ...f.rollbackSteps, approval } });
    const governed = makePlan(input({ tier: 'high', runbook }));
    assert.equal(governed.tier, 'high');
    assert.deepEqual(governed.rollbackApproval, { ...approval, expires: 900_000 });
    assert.deepEqual(Plan.parse(governed), governed);
  });

  it('names secrets, never their values', () => {
    const loaded = f.runbook({
      parameters: { token: { type: 'secret', title: 'Token', reference: 'OPS_TOKEN' } },
      steps: {
        remediation: [{ id: 'go', title: 'Go', target: 'ops', job: 'go', with: { token: '{token}' } }],
        verification: [{ id: 'ok', title: 'OK', http: { url: 'http://x' } }],
      },
    });
    // not even when a value of that name was smuggled in
    const made = makePlan(input({ runbook: loaded, parameters: { token: 'hunter2' } }));
    assert.deepEqual(made.parameters, { token: 'secret:OPS_TOKEN' });
    assert.doesNotMatch(JSON.stringify(made), /hunter2/);
  });
});

describe('the digest of a plan', () => {
  const changed = [...variants(plan)];

  it('covers every part: there are many, and each changes it', () => {
    assert.ok(changed.length > 40, `${changed.length}`);
    const digests = new Map(changed.map(([at, other]) => [planDigest(other as Plan), at]));
    assert.equal(digests.size, changed.length, 'two changes have the same digest');
    assert.ok(!digests.has(planDigest(plan)), digests.get(planDigest(plan)));
  });

  it('does not depend on when or in which order it was made', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (values) => {
        const shuffled = Object.fromEntries(Object.entries(values).reverse());
        assert.equal(
          planDigest(makePlan(input({ parameters: values }))),
          planDigest(makePlan(input({ parameters: shuffled }))),
        );
      }),
    );
  });
});

describe('what changed between two plans', () => {
  const diff = (change: Partial<PlanInput>) => planDiff(plan, makePlan(input(change)));
  const loaded = input().runbook;
  const cases: [string, Partial<PlanInput>, string[]][] = [
    ['nothing', {}, []],
    ['a value', { parameters: { pool: 'cart' } }, ['parameter pool changed from shop to cart']],
    ['a value more', { parameters: { pool: 'shop', n: 0 } }, ['parameter n changed from nothing to 0']],
    ['a value less', { parameters: {} }, ['parameter pool changed from shop to nothing']],
    [
      'the item',
      { ci: f.ci({ name: 'web-02', sysId: 'd'.repeat(32) }) },
      ['the configuration item changed from shop-web-01 to web-02'],
    ],
    [
      'the item behind the name',
      { ci: f.ci({ sysId: 'd' }) },
      [`the configuration item changed from shop-web-01 (${'c'.repeat(32)}) to shop-web-01 (d)`],
    ],
    [
      'the environment',
      { ci: f.ci({ environment: 'test' }) },
      ['the environment changed from production to test'],
    ],
    [
      'the version',
      { runbook: { ...loaded, hash: 'h', runbook: { ...loaded.runbook, version: '1.1.0' } } },
      ['the runbook version changed from 1.0.0 to 1.1.0'],
    ],
    [
      'the content under the same version',
      { runbook: { ...loaded, hash: 'h' } },
      ['the content of runbook recycle 1.0.0 changed'],
    ],
    ['the policy', { policy: { version: '8', hash: 'q' } }, ['the policy changed (7 to 8)']],
    [
      'the policy under the same version',
      { policy: { version: '7', hash: 'q' } },
      ['the policy changed (7 to 7)'],
    ],
    [
      'two things',
      { parameters: { pool: 'cart' }, policy: { version: '8', hash: 'q' } },
      ['the policy changed (7 to 8)', 'parameter pool changed from shop to cart'],
    ],
  ];
  for (const [name, change, want] of cases)
    it(`is said: ${name}`, () => assert.deepEqual(diff(change), want));

  it('is said of the tier, and in words even where no part has a name', () => {
    assert.deepEqual(diff({ tier: 'high' }), ['the risk tier changed from none to high']);
    const [step, ...rest] = plan.steps;
    assert.ok(step);
    const slower = { ...plan, steps: [{ ...step, timeout: 1 }, ...rest] };
    assert.deepEqual(planDiff(plan, slower), ['the resolved steps changed']);
  });

  it('is never silent: a plan with another digest has at least one sentence', () => {
    for (const [at, other] of variants(plan))
      assert.ok(planDiff(plan, other as Plan).length > 0, `${at} changed and nobody is told`);
  });
});
