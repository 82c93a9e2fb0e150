import type { ApprovalView, RunView, StepView } from '../../src/domain/view.ts';

const step = (
  id: string,
  phase: StepView['phase'],
  title: string,
  detail: string,
  state: StepView['state'] = 'waiting',
  tail = '',
): StepView => ({ id, phase, title, detail, state, tail });

const planned: readonly StepView[] = [
  step('read-state', 'diagnostics', 'Read the state of the pool', 'iis-pool-state on ops-api'),
  step('recycle', 'remediation', 'Recycle the application pool', 'iis-pool-recycle on ops-api'),
  step(
    'site-answers',
    'verification',
    'The site answers again',
    'GET https://intranet.contoso.example/health',
  ),
  step('start-pool', 'rollback', 'Start the pool as it was', 'iis-pool-start on ops-api'),
];

const asked: ApprovalView = {
  phase: 'run',
  requirements: [{ group: 'web-approvers', needed: 1, by: [] }],
  group: 'web-approvers',
  needed: 1,
  approvers: [],
  tier: '',
  lacksSecondPerson: false,
  expiresAt: '2026-11-22T02:45:00.000Z',
};

const base: RunView = {
  face: 'approval',
  runId: '01KAP3V0Q8YB1ZC5G7J9M7K2QD',
  code: '7K2QD',
  revision: 1,
  incident: {
    number: 'INC0010023',
    title: 'Intranet answers 503 since 02:10, users in three offices cannot book leave',
    priority: '2',
  },
  ci: { name: 'WEB-PROD-01', environment: 'production', environmentKnown: true },
  runbook: {
    id: 'iis-app-pool-recycle',
    title: 'Recycle the IIS application pool',
    version: '1.2.0',
    summary: 'Recycles one application pool and checks that its site answers again.',
  },
  requester: 'Olivia Oncall',
  reason: 'The short description says "503" and the CI is an IIS server.',
  guardrails: [
    { guardrail: 'incident', effect: 'allow', reason: 'INC0010023 is open' },
    { guardrail: 'environment', effect: 'require-approval', reason: 'WEB-PROD-01 is in production' },
    { guardrail: 'change window', effect: 'allow', reason: 'change window "nightly" is open' },
    { guardrail: 'cooldown', effect: 'allow', reason: 'no earlier run on this CI' },
    { guardrail: 'authorised', effect: 'allow', reason: 'Olivia Oncall is in web-oncall' },
  ],
  parameters: [
    { name: 'host', title: 'Host', value: 'web-prod-01.contoso.example', source: 'ci.fqdn', missing: false },
    { name: 'appPool', title: 'Application pool', value: 'DefaultAppPool', source: 'person', missing: false },
    { name: 'drain', title: 'Drain seconds', value: '30', source: 'default', missing: false },
    { name: 'token', title: 'Token of the ops API', value: '', source: 'secret', missing: false },
  ],
  steps: planned,
  rollback: 'declared',
  approval: asked,
  changes: [],
  waiting: '',
  startedAt: '2026-11-22T02:14:09.120Z',
  updatedAt: '2026-11-22T02:15:31.442Z',
};

const { approval: _none, ...withoutApproval } = base;
const approved: ApprovalView = {
  ...asked,
  approvers: ['Arne Approver'],
  requirements: [{ group: 'web-approvers', needed: 1, by: ['Arne Approver'] }],
};

/** Two groups in a risky tier; one of them has begun to agree, and nobody of the other is left to spare. */
const quorum: ApprovalView = {
  ...asked,
  group: 'web-approvers and service-owners',
  needed: 4,
  approvers: ['Arne Approver'],
  requirements: [
    { group: 'web-approvers', needed: 2, of: 5, by: ['Arne Approver'] },
    { group: 'service-owners', needed: 2, of: 2, by: [] },
  ],
  tier: 'high',
  remindAt: '2026-11-22T02:25:00.000Z',
  escalatesAt: '2026-11-22T02:30:00.000Z',
  escalateTo: 'duty-managers',
};

const broken: NonNullable<ApprovalView['glass']> = {
  by: 'Ingrid Incident',
  reason: 'payments are down in two countries and no approver answers the phone',
  overridden: ['change window', 'cooldown'],
  reviewGroup: 'service-owners',
  reviewBy: '2026-11-23T02:16:00.000Z',
  review: 'open',
};
const alone: ApprovalView = { ...asked, tier: 'high', approvers: ['Ingrid Incident'], glass: broken };

const halted = { by: 'Ada Admin', reason: 'the storage network is being repaired' };

const log = [
  '02:16:02 pool DefaultAppPool: Started, 4 workers, 3 hung requests',
  '02:16:03 recycle requested',
  '02:16:09 w3wp.exe 4312 stopped, 5120 started',
  '02:16:09 done',
].join('\r\n');

const reached = (...states: readonly StepView['state'][]): StepView[] =>
  planned.map((one, index) => ({ ...one, state: states[index] ?? 'waiting' }));

const ran = reached('succeeded', 'succeeded', 'succeeded').map((one) =>
  one.id === 'recycle' ? { ...one, detail: 'recycled in 6 s', tail: log } : one,
);

