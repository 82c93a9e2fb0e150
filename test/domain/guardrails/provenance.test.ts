import assert from 'node:assert/strict';
import { evaluate } from '../../../src/domain/guardrails.ts';
import { system } from '../../../src/domain/people.ts';
import * as f from '../../fakes/domain.ts';
import { at, away, change, facts, type Given, ok, policy, runbook } from './cases.ts';

const lineOf = (guardrail: string, given: Given) =>
  evaluate(facts(given)).lines.find((line) => line.guardrail === guardrail);
const asOf = <T>(value: T, ago: number) => ({ ok: true, value, readAt: at(-ago) }) as const;

const tiers = { tiers: [{ name: 'a', when: [{ criticality: [1], customerImpact: true }] }, { name: 'b' }] };
const impact = { incident: ok(f.incident({ fields: { impact: '1' } })) };
const quiet = { dependents: [], members: [], truncated: false };

/** The guardrail, what is given, and the source its line names. */
const cases: [string, string, Given, string | undefined][] = [
  ['stopped', 'the control stream', {}, 'run log'],
  ['incident', 'the incident', {}, 'ServiceNow incident'],
  ['environment', 'the item', {}, 'ServiceNow cmdb_ci'],
  ['risk', 'nothing, without tiers', {}, 'policy'],
  [
    'risk',
    'what the tiers ask for',
    { ...policy(tiers), ...impact },
    'ServiceNow incident, ServiceNow cmdb_ci, ServiceNow cmdb_rel_ci',
  ],
  ['risk', 'no more than the tiers ask for', policy({ tiers: [{ name: 'a' }] }), 'policy'],
  [
    'risk',
    'one fact, when one is all the tiers ask for',
    policy({ tiers: [{ name: 'a', when: [{ dependents: 1 }] }, { name: 'b' }] }),
    'ServiceNow cmdb_rel_ci',
  ],
  ['ci status', 'the item', {}, 'ServiceNow cmdb_ci'],
  ['change window', 'where the item is, when it needs no window', {}, 'ServiceNow cmdb_ci'],
  [
    'change window',
    'the schedules as well, when they count',
    policy({ servicenowSchedules: true }),
    'ServiceNow cmdb_ci, ServiceNow change schedules',
  ],
  [
    'change window',
    'the changes as well, when one is needed',
    { ...policy({ changeWindowRequired: ['test'] }), changes: ok([change()]) },
    'ServiceNow cmdb_ci, ServiceNow change_request and task_ci',
  ],
  ['freeze', 'nothing, without freezes', {}, 'policy'],
  ['conflict', 'changes and runs', {}, 'ServiceNow change_request and task_ci, leases'],
  ['major incident', 'major incidents', policy({ majorIncident: 'deny' }), 'ServiceNow incident'],
  ['blast radius', 'nothing, without a limit', {}, 'policy, runbook'],
  ['blast radius', 'the relations', policy({ blastRadius: { dependents: 9 } }), 'ServiceNow cmdb_rel_ci'],
  ['cooldown', 'earlier runs', {}, 'run log'],
  ['cooldown', 'nothing, without one', runbook({ cooldown: '0s' }), 'runbook'],
  ['rate', 'the last hour', policy({ limits: { perHour: 9 } }), 'run log'],
  ['authorised', 'the groups of the requester', {}, 'Entra ID'],
  ['authorised', 'who is on call as well', { requesterGroups: ok([]) }, 'Entra ID, ServiceNow on-call'],
  ['authorised', 'nothing, for an event', { requester: system('servicenow') }, undefined],
  [
    'approvers',
    'who wrote the runbook',
    runbook({ approval: { group: 'web-approvers', notAuthor: true } }),
    'Entra ID',
  ],
  [
    'approvers',
    'who is in the group',
    runbook({ approval: { group: 'web-approvers', quorum: 2 } }),
    'Entra ID',
  ],
];

describe('where the facts of a guardrail come from', () => {
  for (const [guardrail, what, given, source] of cases)
    it(`is named, and nothing that was not looked at: ${guardrail}, ${what}`, () => {
      assert.equal(lineOf(guardrail, given)?.source, source);
    });

  it('is named also where it did not answer', () => {
    const line = lineOf('conflict', { changes: away });
    assert.equal(line?.unknown, true);
    assert.equal(line?.source, 'ServiceNow change_request and task_ci');
  });

  it('changes no verdict', () => {
    const bare = evaluate(facts()).lines.map(({ source: _source, ...line }) => line);
    const aged = evaluate(facts({ relations: asOf(quiet, 19_000) })).lines;
    assert.deepEqual(
      aged.map(({ source: _source, readAt: _readAt, ...line }) => line),
      bare,
    );
  });
});

describe('how old the facts of a guardrail are', () => {
  const limited = policy({ blastRadius: { dependents: 9 } });

  it('is said when they were not read just before', () => {
    const line = lineOf('blast radius', { ...limited, relations: asOf(quiet, 19_000) });
    assert.equal(line?.readAt, at(-19_000));
  });

  it('is not worth a word up to three seconds', () => {
    assert.equal(lineOf('blast radius', { ...limited, relations: asOf(quiet, 3_000) })?.readAt, undefined);
    assert.equal(lineOf('blast radius', { ...limited, relations: asOf(quiet, 3_001) })?.readAt, at(-3_001));
    assert.equal(lineOf('blast radius', limited)?.readAt, undefined);
  });

  it('is the age of the oldest that was looked at', () => {
    const given = { ...policy({ majorIncident: 'allow', ...tiers }), ...impact };
    const world = {
      relations: asOf(quiet, 19_000),
      ci: asOf(f.ci(), 8_000),
      majorIncidents: asOf([], 60_000),
    };
    assert.equal(lineOf('risk', { ...given, ...world })?.readAt, at(-19_000));
    assert.equal(lineOf('environment', { ...given, ...world })?.readAt, at(-8_000));
    assert.equal(lineOf('major incident', { ...given, ...world })?.readAt, undefined);
  });
});
