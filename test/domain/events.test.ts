import assert from 'node:assert/strict';
import { type EventData, type EventType, eventData, outcomes, parseEntry } from '../../src/domain/events.ts';
import { stepResults } from '../../src/domain/step-end.ts';
import * as f from '../fakes/domain.ts';

const [proposed] = f.after([f.anyOf.propose]).entries;
assert.ok(proposed?.type === 'run-proposed');
const { resolve: _resolve, ...proposal } = proposed.data;
const plan = f.after([f.anyOf.propose]).approval?.plan;
assert.ok(plan);

const planned = { plan, digest: 'd', revision: 1 };
const parameters = [{ name: 'pool', title: 'Pool', value: 'shop', source: 'person', confirm: false }];
const evidence = { sha256: 'a', bytes: 0, truncated: true, ref: 'r', tail: '' };
const kept = { name: 'n', type: 'text/plain', sha256: 'a', bytes: 0, truncated: false, ref: 'r' };
const suggestion: EventData<'run-proposed'>['suggestion'] = {
  ...{ runbook: 'recycle', confidence: 1, reason: '', quotes: [], model: 'm' },
  role: 'alone',
};
const resumes: EventData<'run-proposed'>['resumes'] = {
  runId: f.RUN,
  earlier: ['r'],
  after: 'automation failed',
  from: 's',
  done: ['d'],
  changes: ['c'],
};
const at = '2026-11-22T09:00:00.000Z';

/** Of each type: what every event has, and what some have as well. A new type does not compile until it is here. */
type Sample<T extends EventType> = { readonly least: EventData<T>; readonly more?: Partial<EventData<T>> };
const samples: { readonly [T in EventType]: Sample<T> } = {
  'run-proposed': {
    least: proposal,
    more: { suggestion, resolve: { code: 'c', notes: 'n' }, resumes, consequence: 'You sign in again.' },
  },
  'guardrails-evaluated': { least: { stage: 'proposal', effect: 'allow', lines: [] } },
  'owner-asked': { least: { owner: f.dana, conversation: 'a:dana', activity: '7' } },
  'ownership-answered': { least: { mine: true, reason: '', parameters } },
  'parameters-confirmed': { least: { parameters } },
  'parameters-resolved': { least: { parameters } },
  'parameters-narrowed': { least: { parameters } },
  'approval-requested': {
    least: { ...planned, group: 'g', quorum: 1, expiresAt: at, changes: ['x'] },
    more: {
      requirements: [
        { group: 'g', needed: 1 },
        { group: 'h', needed: 2, of: 0 },
      ],
      ...{ phase: 'rollback', tier: 'high', fourEyes: true, authors: ['id'], remindEvery: 1 },
      ...{ escalateAt: at, escalateTo: 'h', notBefore: at },
    },
  },
  'auto-approved': { least: { ...planned, rule: 'r', owner: 'o', until: at } },
  'vote-cast': {
    least: { verb: 'approve', digest: 'd', revision: 1, reason: '' },
    more: { card: 'c', groups: ['g'], standsInFor: f.mia },
  },
  'approval-reminded': { least: { revision: 1, count: 1 } },
  'approval-escalated': { least: { revision: 1, group: 'g' } },
  'glass-broken': {
    least: {
      ...{ digest: 'd', revision: 1, reason: 'r', overridden: ['freeze'] },
      ...{ reviewGroup: 'g', reviewBy: at },
    },
    more: { card: 'c' },
  },
  'review-overdue': { least: { reviewBy: at } },
  'run-reviewed': { least: { verdict: 'justified', note: 'n' } },
  'outcome-settled': { least: { step: 's', word: 'ran', reason: 'r' } },
  'run-continued': { least: { runId: f.RUN } },
  'dispatch-postponed': { least: { reason: 'r' }, more: { until: at } },
  'dispatch-stopped': { least: { reason: 'r' } },
  'dispatch-resumed': { least: { reason: 'r' } },
  'vote-delegated': { least: { from: f.arne, to: f.mia, until: at, reason: 'r' } },
  'delegation-ended': { least: { from: f.arne } },
  'command-refused': { least: { command: 'approve', code: 'not-approver', revision: 0 } },
  'dispatch-waiting': { least: { holder: f.RUN } },
  'step-started': { least: { step: 's', phase: 'diagnostics', executionId: 'x', deadline: at } },
  'step-launched': { least: { step: 's', externalId: '1' } },
  'step-finished': {
    least: { step: 's', phase: 'verification', result: 'failed', detail: 'd' },
    more: {
      evidence,
      artifacts: [kept],
      baseline: { summary: 's', evidence },
      hosts: [{ host: 'web01', result: 'failed', detail: 'd' }],
    },
  },
  'cancel-requested': { least: { reason: 'r' } },
  'incident-changed': { least: { reason: 'r' } },
  'run-closed': { least: { outcome: 'denied', reason: 'r', nextAction: 'n' } },
  'card-posted': { least: { conversation: 'c', activity: 'a' } },
  reported: { least: { key: 'k', note: '' }, more: { seen: { state: 'new' }, left: 'l' } },
};

