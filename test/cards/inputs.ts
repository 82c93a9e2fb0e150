import type { Offers } from '../../cards/narrow.ts';
import type { Answers, Form } from '../../cards/parameters.ts';
import type { Standing } from '../../cards/status.ts';
import { Runbook } from '../../src/domain/runbook.ts';
import { views } from './views.ts';

const recycle = Runbook.parse({
  id: 'iis-app-pool-recycle',
  version: '1.2.0',
  title: 'Recycle the IIS application pool',
  summary: 'Recycles one application pool and checks that its site answers again.',
  owner: 'web-platform',
  author: 'wanda@contoso.example',
  match: { symptoms: ['503'] },
  parameters: {
    host: { type: 'string', title: 'Host', from: ['ci.fqdn'], help: 'Fully qualified name of the server' },
    appPool: {
      type: 'choice',
      title: 'Application pool',
      choices: ['DefaultAppPool', 'IntranetPool', 'LeavePool', 'PayrollPool'],
      narrow: ['LeavePool', 'IntranetPool'],
    },
    drain: { type: 'integer', title: 'Drain seconds', min: 0, max: 300, default: 30, narrow: 'lower' },
    notify: { type: 'boolean', title: 'Tell the users of the site?' },
    token: { type: 'secret', title: 'Token of the ops API', reference: 'OPS_API_TOKEN' },
  },
  steps: {
    diagnostics: [{ id: 'read-state', title: 'Read the state', target: 'ops-api', job: 'iis-pool-state' }],
    remediation: [{ id: 'recycle', title: 'Recycle', target: 'ops-api', job: 'iis-pool-recycle' }],
    verification: [{ id: 'site-answers', title: 'It answers', http: { url: 'https://{host}/health' } }],
  },
  rollback: { impossible: 'a recycle drops the requests that are being served' },
  cooldown: '30m',
  approval: { group: 'web-approvers' },
  requesters: ['web-oncall'],
  escalate: { group: 'web-resolvers' },
});

const clean = Runbook.parse({
  ...structuredClone(toInput(recycle)),
  id: 'disk-clean-up',
  title: 'Free disk space on a Windows server',
  summary: 'Removes temporary files older than seven days and rotated logs, then checks the free space.',
  owner: 'windows-platform',
  environments: ['staging', 'test'],
});

/** A parsed runbook as a file would have it: durations are text there. */
function toInput(runbook: Runbook): object {
  const { steps, approval, ...rest } = runbook;
  const verification = steps.verification.map(({ id, title, http }) => ({
    id,
    title,
    http: { url: http?.url },
  }));
  const jobs = (list: readonly { id: string; title: string; target: string; job: string }[]) =>
    list.map(({ id, title, target, job }) => ({ id, title, target, job }));
  return {
    ...rest,
    cooldown: '30m',
    approval: { group: approval.group, quorum: 2 },
    steps: { diagnostics: jobs(steps.diagnostics), remediation: jobs(steps.remediation), verification },
  };
}

export const library = [
  { runbook: recycle, hash: 'a'.repeat(64) },
  { runbook: clean, hash: 'b'.repeat(64) },
];

/** What an approver of the first of them may do besides saying yes or no. */
export const offers: Offers = { parameters: recycle.parameters, breakGlass: true };

export const form: Form = {
  view: views.proposal,
  loaded: { runbook: recycle, hash: 'a'.repeat(64) },
  parameters: [
    { name: 'host', title: 'Host', value: 'web-prod-01.contoso.example', source: 'ci.fqdn', confirm: false },
    { name: 'appPool', title: 'Application pool', value: null, source: 'missing', confirm: true },
    { name: 'drain', title: 'Drain seconds', value: 30, source: 'default', confirm: true },
    {
      name: 'notify',
      title: 'Tell the users of the site?',
      value: null,
      source: 'missing',
      confirm: true,
    },
    { name: 'token', title: 'Token of the ops API', value: null, source: 'secret', confirm: false },
  ],
};

export const answers: Answers = {
  entered: { drain: '900', appPool: 'LeavePool' },
  errors: [
    { field: 'drain', message: 'at most 300' },
    { field: 'notify', message: 'a value is needed' },
  ],
};

export const commands = [
  { say: '/runbook list', does: 'the runbooks there are' },
  { say: '/runbook run iis-app-pool-recycle for INC0010023', does: 'proposes a runbook for an incident' },
  { say: '/runbook status', does: 'the runs that have not ended' },
  { say: 'approve 7K2QD', does: 'approves the run with this code' },
  { say: 'reject 7K2QD because …', does: 'rejects it; the requester is told why' },
];

export const openRuns = [
  {
    runId: '01KAP3V0Q8YB1ZC5G7J9M7K2QD',
    code: '7K2QD',
    incident: 'INC0010023',
    ci: 'WEB-PROD-01',
    runbook: 'Recycle the IIS application pool',
    doing: 'waits for approval by web-approvers',
  },
  {
    runId: '01KAP3V0Q8YB1ZC5G7J9M4QX7B',
    code: '4QX7B',
    incident: 'INC0010019',
    ci: 'web-test-07',
    runbook: 'Free disk space on a Windows server',
    doing: 'remediation: remove temporary files',
  },
];

/** Everything is stopped, and two broken glasses wait for a review, one of them too long. */
export const troubled: Standing = {
  runs: openRuns,
  stopped: {
    by: 'Ada Admin',
    reason: 'the storage network is being repaired',
    at: '2026-11-22T02:10:00.000Z',
  },
  reviews: [
    {
      code: '9ZK4M',
      incident: 'INC0009988',
      ci: 'PAY-PROD-02',
      runbook: 'Restart the payment gateway',
      by: 'Ingrid Incident',
      reason: 'payments are down in two countries',
      group: 'service-owners',
      due: '2026-11-21T02:16:00.000Z',
      overdue: true,
    },
    {
      code: '7K2QD',
      incident: 'INC0010023',
      ci: 'WEB-PROD-01',
      runbook: 'Recycle the IIS application pool',
      by: 'Ingrid Incident',
      reason: 'no approver answers the phone',
      group: 'service-owners',
      due: '2026-11-23T02:16:00.000Z',
      overdue: false,
    },
  ],
  unsettled: [
    {
      code: 'M4T8C',
      incident: 'INC0009991',
      ci: 'WEB-PROD-02',
      runbook: 'Recycle the IIS application pool',
      doing: 'ended, and nobody knows yet whether it ran',
    },
  ],
};
