import type { RunView } from '../../src/domain/view.ts';
import { alone, approved, asked, base, broken, halted, log, quorum, ran, reached } from './parts.ts';

const { approval: _none, ...withoutApproval } = base;

const lost = {
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
} as const satisfies RunView;
const found = {
  by: 'Mia Approver',
  what: 'it did not run',
  reason: 'the job list of ops-api has no such run, and the workers of the pool are 9 days old',
};

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
  /** Only the word of the owner is missing. */
  'proposal-owner': {
    ...withoutApproval,
    face: 'proposal',
    rollback: '',
    steps: [],
    incident: { number: 'INC0010042', title: 'LAPTOP-4711 is not compliant since 4 days', priority: '3' },
    ci: { name: 'LAPTOP-4711', environment: 'production', environmentKnown: true },
    runbook: {
      id: 'device-restore-compliance',
      title: 'Bring the device back into compliance',
      version: '1.0.0',
      summary:
        'Signs the owner out everywhere, has the device take its policies anew, and asks Intune whether it is compliant.',
    },
    requester: 'ServiceNow',
    reason: 'matches symptom "not compliant"; class cmdb_ci_computer',
    parameters: [
      {
        name: 'device',
        title: 'Intune device',
        value: '0d1f0000-0000-4000-8000-000000000001',
        source: 'ci.u_intune_id',
        missing: false,
      },
      { name: 'owner', title: 'Owner', value: 'Dana Device', source: 'owner', missing: true },
    ],
    owner: {
      name: 'Dana Device',
      state: 'asked',
      consequence:
        'You are signed out of Microsoft 365 on all your devices within some minutes, and have to sign in again.',
      until: '2026-11-22T16:00:00.000Z',
    },
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
      tier: '',
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
  'progress-lines': {
    ...base,
    face: 'progress',
    approval: approved,
    steps: reached('succeeded', 'running'),
    progress: {
      since: '2026-11-22T02:15:00.000Z',
      at: '2026-11-22T02:19:12.000Z',
      lines: log,
      link: { target: 'awx', url: 'https://awx.contoso.example/#/jobs/playbook/4711' },
    },
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
  'outcome-failed': lost,
  /** The same, where somebody has to say what happened; then what they said, and who goes on. */
  'outcome-unknown': { ...lost, unknown: { step: 'Recycle the application pool' } },
  'outcome-settled': {
    ...lost,
    unknown: { step: 'Recycle the application pool', said: found },
    rest: { is: 'offered' },
  },
  'outcome-continued': {
    ...lost,
    unknown: { step: 'Recycle the application pool', said: found },
    rest: { is: 'continued', code: '4QX7B', by: 'Olivia Oncall' },
  },
  /** What is left of it. */
  'approval-rest': {
    ...base,
    code: '4QX7B',
    resumes: {
      code: '7K2QD',
      after: 'outcome unknown, and Mia Approver said that it did not run',
      from: 'Recycle the application pool',
      changes: ['Drain seconds is 60 in ci.u_drain now; it goes on with 30'],
    },
    reason: 'continues run 7K2QD, which ended: outcome unknown',
    parameters: base.parameters.map((one) =>
      one.source === 'secret' ? one : { ...one, source: 'run 7K2QD' },
    ),
    steps: base.steps.slice(1),
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
