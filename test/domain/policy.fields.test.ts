import assert from 'node:assert/strict';
import { breakable, Policy } from '../../src/domain/policy.ts';

const entra = '5b0f3c1e-0000-4000-8000-000000000001';
/** As short as a policy can be written. */
const shortest = {
  version: '1',
  groups: { web: { entra } },
  channels: { default: '19:all' },
  changeWindowRequired: [],
  targets: { ops: { runbooks: ['recycle'] } },
};
const auto = {
  name: 'low risk',
  runbook: 'recycle',
  environments: ['test'],
  owner: 'web',
  until: '2027-01-01T00:00:00Z',
};
const glass = { groups: ['commanders'], review: { group: 'managers' } };
const freeze = {
  name: 'year end',
  environments: ['production'],
  from: '2026-12-20T00:00:00Z',
  to: '2027-01-02T00:00:00Z',
};
const change = {
  name: 'night',
  environments: ['production'],
  days: ['sun'],
  from: '22:00',
  to: '24:00',
  zone: 'Europe/Berlin',
};

const faultsOf = (file: unknown): string[] =>
  (Policy.safeParse(file).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
const read = (part: Record<string, unknown>): Policy => Policy.parse({ ...shortest, ...part });

describe('a policy file', () => {
  it('is careful, or says nothing, where nothing is said', () =>
    assert.deepEqual(read({}), {
      ...shortest,
      channels: { default: '19:all', byAssignmentGroup: {} },
      changeWindows: [],
      freezes: [],
      autoApprovals: [],
      servicenowSchedules: false,
      tiers: [],
      customerImpact: { column: 'impact', values: ['1'] },
      assume: {},
      blastRadius: {},
      limits: { perTarget: {} },
      majorIncident: 'require-approval',
      maintenance: 'deny',
      targets: { ops: { kind: 'ops-api', runbooks: ['recycle'] } },
    }));

  it('is careful in its parts as well', () => {
    assert.deepEqual(read({ limits: { perHour: 1 } }).limits, { perHour: 1, perTarget: {} });
    assert.deepEqual(read({ delegation: { to: 'web' } }).delegation, { to: 'web', most: 14 * 86_400_000 });
    assert.deepEqual(read({ breakGlass: glass }).breakGlass, {
      groups: ['commanders'],
      overrides: [],
      review: { group: 'managers', within: 86_400_000 },
    });
    const [tier] = read({ tiers: [{ name: 'all' }] }).tiers;
    assert.deepEqual(tier, { name: 'all', effect: 'require-approval', approvers: [] });
  });

  const full = {
    $schema: './policy.schema.json',
    groups: { web: { entra, servicenow: 'Web Operations' } },
    channels: { default: '19:all', byAssignmentGroup: { Web: '19:web' } },
    changeWindowRequired: ['production', 'staging'],
    changeWindows: [change],
    freezes: [freeze],
    autoApprovals: [{ ...auto, tiers: ['low'] }],
    servicenowSchedules: true,
    tiers: [
      {
        name: 'high',
        when: [
          { environments: ['production'], criticality: [1, 4], ciClass: ['cmdb_ci_server'], dependents: 1 },
          { customerImpact: true, userAccess: true },
        ],
        effect: 'deny',
        approvers: [{ group: 'web', quorum: 2 }],
        fourEyes: true,
      },
    ],
    customerImpact: { column: 'u_impact2', values: ['1', '2'] },
    assume: { criticality: 4 },
    blastRadius: { dependents: 0, targets: 1 },
    limits: { perRunbook: 1, perTarget: { ops: 500 }, perHour: 500, perRunbookPerHour: 1 },
    majorIncident: 'deny',
    maintenance: 'allow',
    suggestions: { atLeast: 0.8, models: ['triage-1'] },
    admins: 'web',
    targets: {
      awx: { kind: 'awx', settings: 'AWX_EU', hosts: ['awx.example:8443'], runbooks: ['recycle'] },
    },
  };
  it('keeps everything that can be said', () => assert.deepEqual(read(full), { ...shortest, ...full }));

  it('has times in ms', () => {
    const given = { scheduleWithin: '12h', flapping: { runs: 3, within: '2h' } };
    const { scheduleWithin, flapping } = read(given);
    assert.deepEqual([scheduleWithin, flapping], [43_200_000, { runs: 3, within: 7_200_000 }]);
    const { breakGlass } = read({
      breakGlass: {
        ...glass,
        runbooks: ['recycle'],
        environments: ['test'],
        overrides: ['freeze'],
        review: { group: 'm', within: '1h' },
      },
    });
    assert.deepEqual(breakGlass, {
      groups: ['commanders'],
      runbooks: ['recycle'],
      environments: ['test'],
      overrides: ['freeze'],
      review: { group: 'm', within: 3_600_000 },
    });
  });

  for (const kind of ['ops-api', 'awx', 'jenkins', 'rundeck', 'azure-automation'])
    it(`may use automation systems of the kind ${kind}`, () =>
      assert.equal(read({ targets: { a: { kind, runbooks: ['r'] } } }).targets['a']?.kind, kind));

  it('lets the glass be broken past what a person can judge, and past nothing else', () => {
    const judged = [
      'change window',
      'freeze',
      'cooldown',
      'flapping',
      'rate',
      'blast radius',
      'major incident',
    ];
    assert.deepEqual([...breakable], judged);
    assert.deepEqual(read({ breakGlass: { ...glass, overrides: judged } }).breakGlass?.overrides, judged);
    for (const name of ['stopped', 'incident', 'environment', 'risk', 'ci status', 'approvers', ''])
      assert.equal(faultsOf({ ...shortest, breakGlass: { ...glass, overrides: [name] } }).length, 1, name);
  });
});

const empty = 'Too small: expected string to have >=1 characters';
const none = 'Too small: expected array to have >=1 items';
const unlimited = 'at most 500; leave it out for no limit';
const zero = 'Too small: expected number to be >=1';

describe('a policy that cannot be meant', () => {
  const cases: [part: Record<string, unknown>, want: string][] = [
    [{ version: '' }, `version: ${empty}`],
    [{ reviewers: [] }, ': Unrecognized key: "reviewers"'],
    [{ groups: { web: { entra: 'web' } } }, 'groups.web.entra: Invalid UUID'],
    [{ groups: { web: { entra, servicenow: '' } } }, `groups.web.servicenow: ${empty}`],
    [{ groups: { web: { entra, name: 'Web' } } }, 'groups.web: Unrecognized key: "name"'],
    [{ channels: { default: '' } }, `channels.default: ${empty}`],
    [
      { channels: { default: 'x', byAssignmentGroup: { Web: '' } } },
      `channels.byAssignmentGroup.Web: ${empty}`,
    ],
    [{ channels: { default: 'x', other: 'y' } }, 'channels: Unrecognized key: "other"'],
    [{ autoApprovals: [{ ...auto, name: '' }] }, `autoApprovals.0.name: ${empty}`],
    [{ autoApprovals: [{ ...auto, runbook: '' }] }, `autoApprovals.0.runbook: ${empty}`],
    [{ autoApprovals: [{ ...auto, environments: [] }] }, `autoApprovals.0.environments: ${none}`],
    [{ autoApprovals: [{ ...auto, tiers: [] }] }, `autoApprovals.0.tiers: ${none}`],
    [{ autoApprovals: [{ ...auto, tiers: [''] }] }, `autoApprovals.0.tiers.0: ${empty}`],
    [{ autoApprovals: [{ ...auto, owner: '' }] }, `autoApprovals.0.owner: ${empty}`],
    [{ autoApprovals: [{ ...auto, until: 'some day' }] }, 'autoApprovals.0.until: Invalid ISO datetime'],
    [{ autoApprovals: [{ ...auto, always: true }] }, 'autoApprovals.0: Unrecognized key: "always"'],
    [{ breakGlass: { ...glass, groups: [] } }, `breakGlass.groups: ${none}`],
    [{ breakGlass: { ...glass, groups: [''] } }, `breakGlass.groups.0: ${empty}`],
    [{ breakGlass: { ...glass, runbooks: [] } }, `breakGlass.runbooks: ${none}`],
    [{ breakGlass: { ...glass, runbooks: [''] } }, `breakGlass.runbooks.0: ${empty}`],
    [{ breakGlass: { ...glass, environments: [] } }, `breakGlass.environments: ${none}`],
    [{ breakGlass: { ...glass, review: { group: '' } } }, `breakGlass.review.group: ${empty}`],
    [
      { breakGlass: { ...glass, review: { group: 'm', by: 'x' } } },
      'breakGlass.review: Unrecognized key: "by"',
    ],
    [{ breakGlass: { ...glass, forAll: true } }, 'breakGlass: Unrecognized key: "forAll"'],
    [{ tiers: [{ name: '' }] }, `tiers.0.name: ${empty}`],
    [{ tiers: [{ name: 'a', when: [] }] }, `tiers.0.when: ${none}`],
    [{ tiers: [{ name: 'a', when: [{}] }] }, 'tiers.0.when.0: name at least one condition'],
    [{ tiers: [{ name: 'a', when: [{ environments: [] }] }] }, `tiers.0.when.0.environments: ${none}`],
    [{ tiers: [{ name: 'a', when: [{ criticality: [] }] }] }, `tiers.0.when.0.criticality: ${none}`],
    [{ tiers: [{ name: 'a', when: [{ criticality: [0] }] }] }, `tiers.0.when.0.criticality.0: ${zero}`],
    [
      { tiers: [{ name: 'a', when: [{ criticality: [5] }] }] },
      'tiers.0.when.0.criticality.0: Too big: expected number to be <=4',
    ],
    [{ tiers: [{ name: 'a', when: [{ ciClass: [] }] }] }, `tiers.0.when.0.ciClass: ${none}`],
    [{ tiers: [{ name: 'a', when: [{ ciClass: [''] }] }] }, `tiers.0.when.0.ciClass.0: ${empty}`],
    [{ tiers: [{ name: 'a', when: [{ dependents: 0 }] }] }, `tiers.0.when.0.dependents: ${zero}`],
    [
      { tiers: [{ name: 'a', when: [{ customerImpact: false }] }] },
      'tiers.0.when.0.customerImpact: Invalid input: expected true',
    ],
    [
      { tiers: [{ name: 'a', when: [{ userAccess: false }] }] },
      'tiers.0.when.0.userAccess: Invalid input: expected true',
    ],
    [
      { tiers: [{ name: 'a', when: [{ dependents: 1, weekday: 1 }] }] },
      'tiers.0.when.0: Unrecognized key: "weekday"',
    ],
    [{ tiers: [{ name: 'a', foureyes: true }] }, 'tiers.0: Unrecognized key: "foureyes"'],
    [{ customerImpact: { column: 'impact', values: [] } }, `customerImpact.values: ${none}`],
    [
      { customerImpact: { column: 'impact', values: ['1'], or: 'u_vip' } },
      'customerImpact: Unrecognized key: "or"',
    ],
    [{ assume: { criticality: 0 } }, `assume.criticality: ${zero}`],
    [{ assume: { criticality: 5 } }, 'assume.criticality: Too big: expected number to be <=4'],
    [{ assume: { environment: 'test' } }, 'assume: Unrecognized key: "environment"'],
    [{ blastRadius: { dependents: -1 } }, 'blastRadius.dependents: Too small: expected number to be >=0'],
    [{ blastRadius: { targets: 0 } }, `blastRadius.targets: ${zero}`],
    [{ blastRadius: { items: 1 } }, 'blastRadius: Unrecognized key: "items"'],
    [{ limits: { perRunbook: 0 } }, `limits.perRunbook: ${zero}`],
    [{ limits: { perRunbook: 501 } }, `limits.perRunbook: ${unlimited}`],
    [{ limits: { perTarget: { ops: 501 } } }, `limits.perTarget.ops: ${unlimited}`],
    [{ limits: { perHour: 501 } }, `limits.perHour: ${unlimited}`],
    [{ limits: { perRunbookPerHour: 501 } }, `limits.perRunbookPerHour: ${unlimited}`],
    [{ limits: { perDay: 1 } }, 'limits: Unrecognized key: "perDay"'],
    [{ flapping: { runs: 1, within: '1h' } }, 'flapping.runs: Too small: expected number to be >=2'],
    [{ flapping: { runs: 21, within: '1h' } }, 'flapping.runs: Too big: expected number to be <=20'],
    [{ flapping: { runs: 3, within: '1h', of: 'all' } }, 'flapping: Unrecognized key: "of"'],
    [
      { suggestions: { atLeast: -0.1, models: ['m'] } },
      'suggestions.atLeast: Too small: expected number to be >=0',
    ],
    [
      { suggestions: { atLeast: 1.1, models: ['m'] } },
      'suggestions.atLeast: Too big: expected number to be <=1',
    ],
    [{ suggestions: { atLeast: 1, models: [] } }, `suggestions.models: ${none}`],
    [{ suggestions: { atLeast: 1, models: [''] } }, `suggestions.models.0: ${empty}`],
    [
      { suggestions: { atLeast: 1, models: ['m'.repeat(81)] } },
      'suggestions.models.0: Too big: expected string to have <=80 characters',
    ],
    [{ suggestions: { atLeast: 1, models: ['m'], auto: true } }, 'suggestions: Unrecognized key: "auto"'],
    [{ admins: '' }, `admins: ${empty}`],
    [{ delegation: { to: '' } }, `delegation.to: ${empty}`],
    [{ delegation: { to: 'web', least: '1h' } }, 'delegation: Unrecognized key: "least"'],
    [{ targets: { ops: { runbooks: [] } } }, `targets.ops.runbooks: ${none}`],
    [{ targets: { ops: { runbooks: ['r'], hosts: [] } } }, `targets.ops.hosts: ${none}`],
    [{ targets: { ops: { runbooks: ['r'], hosts: [''] } } }, `targets.ops.hosts.0: ${empty}`],
    [{ targets: { ops: { runbooks: ['r'], url: 'x' } } }, 'targets.ops: Unrecognized key: "url"'],
  ];
  for (const [part, want] of cases)
    it(`is refused: ${want}`, () => assert.deepEqual(faultsOf({ ...shortest, ...part }), [want]));

  it('is not refused for the longest name of a model, nor for the most and the least runs that flap', () => {
    read({ suggestions: { atLeast: 0, models: ['m'.repeat(80)] } });
    read({ flapping: { runs: 2, within: '1h' } });
    read({ flapping: { runs: 20, within: '1h' } });
  });
});

describe('a name in a policy', () => {
  const settings = (text: string) =>
    faultsOf({ ...shortest, targets: { a: { settings: text, runbooks: ['r'] } } });
  const column = (text: string) =>
    faultsOf({ ...shortest, customerImpact: { column: text, values: ['1'] } }).length === 0;

  it('of settings is how the names of settings begin', () => {
    for (const name of ['AWX_EU', 'AB', 'A1', 'A_', `A${'B'.repeat(40)}`])
      assert.deepEqual(settings(name), [], name);
    for (const name of ['', 'A', '1AB', '_AB', 'aBC', 'AbC', 'A-B', ' AB', 'AB ', `A${'B'.repeat(41)}`])
      assert.deepEqual(settings(name), [
        'targets.a.settings: expected the beginning of a setting, such as AWX_EU',
      ]);
  });

  it('of a column is as ServiceNow spells one', () => {
    for (const name of ['impact', 'i', 'u_impact2']) assert.equal(column(name), true, name);
    for (const name of ['', '2i', '_i', 'Impact', 'impacT', 'u-i', 'u i'])
      assert.equal(column(name), false, name);
  });
});
