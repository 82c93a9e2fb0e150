import assert from 'node:assert/strict';
import fc from 'fast-check';
import { denials, evaluate, type GuardrailFacts, guardrails } from '../../src/domain/guardrails.ts';
import type { Change } from '../../src/domain/incident.ts';
import { system } from '../../src/domain/people.ts';
import * as f from '../fakes/domain.ts';

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const away = { ok: false, why: 'it did not answer' } as const;
const facts = (change: Partial<GuardrailFacts> = {}): GuardrailFacts => ({
  now: f.T0,
  runbook: f.runbook().runbook,
  policy: f.policy().policy,
  requester: f.olivia,
  proposedCi: undefined,
  ...f.world({ ci: ok(f.ci({ environment: 'test' })) }),
  ...change,
});
const ci = (change: Parameters<typeof f.ci>[0]) => ({ ci: ok(f.ci(change)) });
const windowed = (change: Record<string, unknown> = {}) => ({
  policy: f.policy({ changeWindowRequired: ['test'], ...change }).policy,
});
const window = (from: string, to: string) => ({
  changeWindows: [{ name: 'nights', environments: ['test'], days: ['sun'], from, to, zone: 'UTC' }],
});
const freeze = (from: string, to: string, environments = ['test']) => ({
  policy: f.policy({ freezes: [{ name: 'year end', environments, from, to }] }).policy,
});
const change = (more: Partial<Change> = {}): Partial<GuardrailFacts> => ({
  changes: ok([
    {
      number: 'CHG0000007',
      state: 'implement',
      approved: true,
      onHold: false,
      start: '2026-11-22T09:00:00.000Z',
      end: '2026-11-22T10:00:00.000Z',
      ...more,
    },
  ]),
});
const noWindow = 'deny: no change window is open for test and no approved change covers now';

/** guardrail, what the facts are, the facts, the verdict. */
const cases: [string, string, Partial<GuardrailFacts>, string][] = [
  ['incident', 'the incident is open', {}, 'allow: INC0010023 is open'],
  [
    'incident',
    'it is on hold',
    { incident: ok(f.incident({ state: 'on-hold' })) },
    'allow: INC0010023 is open',
  ],
  [
    'incident',
    'it is resolved',
    { incident: ok(f.incident({ state: 'resolved' })) },
    'deny: INC0010023 is resolved',
  ],
  [
    'incident',
    'it is closed',
    { incident: ok(f.incident({ state: 'closed' })) },
    'deny: INC0010023 is closed',
  ],
  [
    'incident',
    'it is cancelled',
    { incident: ok(f.incident({ state: 'canceled' })) },
    'deny: INC0010023 is canceled',
  ],
  [
    'incident',
    'it names another item now',
    { proposedCi: 'd'.repeat(32) },
    'deny: INC0010023 names another configuration item now',
  ],
  [
    'incident',
    'it cannot be read',
    { incident: away },
    'deny: the incident could not be checked: it did not answer',
  ],

  ['environment', 'it is a test', {}, 'allow: shop-web-01 is in test'],
  [
    'environment',
    'it is production',
    ci({ environment: 'production' }),
    'require-approval: shop-web-01 is in production',
  ],
  [
    'environment',
    'nobody knows',
    ci({ environmentKnown: false }),
    'require-approval: the CMDB names no environment for shop-web-01: treated as production',
  ],
  [
    'environment',
    'the runbook may not touch it',
    { ...ci({ environment: 'staging' }), runbook: f.runbook({ environments: ['test'] }).runbook },
    'deny: recycle may not touch staging',
  ],
  [
    'environment',
    'nobody knows and production is not allowed',
    { ...ci({ environmentKnown: false }), runbook: f.runbook({ environments: ['test'] }).runbook },
    'deny: recycle may not touch production',
  ],
  [
    'environment',
    'the CMDB is away',
    { ci: away },
    'deny: the environment could not be checked: it did not answer',
  ],

  ['change window', 'none is needed', {}, 'allow: test needs no change window'],
  [
    'change window',
    'one is open',
    windowed(window('09:00', '10:00')),
    'allow: change window "nights" is open',
  ],
  ['change window', 'it closes this minute', windowed(window('08:00', '09:00')), noWindow],
  [
    'change window',
    'it is for another environment',
    {
      ...windowed({ ...window('09:00', '10:00'), changeWindowRequired: ['staging'] }),
      ...ci({ environment: 'staging' }),
    },
    'deny: no change window is open for staging and no approved change covers now',
  ],
  [
    'change window',
    'a change covers now',
    { ...windowed(), ...change() },
    'allow: change CHG0000007 covers now',
  ],
  [
    'change window',
    'a scheduled change covers now',
    { ...windowed(), ...change({ state: 'scheduled' }) },
    'allow: change CHG0000007 covers now',
  ],
  [
    'change window',
    'the change is not approved',
    { ...windowed(), ...change({ approved: false }) },
    noWindow,
  ],
  ['change window', 'the change is on hold', { ...windowed(), ...change({ onHold: true }) }, noWindow],
  [
    'change window',
    'the change is in another state',
    { ...windowed(), ...change({ state: 'other' }) },
    noWindow,
  ],
  [
    'change window',
    'the change ends this moment',
    { ...windowed(), ...change({ end: '2026-11-22T09:00:00.000Z' }) },
    noWindow,
  ],
  [
    'change window',
    'the change starts in a moment',
    { ...windowed(), ...change({ start: '2026-11-22T09:00:00.001Z' }) },
    noWindow,
  ],
  [
    'change window',
    'the changes cannot be read',
    { ...windowed(), changes: away },
    'deny: the change window could not be checked: it did not answer',
  ],
  [
    'change window',
    'the changes cannot be read and a window is open',
    { ...windowed(window('09:00', '10:00')), changes: away },
    'allow: change window "nights" is open',
  ],
  [
    'change window',
    'the CMDB is away',
    { ci: away },
    'deny: the change window could not be checked: it did not answer',
  ],
  [
    'change window',
    'a freeze is on',
    freeze('2026-11-22T09:00:00Z', '2026-11-23T00:00:00Z'),
    'deny: change freeze "year end" until 2026-11-23T00:00:00Z',
  ],
  [
    'change window',
    'a freeze is on, in another offset',
    freeze('2026-11-22T10:00:00+01:00', '2026-11-22T11:00:00+01:00'),
    'deny: change freeze "year end" until 2026-11-22T11:00:00+01:00',
  ],
  [
    'change window',
    'a freeze has just ended',
    freeze('2026-11-21T00:00:00Z', '2026-11-22T09:00:00Z'),
    'allow: test needs no change window',
  ],
  [
    'change window',
    'a freeze is about to begin',
    freeze('2026-11-22T09:00:01Z', '2026-11-23T00:00:00Z'),
    'allow: test needs no change window',
  ],
  [
    'change window',
    'a freeze is elsewhere',
    freeze('2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z', ['production']),
    'allow: test needs no change window',
  ],
  [
    'change window',
    'a freeze meets an approved change',
    { ...change(), ...freeze('2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z') },
    'deny: change freeze "year end" until 2026-11-23T00:00:00Z',
  ],

  ['cooldown', 'it never ran', {}, 'allow: no earlier run on this CI'],
  ['cooldown', 'it ran just now', { lastRun: ok(f.T0) }, 'deny: ran 0 ms ago; the cooldown is 30 min'],
  [
    'cooldown',
    'it ran a moment too late',
    { lastRun: ok(new Date(f.minutes(-30).getTime() + 1)) },
    'deny: ran 30 min ago; the cooldown is 30 min',
  ],
  ['cooldown', 'it ran exactly so long ago', { lastRun: ok(f.minutes(-30)) }, 'allow: last run 30 min ago'],
  [
    'cooldown',
    'it ran in the future of another clock',
    { lastRun: ok(f.minutes(5)) },
    'deny: ran 0 ms ago; the cooldown is 30 min',
  ],
  [
    'cooldown',
    'nobody knows',
    { lastRun: away },
    'deny: the cooldown could not be checked: it did not answer',
  ],

  ['authorised', 'a member asks', {}, 'allow: olivia is in web-operations'],
  [
    'authorised',
    'an event asks',
    { requester: system('servicenow'), requesterGroups: away },
    'allow: raised by an event; people approve it',
  ],
  [
    'authorised',
    'somebody else asks',
    { requesterGroups: ok(['web-approvers']) },
    'deny: olivia is in none of web-operations',
  ],
  [
    'authorised',
    'nobody knows',
    { requesterGroups: away },
    'deny: the groups of olivia could not be checked: it did not answer',
  ],
];

