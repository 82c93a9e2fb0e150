import assert from 'node:assert/strict';
import { outcomes } from '../../src/domain/events.ts';
import { system } from '../../src/domain/people.ts';
import { newRun } from '../../src/domain/run.ts';
import { viewOf } from '../../src/domain/run-view.ts';
import { closing } from '../../src/domain/steps.ts';
import * as f from '../fakes/domain.ts';

const missing = { world: f.world({ ci: { ok: true, value: f.ci({ fields: {} }) } }) };
const view = (...given: Parameters<typeof f.after>) => {
  const seen = viewOf(f.after(...given));
  assert.ok(seen !== undefined);
  return seen;
};

describe('what people see of a run', () => {
  it('is nothing before it is proposed', () => assert.equal(viewOf(newRun(f.RUN)), undefined));

  for (const [face, commands, facts] of [
    ['proposal', [f.anyOf.propose], missing],
    ['approval', [f.anyOf.propose], undefined],
    ['progress', f.approved, undefined],
    ['progress', f.diagnosing, undefined],
    ['progress', f.verifying, undefined],
    ['outcome', f.succeeded, undefined],
    ['outcome', [f.anyOf.propose, f.anyOf.reject], undefined],
  ] as const)
    it(`has the face "${face}" after ${commands.length} commands`, () => {
      assert.equal(view(commands, facts).face, face);
    });

  it('names the incident, the item, the runbook and the code people type', () => {
    const { incident, ci, runbook, code, requester, reason } = view([f.anyOf.propose]);
    assert.deepEqual(
      { incident, ci, runbook, code, requester, reason },
      {
        incident: { number: 'INC0010023', title: 'Burst of 5xx on the shop', priority: '2' },
        ci: { name: 'shop-web-01', environment: 'production', environmentKnown: true },
        runbook: { id: 'recycle', title: 'Recycle the pool', version: '1.0.0', summary: 'Recycles it.' },
        code: f.RUN.slice(-5),
        requester: 'ServiceNow',
        reason: 'matches',
      },
    );
  });

  it('shows what each step will do, does, and did', () => {
    const steps = (commands: Parameters<typeof f.after>[0]) =>
      view(commands).steps.map(({ id, state, detail }) => `${id} ${state}: ${detail}`);
    assert.deepEqual(steps([f.anyOf.propose]), [
      'snapshot waiting: snapshot on ops',
      'recycle-pool waiting: recycle on ops',
      'answers waiting: GET http://site.example/shop',
    ]);
    assert.deepEqual(steps(f.remediating), [
      'snapshot succeeded: it succeeded',
      'recycle-pool running: recycle on ops',
      'answers waiting: GET http://site.example/shop',
    ]);
  });

  it('shows who approved, how many are needed, and the rule that did it instead', () => {
    const { approval } = view(f.approved);
    assert.deepEqual(approval, {
      phase: 'run',
      tier: '',
      requirements: [{ group: 'web-approvers', needed: 1, of: 3, by: ['arne'] }],
      group: 'web-approvers',
      needed: 1,
      approvers: ['arne'],
      lacksSecondPerson: false,
      expiresAt: '2026-11-22T09:30:00.000Z',
    });
    const rule = {
      policy: f.policy(f.autoApprove),
      world: f.world({ ci: { ok: true, value: f.ci({ environment: 'test' }) } }),
    };
    assert.equal(view([f.anyOf.propose], rule).approval?.rule, 'low risk');
  });

  it('tells the age of what a guardrail rests on when it was not fresh, and no more than that', () => {
    const aged = {
      policy: f.policy({ blastRadius: { dependents: 9 } }),
      world: f.world({
        relations: {
          ok: true,
          value: { dependents: [], members: [], truncated: false },
          readAt: '2026-11-22T08:59:42.000Z',
        },
      }),
    };
    const reasons = view([f.anyOf.propose], aged).guardrails.map(({ reason }) => reason);
    assert.ok(reasons.includes('0 dependents, 1 touched (18 s old)'));
    assert.deepEqual(
      reasons.filter((reason) => reason.includes(' old')),
      ['0 dependents, 1 touched (18 s old)'],
    );
  });

  it('shows the guardrails of the latest check', () => {
    const late = f.play(f.after(f.approved), f.anyOf.dispatch, {
      world: f.world({ incident: { ok: true, value: f.incident({ state: 'resolved' }) } }),
    }).run;
    const line = viewOf(late)?.guardrails.find((one) => one.guardrail === 'incident');
    assert.deepEqual([line?.effect, viewOf(late)?.outcome?.name], ['deny', 'denied']);
  });

  it('marks the values that are missing, and where the others came from', () => {
    assert.deepEqual(view([f.anyOf.propose], missing).parameters, [
      { name: 'pool', title: 'Pool', value: '', source: 'missing', missing: true },
    ]);
    assert.deepEqual(view([f.anyOf.propose]).parameters, [
      { name: 'pool', title: 'Pool', value: 'shop', source: 'ci.u_app_pool', missing: false },
    ]);
  });

  it('says what it waits for', () => {
    const waiting = f.play(
      f.after(f.approved),
      f.command('wait', system('engine'), { holder: 'X'.repeat(26) }),
    ).run;
    assert.equal(viewOf(waiting)?.waiting, 'waits for run XXXXX on the same item');
    assert.equal(view(f.diagnosing).waiting, '');
  });

  it('has a tone, a reason and a next action for every end, and only success is good', () => {
    for (const outcome of outcomes) {
      const run = f.store(f.after(f.verifying), f.anyOf.advance, [closing(outcome, 'because')]);
      const seen = viewOf(run)?.outcome;
      assert.equal(seen?.tone === 'good', outcome === 'succeeded');
      assert.equal(seen?.reason, 'because');
      assert.ok((seen?.nextAction.length ?? 0) > 5);
    }
  });

  it('is a function of the log: it is the same however often it is asked for', () => {
    const run = f.after(f.succeeded);
    assert.deepEqual(viewOf(run), viewOf(structuredClone(run)));
  });
});
