import assert from 'node:assert/strict';
import type { LogEntry, RunEvent } from '../../src/domain/events.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { recordLines } from '../../src/domain/record.ts';
import * as f from '../fakes/domain.ts';

const digest = '0123456789abcdef'.repeat(4);
const plan = { rollback: 'declared' } as Plan;
const asked = {
  plan,
  digest,
  revision: 2,
  group: 'web-approvers',
  quorum: 2,
  expiresAt: '2026-11-22T09:30:00.000Z',
  changes: [],
};
const vote = { verb: 'approve', digest, revision: 2, reason: '' } as const;
const finished = { phase: 'remediation', step: 'go', result: 'failed', detail: 'exit 1' } as const;
const evidence = { sha256: digest, bytes: 7, truncated: false, ref: 'evidence:x/go', tail: '' };
const kept = { type: 'text/plain', sha256: digest, truncated: false, ref: 'evidence:x/go/1' };
const parameters = [
  { name: 'pool', title: 'Pool', value: 'shop', source: 'ci.u_app_pool', confirm: false },
  { name: 'n', title: 'N', value: 5, source: 'person', confirm: false },
];
const glass = {
  digest,
  revision: 1,
  reason: 'the shop is down',
  overridden: ['freeze', 'cooldown'],
  reviewGroup: 'duty',
  reviewBy: '2026-11-23T09:00:00.000Z',
};

const entry = (event: RunEvent, change: Partial<LogEntry> = {}): LogEntry =>
  ({
    ...event,
    event: 'e7',
    at: '2026-11-22T09:00:00.000Z',
    actor: f.arne,
    tenant: 'tenant-1',
    origin: { conversation: 'conv', activity: '' },
    subject: { incident: 'INC1', ci: 'c', runbook: { id: 'recycle', version: '1.0.0', hash: 'h' } },
    v: 1,
    runId: f.RUN,
    seq: 7,
    prev: '',
    hash: '',
    ...change,
  }) as LogEntry;
/** What the record says of an event, behind number, time, type and name. */
const words = (event: RunEvent): string => {
  const [line = ''] = recordLines([entry(event)]);
  return line.slice(line.indexOf(' arne: ') + ' arne: '.length);
};