describe('the guardrails', () => {
  for (const [guardrail, when, given, want] of cases)
    it(`${guardrail}: ${when}: ${want.split(':')[0]}`, () => {
      const line = evaluate(facts(given)).lines.find((one) => one.guardrail === guardrail);
      assert.equal(`${line?.effect}: ${line?.reason}`, want);
    });

  it('all have a case here', () => {
    assert.deepEqual([...new Set(cases.map(([guardrail]) => guardrail))], Object.keys(guardrails));
  });

  it('are all asked, in the order people read them, and the strictest wins', () => {
    const all = evaluate(facts(ci({ environment: 'production' })));
    assert.equal(all.effect, 'require-approval');
    assert.deepEqual(
      all.lines.map((line) => line.guardrail),
      Object.keys(guardrails),
    );
    const denied = evaluate(
      facts({ ...ci({ environment: 'production' }), lastRun: ok(f.T0), requesterGroups: ok([]) }),
    );
    assert.equal(denied.effect, 'deny');
    assert.equal(
      denials(denied),
      'ran 0 ms ago; the cooldown is 30 min; olivia is in none of web-operations',
    );
    assert.equal(evaluate(facts()).effect, 'allow');
    assert.equal(denials(evaluate(facts())), '');
  });

  it('never pass a fact that is missing: without any of them it is denied, and said to be unknown', () => {
    const names = ['incident', 'ci', 'changes', 'lastRun', 'requesterGroups'] as const;
    fc.assert(
      fc.property(fc.subarray([...names], { minLength: 1 }), (missing) => {
        const given = facts({ ...windowed(), ...Object.fromEntries(missing.map((name) => [name, away])) });
        const { effect, unknown, lines } = evaluate(given);
        assert.equal(effect, 'deny');
        assert.ok(lines.some((line) => line.reason.includes('it did not answer')));
        // a window that is known to be closed is a known reason, whatever else is not known
        const known = lines.filter(
          (line) => line.effect === 'deny' && !line.reason.includes('could not be checked'),
        );
        assert.equal(unknown, known.length === 0);
      }),
    );
  });

  it('allow no more when a fact gets worse', () => {
    const strict = { allow: 0, 'require-approval': 1, deny: 2 } as const;
    const better: Partial<GuardrailFacts>[] = [
      {},
      ci({ environment: 'production' }),
      { lastRun: ok(f.minutes(-60)) },
      windowed(window('09:00', '10:00')),
    ];
    const worse: Partial<GuardrailFacts>[] = [
      { incident: ok(f.incident({ state: 'closed' })) },
      { lastRun: ok(f.T0) },
      { requesterGroups: ok([]) },
      { incident: away },
    ];
    for (const good of better)
      for (const bad of worse)
        assert.ok(
          strict[evaluate(facts({ ...good, ...bad })).effect] >= strict[evaluate(facts(good)).effect],
        );
  });
});
