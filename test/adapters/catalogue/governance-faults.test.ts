import assert from 'node:assert/strict';
import { type Files, faults, good, load, policy, recycle } from './files.ts';

/** A policy and a runbook with everything that governance knows, and without a fault. */
const governed = {
  'policy.yaml': `${policy}  awx: { runbooks: [recycle] }
tiers:
  - name: critical
    when: [{ environments: [production], criticality: [1] }]
    approvers: [{ group: on-call, quorum: 2 of 3 }]
    escalate: { after: 10m, to: on-call }
    remind: 5m
    expires: 20m
  - name: low
    effect: allow
breakGlass:
  groups: [on-call]
  runbooks: [recycle]
  overrides: [change window, freeze]
  review: { group: approvers, within: 1d }
admins: on-call
delegation: { to: on-call }
limits: { perTarget: { ops: 2 } }
`.replace('    owner: web\n', '    owner: web\n    tiers: [low]\n'),
  'recycle.yaml': recycle
    .replace(
      'approval: { group: approvers }',
      'approval: { group: approvers, expires: 30m, remind: 10m, escalate: { after: 15m, to: on-call } }',
    )
    .replace(
      'rollback: { impossible: a recycled pool cannot be un-recycled }',
      `rollback:
  steps: [{ id: restore, title: Restore, target: ops, job: restore }]
  approval: { approvers: [{ group: approvers }] }`,
    )
    .replace(
      '  drain: {',
      '  mode: { type: choice, title: Mode, choices: [soft, hard], narrow: [soft], default: hard }\n  drain: {',
    ),
} as const;

const edited = (file: keyof typeof governed, from: string, to: string): Files => {
  assert.ok(governed[file].includes(from), `${file} does not say ${from}`);
  return { ...governed, [file]: governed[file].replace(from, to) };
};

/** Where a text stands, so that a fault names the line it has. */
const lineOf = (files: Files, file: string, text: string): number =>
  (files[file] ?? '').split(text)[0]?.split('\n').length ?? 0;