const stored = (type: string, data: unknown, change: Record<string, unknown> = {}) => ({
  v: 1,
  runId: f.RUN,
  seq: 1,
  prev: '0'.repeat(64),
  hash: 'f'.repeat(64),
  event: 'e1',
  at,
  actor: f.arne,
  tenant: 'tenant-1',
  origin: { conversation: 'conv', activity: 'act' },
  subject: { incident: 'INC1', ci: 'c', runbook: { id: 'recycle', version: '1.0.0', hash: 'h' } },
  type,
  data,
  ...change,
});

describe('a stored event', () => {
  for (const [type, sample] of Object.entries(samples) as [EventType, Sample<EventType>][]) {
    const whole = { ...sample.least, ...sample.more };
    it(`is read as it was stored: ${type}`, () => {
      for (const data of [sample.least, whole]) {
        const entry = stored(type, JSON.parse(JSON.stringify(data)));
        assert.deepEqual(parseEntry(entry), entry);
      }
    });

    it(`is not read with something in it that nobody knows, or without a part: ${type}`, () => {
      assert.throws(() => parseEntry(stored(type, { ...whole, surprise: 1 })), /surprise/);
      for (const field of Object.keys(sample.least))
        assert.throws(() => parseEntry(stored(type, { ...whole, [field]: undefined })), new RegExp(field));
    });

    it(`is not read with a part of another kind: ${type}`, () => {
      for (const field of Object.keys(whole))
        assert.throws(() => parseEntry(stored(type, { ...whole, [field]: { wrong: [null] } })));
    });
  }

  const every: [EventType, string, readonly unknown[], readonly unknown[]][] = [
    ['guardrails-evaluated', 'stage', ['proposal', 'decision', 'dispatch'], ['', 'start']],
    ['guardrails-evaluated', 'effect', ['allow', 'require-approval', 'deny'], ['', 'maybe']],
    ['vote-cast', 'verb', ['approve', 'reject'], ['', 'abstain']],
    ['run-reviewed', 'verdict', ['justified', 'not justified'], ['', 'unclear']],
    ['outcome-settled', 'word', ['ran', 'did-not-run', 'cancel'], ['', 'perhaps']],
    ['step-started', 'phase', ['diagnostics', 'remediation', 'verification', 'rollback'], ['', 'test']],
    ['step-finished', 'phase', ['diagnostics', 'remediation', 'verification', 'rollback'], ['', 'test']],
    ['step-finished', 'result', stepResults, ['', 'skipped']],
    ['run-closed', 'outcome', outcomes, ['', 'done']],
    ['approval-requested', 'phase', ['rollback'], ['', 'run']],
    ['approval-requested', 'fourEyes', [true], [false]],
    ['approval-requested', 'revision', [1, 99], [0, -1, 1.5, '1']],
    ['approval-requested', 'quorum', [1, 20], [0, 1.5]],
    ['approval-requested', 'remindEvery', [1], [0, 1.5]],
    ['approval-reminded', 'count', [1], [0, 1.5]],
  ];
  for (const [type, field, known, unknown] of every)
    it(`knows every ${field} of ${type}, and no other`, () => {
      const read = (value: unknown) => parseEntry(stored(type, { ...samples[type].least, [field]: value }));
      for (const value of known) assert.equal((read(value).data as Record<string, unknown>)[field], value);
      for (const value of unknown) assert.throws(() => read(value), new RegExp(field), String(value));
    });

  it('knows these ends and these results of a step, whose names are never changed', () => {
    assert.deepEqual(stepResults, ['succeeded', 'failed', 'cancelled', 'not-started', 'unknown']);
    assert.deepEqual(outcomes, [
      ...['succeeded', 'rejected', 'expired', 'withdrawn', 'cancelled', 'denied'],
      ...['remediation failed', 'verification failed', 'rolled back', 'rollback failed'],
      ...['automation failed', 'outcome unknown', 'not confirmed'],
    ]);
  });

  const inside: [string, EventType, Record<string, unknown>][] = [
    ['a request to nobody', 'approval-requested', { requirements: [{ group: 'g', needed: 0 }] }],
    [
      'a group of less than nobody',
      'approval-requested',
      { requirements: [{ group: 'g', needed: 1, of: -1 }] },
    ],
    [
      'a request with more to it',
      'approval-requested',
      { requirements: [{ group: 'g', needed: 1, by: [] }] },
    ],
    ['a log of less than nothing', 'step-finished', { evidence: { ...evidence, bytes: -1 } }],
    ['a log of half a byte', 'step-finished', { evidence: { ...evidence, bytes: 0.5 } }],
    ['a log with its text', 'step-finished', { evidence: { ...evidence, text: 'secret' } }],
    ['a file of less than nothing', 'step-finished', { artifacts: [{ ...kept, bytes: -1 }] }],
    ['a file with its content', 'step-finished', { artifacts: [{ ...kept, content: 'x' }] }],
    ['a file without a name', 'step-finished', { artifacts: [{ ...kept, name: undefined }] }],
    ['a host without a result', 'step-finished', { hosts: [{ host: 'web01' }] }],
    ['a host with a result nobody knows', 'step-finished', { hosts: [{ host: 'web01', result: 'skipped' }] }],
    ['a state before without its evidence', 'step-finished', { baseline: { summary: 's' } }],
    [
      'a state before with a verdict',
      'step-finished',
      { baseline: { summary: 's', evidence, verdict: 'x' } },
    ],
    ['a runbook with more to it', 'run-proposed', { runbook: { ...proposal.runbook, author: 'x' } }],
    ['a runbook without a title', 'run-proposed', { runbook: { ...proposal.runbook, title: undefined } }],
    ['a way to resolve with a state', 'run-proposed', { resolve: { code: 'c', notes: 'n', state: 6 } }],
    ['a way to resolve without notes', 'run-proposed', { resolve: { code: 'c' } }],
    [
      'a parameter without a source',
      'parameters-confirmed',
      { parameters: [{ ...parameters[0], source: undefined }] },
    ],
    [
      'a parameter with a list of numbers for a value',
      'parameters-confirmed',
      { parameters: [{ ...parameters[0], value: [1] }] },
    ],
    [
      'a parameter with more to it',
      'parameters-confirmed',
      { parameters: [{ ...parameters[0], secret: 'x' }] },
    ],
  ];
  for (const [name, type, change] of inside)
    it(`is none with ${name}`, () =>
      assert.throws(() => parseEntry(stored(type, { ...samples[type].least, ...change }))));

  it('may have a parameter of any plain kind, a list of names, or one that is missing', () => {
    for (const value of ['shop', '', 5, true, false, null, ['web01', 'web02']]) {
      const entry = stored('parameters-confirmed', { parameters: [{ ...parameters[0], value }] });
      assert.deepEqual(parseEntry(entry), entry);
    }
  });

  const least = samples['cancel-requested'].least;
  const envelope: [string, Record<string, unknown>][] = [
    ['of another version', { v: 2 }],
    ['before the first', { seq: 0 }],
    ['between two', { seq: 1.5 }],
    ['without a run', { runId: undefined }],
    ['with a shortened hash of the one before', { prev: '0'.repeat(63) }],
    ['with a longer hash of the one before', { prev: '0'.repeat(65) }],
    ['with a shortened hash', { hash: 'f'.repeat(63) }],
    ['with a longer hash', { hash: 'f'.repeat(65) }],
    ['of a type nobody knows', { type: 'run-forgotten' }],
    ['of a type every object has', { type: 'toString' }],
    ['without an id', { event: undefined }],
    ['at no time', { at: 'yesterday' }],
    ['by nobody', { actor: undefined }],
    ['by a person without an id', { actor: { ...f.arne, id: '' } }],
    ['by a part of the system nobody knows', { actor: { kind: 'system', name: 'model' } }],
    ['of no tenant', { tenant: undefined }],
    ['from nowhere', { origin: {} }],
    ['from somewhere with a link', { origin: { conversation: 'c', activity: 'a', url: 'x' } }],
    ['about nothing', { subject: {} }],
    ['about something more', { subject: { ...stored('', {}).subject, owner: 'x' } }],
    [
      'about a runbook without its hash',
      { subject: { incident: 'i', ci: 'c', runbook: { id: 'x', version: '1' } } },
    ],
  ];
  for (const [name, change] of envelope)
    it(`is none ${name}`, () => assert.throws(() => parseEntry(stored('cancel-requested', least, change))));

  it('is of one of these types', () =>
    assert.deepEqual(Object.keys(eventData).sort(), Object.keys(samples).sort()));
});