/** One view of each kind people meet, by name. */
export const views = {
  proposal: {
    ...withoutApproval,
    face: 'proposal',
    rollback: '',
    steps: [],
    parameters: base.parameters.map((one) =>
      one.name === 'appPool' ? { ...one, value: '', source: 'missing', missing: true } : one,
    ),
  },
  approval: base,
  'approval-changed': {
    ...base,
    revision: 2,
    incident: { ...base.incident, priority: '1 - Critical' },
    ci: { ...base.ci, environmentKnown: false },
    approval: {
      ...asked,
      needed: 2,
      approvers: ['Arne Approver'],
      requirements: [{ group: 'web-approvers', needed: 2, by: ['Arne Approver'] }],
    },
    changes: ['parameter drain changed from 30 to 0', 'the policy changed (7 to 8)'],
    rollback: 'cannot be undone: a recycle drops the requests that are being served',
    guardrails: [
      ...base.guardrails.slice(0, 1),
      {
        guardrail: 'environment',
        effect: 'require-approval',
        reason: 'the CMDB names no environment for WEB-PROD-01: treated as production',
      },
      {
        guardrail: 'change window',
        effect: 'deny',
        reason: 'change freeze "payroll" until 2026-11-23T06:00Z',
      },
      ...base.guardrails.slice(3),
    ],
  },
  'approval-quorum': {
    ...base,
    approval: quorum,
    suggestion: {
      runbook: 'iis-app-pool-recycle',
      confidence: 0.87,
      reason: 'The pool has stopped and the site answers 503.',
      quotes: ['Intranet answers 503'],
      model: 'triage-7b',
      role: 'agrees',
    },
  },
  /** Asked for while the window is closed, escalated, and stopped on top of it. */
  'approval-scheduled': {
    ...base,
    revision: 3,
    approval: {
      ...quorum,
      escalated: 'duty-managers',
      notBefore: '2026-11-22T22:00:00.000Z',
      expiresAt: '2026-11-22T22:00:00.000Z',
    },
    guardrails: [
      ...base.guardrails.slice(0, 2),
      {
        guardrail: 'change window',
        effect: 'deny',
        reason: 'no change window is open: "nightly" is closed',
        until: '2026-11-22T22:00:00.000Z',
      },
    ],
    halted,
  },
  'approval-alone': {
    ...base,
    requester: 'ServiceNow',
    approval: { ...approved, lacksSecondPerson: true },
  },
  rollback: {
    ...base,
    revision: 2,
    approval: {
      ...quorum,
      phase: 'rollback',
      requirements: [{ group: 'service-owners', needed: 1, by: [] }],
      group: 'service-owners',
      needed: 1,
      approvers: [],
    },
    steps: reached('succeeded', 'failed').map((one) =>
      one.id === 'recycle'
        ? { ...one, detail: 'w3wp.exe did not start again (exit code 3)', tail: log }
        : one,
    ),
  },
  progress: {
    ...base,
    face: 'progress',
    approval: approved,
    steps: reached('succeeded', 'running').map((one) => (one.id === 'recycle' ? { ...one, tail: log } : one)),
  },
  'progress-waiting': {
    ...base,
    face: 'progress',
    ci: { ...base.ci, name: 'web-test-07', environment: 'test' },
    approval: { ...approved, approvers: [], rule: 'recycle-in-test' },
    waiting: 'waits for run 4QX7B on the same item',
  },
  'progress-scheduled': {
    ...base,
    face: 'progress',
    approval: { ...approved, tier: 'high', notBefore: '2026-11-22T22:00:00.000Z' },
    waiting: 'waits for 2026-11-22T22:00:00.000Z',
    halted,
  },
  'progress-glass': {
    ...base,
    face: 'progress',
    approval: alone,
    steps: reached('succeeded', 'running'),
  },
  'outcome-glass': {
    ...base,
    face: 'outcome',
    approval: { ...alone, glass: { ...broken, review: 'overdue' } },
    steps: ran,
    outcome: {
      name: 'succeeded',
      tone: 'good',
      reason: 'the site answered 200 in 3 of 3 checks',
      nextAction: 'nothing; INC0010023 was resolved',
    },
  },
  'outcome-succeeded': {
    ...base,
    face: 'outcome',
    approval: approved,
    steps: ran,
    outcome: {
      name: 'succeeded',
      tone: 'good',
      reason: 'the site answered 200 in 3 of 3 checks',
      nextAction: 'nothing; INC0010023 was resolved',
    },
  },
  'outcome-failed': {
    ...base,
    face: 'outcome',
    approval: approved,
    steps: reached('succeeded', 'unknown').map((one) =>
      one.id === 'recycle' ? { ...one, detail: 'no answer after the job was sent', tail: log } : one,
    ),
    outcome: {
      name: 'outcome unknown',
      tone: 'attention',
      reason: 'ops-api did not answer after the job was sent, and does not know it',
      nextAction: 'look at WEB-PROD-01 before anybody tries again; INC0010023 went to web-resolvers',
    },
  },
  'outcome-rejected': {
    ...base,
    face: 'outcome',
    outcome: {
      name: 'rejected',
      tone: 'neutral',
      reason: 'Arne Approver: the pool is being drained by the web team',
      nextAction: 'Olivia Oncall can propose another runbook or go on by hand',
    },
  },
} as const satisfies Record<string, RunView>;