describe('a line of the record', () => {
  it('has the number, the time, the type, who did it and the message it came from', () => {
    const event: RunEvent = { type: 'cancel-requested', data: { reason: 'wrong server' } };
    const late = { seq: 1234, origin: { conversation: 'conv', activity: 'act-9' } };
    assert.deepEqual(recordLines([entry(event), entry(event, late)]), [
      '#007 2026-11-22T09:00:00.000Z cancel-requested     arne: wrong server',
      '#1234 2026-11-22T09:00:00.000Z cancel-requested     arne: wrong server [message act-9]',
    ]);
    assert.deepEqual(recordLines([]), []);
  });

  const [proposed] = f.after([f.anyOf.propose]).entries;
  assert.ok(proposed?.type === 'run-proposed');
  const two = [
    { group: 'web', needed: 1 },
    { group: 'duty', needed: 2 },
  ];
  const cases: [string, RunEvent, string][] = [
    [
      'the proposal',
      { type: 'run-proposed', data: proposed.data },
      `recycle 1.0.0 (${f.runbook().hash.slice(0, 12)}) for INC0010023 on shop-web-01, matches`,
    ],
    [
      'the guardrails',
      {
        type: 'guardrails-evaluated',
        data: {
          ...f.after([f.anyOf.propose]).evaluations['proposal'],
          stage: 'dispatch',
          effect: 'deny',
          lines: [
            { guardrail: 'freeze', effect: 'allow', reason: 'no freeze' },
            { guardrail: 'cooldown', effect: 'deny', reason: 'ran 5 min ago' },
          ],
        },
      } as RunEvent,
      'at dispatch: deny; freeze allow (no freeze); cooldown deny (ran 5 min ago)',
    ],
    [
      'the guardrails, where what they rest on came from, and its age where it was not fresh',
      {
        type: 'guardrails-evaluated',
        data: {
          stage: 'decision',
          effect: 'allow',
          lines: [
            { guardrail: 'freeze', effect: 'allow', reason: 'no freeze', source: 'policy' },
            {
              guardrail: 'blast radius',
              effect: 'allow',
              reason: '0 dependents',
              source: 'ServiceNow cmdb_rel_ci',
              readAt: '2026-11-22T08:59:42.000Z',
            },
          ],
        },
      },
      'at decision: allow; freeze allow (no freeze) from policy; ' +
        'blast radius allow (0 dependents) from ServiceNow cmdb_rel_ci, 18 s old',
    ],
    ...(['parameters-confirmed', 'parameters-resolved', 'parameters-narrowed'] as const).map(
      (type): [string, RunEvent, string] => [
        `values (${type})`,
        { type, data: { parameters } },
        'pool=shop from ci.u_app_pool, n=5 from person',
      ],
    ),
    [
      'a request for approval',
      { type: 'approval-requested', data: asked },
      'plan 2 (0123456789ab) needs 2 of web-approvers until 2026-11-22T09:30:00.000Z',
    ],
    [
      'a request for approval after changes, of two groups, for later',
      {
        type: 'approval-requested',
        data: {
          ...asked,
          requirements: two,
          changes: ['the policy changed', 'the environment changed'],
          notBefore: '2026-11-22T22:00:00.000Z',
        },
      },
      'plan 2 (0123456789ab) needs 1 of web and 2 of duty until 2026-11-22T09:30:00.000Z, ' +
        'to start at 2026-11-22T22:00:00.000Z, because the policy changed; the environment changed',
    ],
    [
      'a request to roll back',
      { type: 'approval-requested', data: { ...asked, phase: 'rollback' } },
      'the rollback of plan 2 (0123456789ab) needs 2 of web-approvers until 2026-11-22T09:30:00.000Z',
    ],
    [
      'the approval by a rule',
      {
        type: 'auto-approved',
        data: { plan, digest, revision: 1, rule: 'low risk', owner: 'web', until: '2027-01-01T00:00:00Z' },
      },
      'plan 1 (0123456789ab) by rule low risk of web',
    ],
    ['a vote', { type: 'vote-cast', data: vote }, 'approve plan 2 (0123456789ab)'],
    [
      'a vote with everything there is to it',
      {
        type: 'vote-cast',
        data: {
          ...vote,
          verb: 'reject',
          reason: 'wrong server',
          card: digest,
          groups: ['web', 'duty'],
          standsInFor: f.mia,
        },
      },
      'reject plan 2 (0123456789ab) as web and duty in place of mia, card 0123456789ab: wrong server',
    ],
    ['a reminder', { type: 'approval-reminded', data: { revision: 2, count: 3 } }, 'plan 2, reminder 3'],
    [
      'an escalation',
      { type: 'approval-escalated', data: { revision: 2, group: 'duty' } },
      'plan 2, now duty as well',
    ],
    [
      'a broken glass',
      { type: 'glass-broken', data: glass },
      'plan 1 (0123456789ab) alone, past freeze, cooldown: the shop is down; ' +
        'to be reviewed by duty until 2026-11-23T09:00:00.000Z',
    ],
    [
      'a broken glass that nothing stood against',
      { type: 'glass-broken', data: { ...glass, overridden: [] } },
      'plan 1 (0123456789ab) alone: the shop is down; to be reviewed by duty until 2026-11-23T09:00:00.000Z',
    ],
    [
      'an incident that was closed while the run was under way',
      { type: 'incident-changed', data: { reason: 'INC0010023 is closed' } },
      'INC0010023 is closed; what has started goes on',
    ],
    [
      'a review that is missing',
      { type: 'review-overdue', data: { reviewBy: glass.reviewBy } },
      'nobody reviewed it until 2026-11-23T09:00:00.000Z',
    ],
    [
      'a review',
      { type: 'run-reviewed', data: { verdict: 'not justified', note: 'there was time' } },
      'not justified: there was time',
    ],
    [
      'a start put off until a moment',
      {
        type: 'dispatch-postponed',
        data: { reason: 'the window is closed', until: '2026-11-22T22:00:00.000Z' },
      },
      'the window is closed, until 2026-11-22T22:00:00.000Z',
    ],
    [
      'a start put off',
      { type: 'dispatch-postponed', data: { reason: 'three runs are at work' } },
      'three runs are at work',
    ],
    ['a stop', { type: 'dispatch-stopped', data: { reason: 'bad release' } }, 'bad release'],
    ['a resumption', { type: 'dispatch-resumed', data: { reason: 'fixed' } }, 'fixed'],
    [
      'a delegation',
      {
        type: 'vote-delegated',
        data: { from: f.arne, to: f.mia, until: '2026-11-23T00:00:00Z', reason: 'away' },
      },
      'arne to mia until 2026-11-23T00:00:00Z: away',
    ],
    ['the end of a delegation', { type: 'delegation-ended', data: { from: f.mia } }, 'mia'],
    [
      'a refusal',
      { type: 'command-refused', data: { command: 'approve', code: 'not-a-member', revision: 1 } },
      'approve refused: not-a-member',
    ],
    ['a run that waits', { type: 'dispatch-waiting', data: { holder: f.RUN } }, `waits for run ${f.RUN}`],
    [
      'a step that starts',
      {
        type: 'step-started',
        data: { step: 'go', phase: 'remediation', executionId: 'x-1', deadline: '2026-11-22T09:05:00.000Z' },
      },
      'remediation go, execution x-1',
    ],
    [
      'a step that is known to the target',
      { type: 'step-launched', data: { step: 'go', externalId: '42' } },
      'go is 42 at the target',
    ],
    ['a step that ended', { type: 'step-finished', data: finished }, 'remediation go failed: exit 1'],
    [
      'a step that ended and left a log',
      { type: 'step-finished', data: { ...finished, evidence } },
      `remediation go failed: exit 1; log 7 bytes, sha256 ${digest}`,
    ],
    [
      'a step that ended on each of several hosts',
      {
        type: 'step-finished',
        data: {
          ...finished,
          hosts: [
            { host: 'web01', result: 'succeeded' },
            { host: 'web02', result: 'failed', detail: 'no answer' },
          ],
        },
      },
      'remediation go failed: exit 1; web01 done, web02 failed: no answer',
    ],
    [
      'a value that only the target gets to know, and a list',
      {
        type: 'parameters-confirmed',
        data: {
          parameters: [
            { name: 'token', title: 'Token', value: null, source: 'secret', confirm: false },
            {
              name: 'servers',
              title: 'Servers',
              value: ['web01', 'web02'],
              source: 'person',
              confirm: false,
            },
          ],
        },
      },
      'token=nothing from secret, servers=web01, web02 from person',
    ],
    [
      'a step that ended, left files, and compared with how it was before',
      {
        type: 'step-finished',
        data: {
          ...finished,
          artifacts: [
            { ...kept, name: 'dump.txt', bytes: 12 },
            { ...kept, name: 'events.json', bytes: 3 },
          ],
          baseline: { summary: 'answered 200', evidence },
        },
      },
      `remediation go failed: exit 1; dump.txt 12 bytes, sha256 ${digest}; events.json 3 bytes, sha256 ${digest}` +
        `; before the run: answered 200, sha256 ${digest}`,
    ],
    [
      'the end',
      {
        type: 'run-closed',
        data: { outcome: 'remediation failed', reason: 'Go: exit 1', nextAction: 'Look at it.' },
      },
      'remediation failed: Go: exit 1',
    ],
    ['a card', { type: 'card-posted', data: { conversation: 'conv', activity: 'card' } }, 'in conv'],
    ['a report', { type: 'reported', data: { key: 'ticket:closed', note: '' } }, 'ticket:closed'],
    [
      'a report that failed',
      { type: 'reported', data: { key: 'ticket:closed', note: 'refused' } },
      'ticket:closed: refused',
    ],
    [
      'a report that left the incident to people',
      {
        type: 'reported',
        data: { key: 'ticket:closed', note: '', left: 'INC1 was reopened: it was not resolved' },
      },
      'ticket:closed: INC1 was reopened: it was not resolved',
    ],
  ];
  for (const [name, event, want] of cases)
    it(`says what happened: ${name}`, () => assert.equal(words(event), want));
});
