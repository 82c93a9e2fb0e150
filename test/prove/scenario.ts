import fc from 'fast-check';
import { digest } from '../../src/domain/json.ts';
import { type LoadedPolicy, Policy } from '../../src/domain/policy.ts';
import { type LoadedRunbook, Runbook } from '../../src/domain/runbook.ts';

export const MINUTE = 60_000;
export const START = Date.parse('2026-11-22T09:00:00.000Z');
/** In ms from midnight UTC: the one change window of each day, where the scenario has windows. */
export const WINDOW = { opens: 10 * 60 * MINUTE, closes: 12 * 60 * MINUTE };
export const FREEZE = { from: START + 150 * MINUTE, to: START + 170 * MINUTE };
export const AUTO_UNTIL = START + 90 * MINUTE;
export const APPROVAL_MS = 30 * MINUTE;
export const COOLDOWN_MS = 30 * MINUTE;
export const SCHEDULE_MS = 120 * MINUTE;

export const groupNames = [
  'web-operations',
  'web-approvers',
  'service-owners',
  'managers',
  'commanders',
  'reviewers',
  'admins',
  'deputies',
] as const;
export type GroupName = (typeof groupNames)[number];

/** What the policy and the runbook say, fixed for one sequence. */
export type Scenario = {
  readonly quorum: 1 | 2 | 'any' | 'all' | '50%' | '2 of 3';
  /** So many service owners as well, in production. */
  readonly owners: 0 | 1 | 2;
  readonly fourEyes: boolean;
  readonly notAuthor: boolean;
  readonly asker: 'olivia' | 'nadia' | 'servicenow';
  readonly auto: boolean;
  readonly glass: boolean;
  readonly delegation: boolean;
  readonly calendar: 'none' | 'changes' | 'windows';
  readonly freeze: boolean;
  readonly schedule: boolean;
  readonly escalate: boolean;
  readonly confirmed: boolean;
  readonly diagnostics: boolean;
  readonly rollbackApproval: boolean;
};

const seldom = fc.nat(3).map((n) => n === 0);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  quorum: fc.constantFrom<Scenario['quorum'][]>(1, 2, 'any', 'all', '50%', '2 of 3'),
  owners: fc.constantFrom<Scenario['owners'][]>(0, 0, 1, 2),
  fourEyes: fc.boolean(),
  notAuthor: fc.boolean(),
  asker: fc.constantFrom<Scenario['asker'][]>('olivia', 'nadia', 'servicenow', 'servicenow'),
  auto: fc.boolean(),
  glass: fc.boolean(),
  delegation: fc.boolean(),
  calendar: fc.constantFrom<Scenario['calendar'][]>('none', 'changes', 'windows'),
  freeze: seldom,
  schedule: fc.boolean(),
  escalate: fc.boolean(),
  confirmed: seldom,
  diagnostics: fc.boolean(),
  rollbackApproval: fc.boolean(),
});

const job = (id: string) => ({ id, title: id, target: 'ops', job: id, with: { pool: '{pool}' } });

/** The runbook as it is loaded; the second edition has another version of the same steps. */
export function runbookOf(scenario: Scenario, edition: 1 | 2): LoadedRunbook {
  const file = {
    id: 'recycle',
    version: `${edition}.0.0`,
    title: 'Recycle the pool',
    summary: 'Recycles it.',
    owner: 'web-operations',
    author: 'nadia',
    match: { symptoms: ['5xx'] },
    environments: ['production', 'test'],
    parameters: {
      pool: {
        type: 'string',
        title: 'Pool',
        from: ['ci.u_app_pool'],
        pattern: '[a-z-]+',
        ...(scenario.confirmed ? { ask: 'always' } : {}),
      },
      drain: { type: 'integer', title: 'Seconds to drain', min: 0, max: 100, default: 60, narrow: 'lower' },
    },
    steps: {
      diagnostics: scenario.diagnostics ? [job('snapshot')] : [],
      remediation: [job('recycle-pool')],
      verification: [{ id: 'answers', title: 'Answers', http: { url: 'http://site.example/{pool}' } }],
    },
    rollback: {
      steps: [job('restore')],
      ...(scenario.rollbackApproval
        ? { approval: { approvers: [{ group: 'service-owners', quorum: 1 }], expires: '15m' } }
        : {}),
    },
    cooldown: '30m',
    approval: {
      group: 'web-approvers',
      quorum: scenario.quorum,
      expires: '30m',
      remind: '7m',
      fourEyes: scenario.fourEyes,
      notAuthor: scenario.notAuthor,
      ...(scenario.escalate ? { escalate: { after: '10m', to: 'managers' } } : {}),
    },
    requesters: ['web-operations'],
    escalate: { group: 'L3' },
  };
  return { runbook: Runbook.parse(file), hash: digest(file as never) };
}

const entra = (n: number) => `5b0f3c1e-0000-4000-8000-00000000000${n}`;
export const entraOf = (group: GroupName): string => entra(groupNames.indexOf(group));

export function policyOf(scenario: Scenario): LoadedPolicy {
  const { owners, glass, delegation, calendar, freeze, schedule, auto } = scenario;
  const high = { name: 'high', when: [{ environments: ['production'] }] };
  const file = {
    version: '1',
    groups: Object.fromEntries(groupNames.map((name, n) => [name, { entra: entra(n) }])),
    channels: { default: '19:incidents@thread.tacv2' },
    changeWindowRequired: calendar === 'none' ? [] : ['production'],
    changeWindows:
      calendar === 'windows'
        ? [
            {
              name: 'mornings',
              environments: ['production'],
              days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
              from: '10:00',
              to: '12:00',
              zone: 'UTC',
            },
          ]
        : [],
    freezes: freeze
      ? [
          {
            name: 'sale',
            environments: ['production'],
            from: new Date(FREEZE.from).toISOString(),
            to: new Date(FREEZE.to).toISOString(),
          },
        ]
      : [],
    ...(schedule ? { scheduleWithin: '2h' } : {}),
    tiers: [
      { ...high, ...(owners > 0 ? { approvers: [{ group: 'service-owners', quorum: owners }] } : {}) },
      { name: 'low', effect: 'allow' },
    ],
    ...(glass
      ? {
          breakGlass: {
            groups: ['commanders'],
            environments: ['production'],
            overrides: ['change window', 'cooldown'],
            review: { group: 'reviewers', within: '1h' },
          },
        }
      : {}),
    ...(delegation ? { delegation: { to: 'deputies', most: '1d' } } : {}),
    ...(auto
      ? {
          autoApprovals: [
            {
              name: 'low risk',
              runbook: 'recycle',
              environments: ['test'],
              owner: 'web',
              until: new Date(AUTO_UNTIL).toISOString(),
            },
          ],
        }
      : {}),
    admins: 'admins',
    targets: { ops: { runbooks: ['recycle'] } },
  };
  return { policy: Policy.parse(file), hash: digest(file as never) };
}
