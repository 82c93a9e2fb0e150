import fc from 'fast-check';
import type { GuardrailFacts, World } from '../../../src/domain/facts.ts';
import { system } from '../../../src/domain/people.ts';
import * as f from '../../fakes/domain.ts';
import { at, change, facts, HOUR, item, MINUTE, ok, past } from './cases.ts';

/** The facts of a world that may be missing. */
export const factNames = [
  ...(Object.keys(f.world()) as (keyof World)[]),
  'control',
] as const satisfies readonly (keyof GuardrailFacts)[];
export type FactName = (typeof factNames)[number];

const anyOf = <T>(...values: T[]) => fc.constantFrom(...values);
const group = 'web-approvers';

/** Policies of all kinds: each part is there or not. */
export const policies = fc
  .record(
    {
      changeWindowRequired: anyOf<string[]>([], ['test'], ['test', 'production']),
      changeWindows: anyOf(
        ...['09:00', '12:00'].map((from) => [
          { name: 'w', environments: ['test'], days: ['sun'], from, to: '14:00', zone: 'UTC' },
        ]),
      ),
      freezes: anyOf([{ name: 'f', environments: ['test'], from: at(0), to: at(HOUR) }]),
      servicenowSchedules: fc.boolean(),
      tiers: anyOf(
        [
          { name: 'a', when: [{ environments: ['production'] }, { dependents: 1, customerImpact: true }] },
          { name: 'b', effect: 'allow', notAuthor: true },
        ],
        [
          { name: 'a', when: [{ criticality: [1] }], effect: 'deny' },
          { name: 'b', when: [{ ciClass: ['x'] }] },
        ],
        [{ name: 'a', approvers: [{ group, quorum: 'all' }] }],
      ),
      blastRadius: anyOf({ dependents: 0 }, { targets: 1 }),
      limits: anyOf({ perRunbook: 1 }, { perTarget: { ops: 1 } }, { perHour: 1 }, { perRunbookPerHour: 2 }),
      flapping: anyOf({ runs: 2, within: '2h' }),
      majorIncident: anyOf('allow', 'deny'),
      maintenance: anyOf('allow', 'require-approval'),
    },
    { requiredKeys: [] },
  )
  .map((change) => f.policy(change).policy);

export const runbooks = fc
  .record(
    {
      environments: anyOf(['production'], ['test']),
      cooldown: anyOf('0s', '10m'),
      approval: anyOf<Record<string, unknown>>(
        { group, quorum: 2 },
        { group, quorum: '50%', notAuthor: true },
        { group, notAuthor: true },
      ),
      blastRadius: anyOf({ targets: 2 }),
      parameters: anyOf<Record<string, unknown>>(f.owned),
    },
    { requiredKeys: [] },
  )
  .map((change) => f.runbook(change).runbook);

/** Worlds of all kinds: each fact is as in a quiet world, or such that some policy minds. */
export const worlds: fc.Arbitrary<Partial<GuardrailFacts>> = fc.record(
  {
    requester: anyOf<GuardrailFacts['requester']>(system('servicenow'), f.arne),
    incident: anyOf(ok(f.incident({ state: 'closed' })), ok(f.incident({ fields: { impact: '1' } }))),
    ci: anyOf(
      ok(f.ci({ environment: 'test' })),
      ok(f.ci()),
      ok(f.ci({ environmentKnown: false, class: 'x', fields: { install_status: '3' } })),
    ),
    owner: anyOf<World['owner']>(ok({ nobody: 'the CMDB assigns it to nobody' })),
    changes: anyOf(ok([change()]), ok([change({ approved: false })])),
    relations: anyOf<World['relations']>(
      ok({ dependents: [item('Shop', { criticality: 1 })], members: [item('node')], truncated: false }),
      ok({ dependents: [], members: [], truncated: true }),
    ),
    majorIncidents: anyOf(ok([{ number: 'INC0010001', ci: 'c'.repeat(32), shortDescription: '' }])),
    schedule: anyOf<World['schedule']>(
      ok([{ kind: 'maintenance', name: 'm', start: at(0), end: at(HOUR) }]),
      ok([{ kind: 'blackout', name: 'b', start: at(0), end: at(HOUR) }]),
    ),
    history: anyOf(ok([past('a', MINUTE)]), ok([past('a', HOUR, 'other'), past('b', HOUR)])),
    lastHour: anyOf(ok([past('a', MINUTE)])),
    holders: anyOf(ok({ ci: f.RUN, runbook: [f.RUN], targets: { ops: [f.RUN] } })),
    requesterGroups: anyOf(ok([])),
    requesterOnCall: anyOf(ok(true)),
    members: anyOf(ok({ 'web-approvers': ['arne'] }), ok({})),
    authors: anyOf(ok(['arne', 'mia'])),
    control: anyOf(ok({ delegations: [], stopped: { by: f.mia, reason: 'x', at: at(0) } })),
  },
  { requiredKeys: [] },
);

/** Everything a guardrail may be asked about. */
export const situations: fc.Arbitrary<GuardrailFacts> = fc
  .record({ policy: policies, runbook: runbooks, world: worlds })
  .map(({ policy, runbook, world }) => facts({ policy, runbook, ...world }));
