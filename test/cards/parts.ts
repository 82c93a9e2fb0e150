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

export const asked: ApprovalView = {
  phase: 'run',
  requirements: [{ group: 'web-approvers', needed: 1, by: [] }],
  group: 'web-approvers',
  needed: 1,
  approvers: [],
  tier: '',
  lacksSecondPerson: false,
  expiresAt: '2026-11-22T02:45:00.000Z',
};

export const base: RunView = {
  face: 'approval',
  pools: [],
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

export const approved: ApprovalView = {
  ...asked,
  approvers: ['Arne Approver'],
  requirements: [{ group: 'web-approvers', needed: 1, by: ['Arne Approver'] }],
};

/** Two groups in a risky tier; one of them has begun to agree, and nobody of the other is left to spare. */
export const quorum: ApprovalView = {
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

export const broken: NonNullable<ApprovalView['glass']> = {
  by: 'Ingrid Incident',
  reason: 'payments are down in two countries and no approver answers the phone',
  overridden: ['change window', 'cooldown'],
  reviewGroup: 'service-owners',
  reviewBy: '2026-11-23T02:16:00.000Z',
  review: 'open',
};
export const alone: ApprovalView = { ...asked, tier: 'high', approvers: ['Ingrid Incident'], glass: broken };

export const halted = { by: 'Ada Admin', reason: 'the storage network is being repaired' };

export const log = [
  '02:16:02 pool DefaultAppPool: Started, 4 workers, 3 hung requests',
  '02:16:03 recycle requested',
  '02:16:09 w3wp.exe 4312 stopped, 5120 started',
  '02:16:09 done',
].join('\r\n');

export const reached = (...states: readonly StepView['state'][]): StepView[] =>
  planned.map((one, index) => ({ ...one, state: states[index] ?? 'waiting' }));

export const ran = reached('succeeded', 'succeeded', 'succeeded').map((one) =>
  one.id === 'recycle' ? { ...one, detail: 'recycled in 6 s', tail: log } : one,
);