describe('what only the files together can get wrong', () => {
  it('loads what is right', async () => {
    const { policy: loaded } = await load(governed);
    assert.equal(loaded.policy.tiers.length, 2);
  });

  const unknownGroup = 'nobodies is not in policy.yaml; known groups: approvers, on-call';
  const wrong: {
    name: string;
    file: keyof typeof governed;
    from: string;
    to: string;
    at: string;
    field: string;
    want: string;
  }[] = [
    {
      name: 'an unknown group of approvers in a tier',
      file: 'policy.yaml',
      from: '{ group: on-call, quorum: 2 of 3 }',
      to: '{ group: nobodies, quorum: 2 of 3 }',
      at: 'group: nobodies',
      field: 'tiers.0.approvers.0.group',
      want: unknownGroup,
    },
    {
      name: 'an unknown group a tier escalates to',
      file: 'policy.yaml',
      from: 'after: 10m, to: on-call',
      to: 'after: 10m, to: nobodies',
      at: 'after: 10m',
      field: 'tiers.0.escalate.to',
      want: unknownGroup,
    },
    {
      name: 'an unknown group a runbook escalates to',
      file: 'recycle.yaml',
      from: 'after: 15m, to: on-call',
      to: 'after: 15m, to: nobodies',
      at: 'after: 15m',
      field: 'approval.escalate.to',
      want: unknownGroup,
    },
    {
      name: 'an unknown group that approves a rollback',
      file: 'recycle.yaml',
      from: 'approvers: [{ group: approvers }]',
      to: 'approvers: [{ group: nobodies }]',
      at: 'group: nobodies',
      field: 'rollback.approval.approvers.0.group',
      want: unknownGroup,
    },
    {
      name: 'an unknown group that may break the glass',
      file: 'policy.yaml',
      from: '  groups: [on-call]',
      to: '  groups: [nobodies]',
      at: '  groups: [nobodies]',
      field: 'breakGlass.groups.0',
      want: unknownGroup,
    },
    {
      name: 'an unknown group of reviewers',
      file: 'policy.yaml',
      from: 'review: { group: approvers',
      to: 'review: { group: nobodies',
      at: 'review: {',
      field: 'breakGlass.review.group',
      want: unknownGroup,
    },
    {
      name: 'an unknown group of administrators',
      file: 'policy.yaml',
      from: 'admins: on-call',
      to: 'admins: nobodies',
      at: 'admins:',
      field: 'admins',
      want: unknownGroup,
    },
    {
      name: 'an unknown group of people who may vote for others',
      file: 'policy.yaml',
      from: 'delegation: { to: on-call }',
      to: 'delegation: { to: nobodies }',
      at: 'delegation:',
      field: 'delegation.to',
      want: unknownGroup,
    },
    {
      name: 'a group named like a property every object has',
      file: 'policy.yaml',
      from: 'admins: on-call',
      to: 'admins: constructor',
      at: 'admins:',
      field: 'admins',
      want: 'constructor is not in policy.yaml',
    },
    {
      name: 'a broken glass for no runbook',
      file: 'policy.yaml',
      from: '  runbooks: [recycle]\n  overrides',
      to: '  runbooks: [recicle]\n  overrides',
      at: '  runbooks: [recicle]\n',
      field: 'breakGlass.runbooks.0',
      want: 'there is no runbook recicle; known: recycle',
    },
    {
      name: 'a broken glass that goes past a guardrail nobody can go past',
      file: 'policy.yaml',
      from: 'overrides: [change window, freeze]',
      to: 'overrides: [authorised]',
      at: 'overrides:',
      field: 'breakGlass.overrides.0',
      want: 'Invalid option: expected one of "change window"|"freeze"',
    },
    {
      name: 'a rule for a tier that does not exist',
      file: 'policy.yaml',
      from: 'tiers: [low]',
      to: 'tiers: [lowest]',
      at: 'tiers: [lowest]',
      field: 'autoApprovals.0.tiers.0',
      want: 'there is no tier lowest; known: critical, low',
    },
    {
      name: 'two tiers of one name',
      file: 'policy.yaml',
      from: '- name: low',
      to: '- name: critical',
      at: '- name: critical\n    effect',
      field: 'tiers.1.name',
      want: 'another tier is called critical already',
    },
    {
      name: 'a tier that hides those after it',
      file: 'policy.yaml',
      from: '    when: [{ environments: [production], criticality: [1] }]\n',
      to: '',
      at: '- name: critical',
      field: 'tiers.0',
      want: 'critical has no when, so no tier after it can ever fit; move it to the end',
    },
    {
      name: 'tiers that do not take everything',
      file: 'policy.yaml',
      from: '- name: low\n',
      to: '- name: low\n    when: [{ environments: [test] }]\n',
      at: 'when: [{ environments: [test] }]',
      field: 'tiers.1.when',
      want: 'the last tier takes what no other fits, so low must have no when; add one after it',
    },
    {
      name: 'a tier with a condition that asks for nothing',
      file: 'policy.yaml',
      from: 'when: [{ environments: [production], criticality: [1] }]',
      to: 'when: [{}]',
      at: 'when: [{}]',
      field: 'tiers.0.when.0',
      want: 'name at least one condition',
    },
    {
      name: 'a quorum that can never be reached',
      file: 'policy.yaml',
      from: 'quorum: 2 of 3',
      to: 'quorum: 4 of 3',
      at: 'quorum: 4 of 3',
      field: 'tiers.0.approvers.0.quorum',
      want: 'can never be reached: write e.g. 2 of 5, or 1% to 100%',
    },
    {
      name: 'a rule that has ended',
      file: 'policy.yaml',
      from: "until: '2027-06-30T00:00:00Z'",
      to: "until: '2026-11-22T09:00:00Z'",
      at: 'until:',
      field: 'autoApprovals.0.until',
      want: 'the rule "tests" ended 2026-11-22T09:00:00Z; remove it, or let its owner (web) set a later end',
    },
    {
      name: 'a limit for a target that does not exist',
      file: 'policy.yaml',
      from: 'perTarget: { ops: 2 }',
      to: 'perTarget: { opps: 2 }',
      at: 'perTarget:',
      field: 'limits.perTarget.opps',
      want: 'opps is not a target of policy.yaml; known targets: ops, awx',
    },
    {
      name: 'a target of a rollback that the policy does not know',
      file: 'recycle.yaml',
      from: 'title: Restore, target: ops',
      to: 'title: Restore, target: jenkins',
      at: 'title: Restore',
      field: 'rollback.steps.0.target',
      want: 'jenkins is not a target of policy.yaml; known targets: ops, awx',
    },
    {
      name: 'an escalation after the end',
      file: 'recycle.yaml',
      from: 'after: 15m',
      to: 'after: 30m',
      at: 'after: 30m',
      field: 'approval.escalate.after',
      want: 'on-call would be asked after 30 min, but the time to decide ends after 30 min; choose a shorter time',
    },
    {
      name: 'a reminder after the end',
      file: 'recycle.yaml',
      from: 'remind: 10m',
      to: 'remind: 40m',
      at: 'remind: 40m',
      field: 'approval.remind',
      want: 'the first reminder would come after 40 min, but the time to decide ends after 30 min',
    },
    {
      name: 'an escalation of a tier after its end',
      file: 'policy.yaml',
      from: 'after: 10m',
      to: 'after: 25m',
      at: 'after: 25m',
      field: 'tiers.0.escalate.after',
      want: 'on-call would be asked after 25 min, but the time to decide ends after 20 min',
    },
    {
      name: 'a reminder of a tier after the end a runbook sets',
      file: 'policy.yaml',
      from: '    remind: 5m\n    expires: 20m\n',
      to: '    remind: 45m\n',
      at: 'remind: 45m',
      field: 'tiers.0.remind',
      want: 'the first reminder would come after 45 min, but the time to decide ends after 30 min in recycle',
    },
    {
      name: 'a tier so short that what the runbook asks for would not happen',
      file: 'policy.yaml',
      from: '    escalate: { after: 10m, to: on-call }\n    remind: 5m\n    expires: 20m\n',
      to: '    expires: 12m\n',
      at: 'expires: 12m',
      field: 'tiers.0.expires',
      want: 'too short for approval.escalate.after of recycle: on-call would be asked after 15 min',
    },
    {
      name: 'a choice that is none',
      file: 'recycle.yaml',
      from: 'narrow: [soft]',
      to: 'narrow: [gentle]',
      at: 'narrow: [gentle]',
      field: 'parameters.mode.narrow.0',
      want: 'gentle is none of the choices: soft, hard',
    },
    {
      name: 'a text that cannot be made smaller',
      file: 'recycle.yaml',
      from: "pattern: '[a-z]+'",
      to: "pattern: '[a-z]+', narrow: lower",
      at: 'narrow: lower',
      field: 'parameters.pool.narrow',
      want: 'there is no such field',
    },
    {
      name: 'a number that approvers may change in no direction',
      file: 'recycle.yaml',
      from: 'default: 30 }',
      to: 'default: 30, narrow: smaller }',
      at: 'narrow: smaller',
      field: 'parameters.drain.narrow',
      want: 'Invalid option: expected one of "lower"|"higher"',
    },
    {
      name: 'a rollback that nobody approves',
      file: 'recycle.yaml',
      from: 'approvers: [{ group: approvers }]',
      to: 'approvers: []',
      at: 'approvers: []',
      field: 'rollback.approval.approvers',
      want: 'Too small',
    },
  ];
  for (const { name, file, from, to, at, field, want } of wrong)
    it(`names file, line and field of ${name}`, async () => {
      const files = edited(file, from, to);
      const start = `${file}:${lineOf(files, file, at)} ${field}: ${want}`;
      const found = await faults(files);
      assert.ok(
        found.some((line) => line.startsWith(start)),
        `${start}\nis not among\n${found.join('\n')}`,
      );
    });

  it('lets a freeze be over, and a rule end a moment from now', async () => {
    const over = policy
      .replace("from: '2026-12-20T00:00:00+01:00'", "from: '2025-12-20T00:00:00+01:00'")
      .replace("to: '2027-01-06T00:00:00+01:00'", "to: '2026-01-06T00:00:00+01:00'")
      .replace("until: '2027-06-30T00:00:00Z'", "until: '2026-11-22T09:00:01Z'");
    assert.equal((await load({ ...good, 'policy.yaml': over })).policy.policy.freezes.length, 1);
  });

  it('lets a tier that is shorter than the runbook bring reminders and escalation of its own', async () => {
    const short = edited('policy.yaml', 'expires: 20m', 'expires: 12m');
    assert.equal((await load(short)).policy.policy.tiers[0]?.expires, 720_000);
  });
});
