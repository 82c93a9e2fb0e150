import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { denials, evaluate, guardrails } from '../../src/domain/guardrails.ts';
import * as f from '../fakes/domain.ts';
import { away, change, ci, facts, ok, past, policy, runbook } from './guardrails/cases.ts';
import { type FactName, factNames, situations } from './guardrails/worlds.ts';

const names = [
  'stopped',
  'incident',
  'environment',
  'risk',
  'owner',
  'ci status',
  'change window',
  'freeze',
  'conflict',
  'major incident',
  'blast radius',
  'cooldown',
  'flapping',
  'concurrency',
  'rate',
  'authorised',
  'approvers',
];
const strictness = { allow: 0, 'require-approval': 1, deny: 2 } as const;

/** Minds every fact there is. */
const everything = {
  ...policy({
    changeWindowRequired: ['test'],
    servicenowSchedules: true,
    flapping: { runs: 9, within: '2h' },
    limits: { perHour: 9 },
    blastRadius: { dependents: 9 },
  }),
  ...runbook({
    parameters: f.owned,
    approval: { group: 'web-approvers', quorum: 2, notAuthor: true },
  }),
  changes: ok([change()]),
};
/** What a refusal says about each fact that is missing. */
const missing: Record<FactName, string> = {
  incident: 'the incident',
  ci: 'the environment',
  owner: 'whose it is',
  changes: 'the change window',
  relations: 'the blast radius',
  majorIncidents: 'open major incidents',
  schedule: 'the maintenance and blackout times',
  history: 'the cooldown',
  lastHour: 'the runs of the last hour',
  holders: 'runs in progress',
  requesterGroups: 'the groups of olivia',
  requesterOnCall: 'whether olivia is on call',
  members: 'who can approve',
  authors: 'who wrote the runbook',
  control: 'whether everything is stopped',
};

describe('the guardrails', () => {
  it('are asked in the order people read them', () => {
    assert.deepEqual(Object.keys(guardrails), names);
    assert.deepEqual(
      evaluate(facts()).lines.map((line) => line.guardrail),
      names,
    );
  });

  for (const name of names)
    it(`have cases of their own: ${name}`, () => {
      const file = new URL(`guardrails/${name.replaceAll(' ', '-')}.test.ts`, import.meta.url);
      assert.ok(existsSync(file));
    });

  it('let the strictest win', () => {
    assert.equal(evaluate(facts()).effect, 'allow');
    const asked = evaluate(facts(ci({ environment: 'production' })));
    assert.equal(asked.effect, 'require-approval');
    const denied = evaluate(facts({ ...ci({ environment: 'production' }), history: ok([past('a', 0)]) }));
    assert.equal(denied.effect, 'deny');
    fc.assert(
      fc.property(situations, (given) => {
        const { effect, lines } = evaluate(given);
        assert.equal(strictness[effect], Math.max(...lines.map((line) => strictness[line.effect])));
      }),
    );
  });

  it('say what forbids it as one sentence', () => {
    const denied = facts({ history: ok([past('a', 0)]), incident: ok(f.incident({ state: 'closed' })) });
    assert.equal(denials(evaluate(denied)), 'INC0010023 is closed; ran 0 ms ago; the cooldown is 30 min');
    assert.equal(denials(evaluate(facts())), '');
  });
});

describe('a fact that could not be fetched', () => {
  it('is not the case in a world where all of them count and all is well', () => {
    assert.equal(denials(evaluate(facts(everything))), '');
  });

  for (const name of factNames)
    it(`is a refusal that names it: ${name}`, () => {
      const groups = name === 'requesterOnCall' ? { requesterGroups: ok([]) } : {};
      const { effect, unknown, lines } = evaluate(facts({ ...everything, ...groups, [name]: away }));
      assert.equal(effect, 'deny');
      assert.equal(unknown, true);
      const reasons = lines.filter((line) => line.unknown).map((line) => line.reason);
      assert.ok(
        reasons.includes(`${missing[name]} could not be checked: it did not answer`),
        reasons.join('; '),
      );
    });

  it('never makes a verdict weaker', () => {
    fc.assert(
      fc.property(situations, fc.subarray([...factNames], { minLength: 1 }), (given, gone) => {
        const before = evaluate(given);
        const after = evaluate({ ...given, ...Object.fromEntries(gone.map((name) => [name, away])) });
        for (const [n, line] of after.lines.entries())
          assert.ok(
            strictness[line.effect] >= strictness[before.lines[n]?.effect ?? 'deny'],
            `${line.guardrail}: ${before.lines[n]?.reason} became ${line.reason}`,
          );
      }),
      { numRuns: 300 },
    );
  });

  it('is said to be the only reason only when it is', () => {
    assert.equal(evaluate(facts()).unknown, false);
    assert.equal(evaluate(facts({ holders: away })).unknown, true);
    const closed = { incident: ok(f.incident({ state: 'closed' })) };
    assert.equal(evaluate(facts({ ...closed, holders: away })).unknown, false);
    assert.equal(evaluate(facts(closed)).unknown, false);
  });
});
