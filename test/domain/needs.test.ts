import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GuardrailFacts } from '../../src/domain/facts.ts';
import { evaluate } from '../../src/domain/guardrails.ts';
import { type Needs, needsOf } from '../../src/domain/needs.ts';
import * as f from '../fakes/domain.ts';
import { away } from './guardrails/cases.ts';
import { situations } from './guardrails/worlds.ts';

const nothing: Needs = {
  relations: false,
  majorIncidents: false,
  schedule: false,
  onCall: true,
  history: false,
  lastHour: false,
  holders: true,
  members: [],
  authors: false,
  owner: false,
};
const careless = { majorIncident: 'allow' };
const group = 'web-approvers';
const fearless = { cooldown: '0s', approval: { group } };
const tiers = (...all: Record<string, unknown>[]) => ({
  tiers: all.map((one, n) => ({ name: `${n}`, ...one })),
});

/** What the policy says, what the runbook says, what is needed beside the least. */
const cases: [string, Record<string, unknown>, Record<string, unknown>, Partial<Needs>][] = [
  ['of nothing special', {}, {}, {}],
  ['of major incidents', { majorIncident: 'deny' }, {}, { majorIncidents: true, relations: true }],
  ['of schedules', { servicenowSchedules: true }, {}, { schedule: true }],
  ['of tiers by environment', tiers({ when: [{ environments: ['test'] }] }, {}), {}, {}],
  ['of tiers by class and impact', tiers({ when: [{ ciClass: ['x'] }, { customerImpact: true }] }), {}, {}],
  [
    'of tiers by dependents',
    tiers({ when: [{ ciClass: ['x'] }, { dependents: 1 }] }),
    {},
    { relations: true },
  ],
  ['of tiers by criticality', tiers({}, { when: [{ criticality: [1] }] }), {}, { relations: true }],
  ['of a limit to dependents', { blastRadius: { dependents: 0 } }, {}, { relations: true }],
  ['of a limit to targets', { blastRadius: { targets: 1 } }, {}, { relations: true }],
  ['of a limit of the runbook', {}, { blastRadius: { dependents: 0 } }, { relations: true }],
  ['of another limit of the runbook', {}, { blastRadius: { targets: 1 } }, { relations: true }],
  ['of a person', {}, { parameters: f.owned }, { owner: true }],
  ['of a cooldown', {}, { cooldown: '1ms' }, { history: true }],
  ['of flapping', { flapping: { runs: 2, within: '1h' } }, {}, { history: true }],
  ['of a rate', { limits: { perHour: 1 } }, {}, { lastHour: true }],
  ['of a rate of one runbook', { limits: { perRunbookPerHour: 1 } }, {}, { lastHour: true }],
  ['of runs at the same time', { limits: { perRunbook: 1, perTarget: { ops: 1 } } }, {}, {}],
  ['of one approver', {}, { approval: { group, quorum: '1 of 5' } }, {}],
  ['of two approvers', {}, { approval: { group, quorum: 2 } }, { members: [group] }],
  ['of two of a group', {}, { approval: { group, quorum: '2 of 5' } }, { members: [group] }],
  ['of all approvers', {}, { approval: { group, quorum: 'all' } }, { members: [group] }],
  ['of a share', {}, { approval: { group, quorum: '10%' } }, { members: [group] }],
  [
    'of approvers of a tier, each group once',
    tiers(
      { approvers: [{ group: 'b', quorum: 2 }, { group: 'c' }] },
      {
        approvers: [
          { group, quorum: 3 },
          { group: 'd', quorum: 'all' },
        ],
      },
    ),
    { approval: { group, quorum: 2 } },
    { members: [group, 'b', 'd'] },
  ],
  [
    'of approvers of a rollback',
    {},
    { rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'undo', quorum: 'all' }] } } },
    { members: ['undo'] },
  ],
  ['of a rollback that needs none', {}, { rollback: f.rollbackSteps }, {}],
  ['of authors', {}, { approval: { group, notAuthor: true } }, { authors: true }],
  ['of authors whom it lets approve', {}, { approval: { group, notAuthor: false } }, {}],
  ['of authors in a tier', tiers({}, { notAuthor: true }), {}, { authors: true }],
];

describe('what is needed', () => {
  for (const [name, policy, runbook, want] of cases)
    it(`for a policy ${name}`, () => {
      const needs = needsOf(
        f.policy({ ...careless, ...policy }).policy,
        f.runbook({ ...fearless, ...runbook }).runbook,
      );
      assert.deepEqual(needs, { ...nothing, ...want });
    });

  it('is all that the guardrails look at, whatever the policy and the world are', () => {
    fc.assert(
      fc.property(situations, (given) => {
        const known = guarded(given, needsOf(given.policy, given.runbook));
        assert.deepEqual(evaluate(known), evaluate(given));
      }),
      { numRuns: 300 },
    );
  });

  it('is missed: without it a refusal says so', () => {
    const { policy } = f.policy(careless);
    const { runbook } = f.runbook(fearless);
    const given = { policy, runbook, now: f.T0, requester: f.olivia, proposedCi: undefined, parameters: [] };
    const world = f.world({ requesterGroups: { ok: true, value: [] } });
    const lines = evaluate({ ...given, ...world, control: away, holders: away, requesterOnCall: away }).lines;
    assert.deepEqual(
      lines.flatMap((line) => (line.unknown ? line.guardrail : [])),
      ['stopped', 'conflict', 'authorised'],
    );
  });
});

const factOf = {
  relations: 'relations',
  majorIncidents: 'majorIncidents',
  schedule: 'schedule',
  onCall: 'requesterOnCall',
  history: 'history',
  lastHour: 'lastHour',
  holders: 'holders',
  authors: 'authors',
  owner: 'owner',
  members: 'members',
} as const satisfies Record<keyof Needs, keyof GuardrailFacts>;

/** The same facts; looking at one that is not needed throws. Of the members, each group is a fact of its own. */
function guarded(given: GuardrailFacts, needs: Needs): GuardrailFacts {
  const known = { ...given };
  for (const [need, fact] of Object.entries(factOf) as [keyof Needs, keyof GuardrailFacts][]) {
    const needed = need === 'members' ? needs.members.length > 0 : needs[need];
    if (!needed)
      Object.defineProperty(known, fact, { get: () => assert.fail(`${fact} is looked at and not needed`) });
  }
  if (needs.members.length === 0 || !given.members.ok) return known;
  const members = Object.entries(given.members.value).filter(([group]) => needs.members.includes(group));
  return Object.defineProperty(known, 'members', { value: { ok: true, value: Object.fromEntries(members) } });
}
