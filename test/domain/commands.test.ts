import assert from 'node:assert/strict';
import { Command, type CommandName, Refusal, Reply, refusals } from '../../src/domain/commands.ts';
import { stepResults } from '../../src/domain/step-end.ts';
import * as f from '../fakes/domain.ts';
import { assertGolden } from '../fakes/golden.ts';

const evidence = { sha256: 'a', bytes: 0, truncated: false, ref: 'r', tail: '' };
const kept = { name: 'n', type: 'text/plain', sha256: 'a', bytes: 0, truncated: false, ref: 'r' };
const suggestion = { runbook: 'recycle', confidence: 1, reason: '', quotes: [], model: 'm', role: 'alone' };
const shown = { revision: 1, card: 'c' };
/** What some commands of a name have besides what all have. */
const more: Partial<Record<CommandName, Record<string, unknown>>> = {
  propose: { suggestion },
  approve: shown,
  reject: shown,
  narrow: { ...shown, values: { drain: 5, pool: 'shop', force: true } },
  'break-glass': shown,
  'confirm-parameters': { values: { drain: 5, pool: 'shop', force: true } },
  dispatch: { full: true },
  'step-result': { evidence, artifacts: [kept], baseline: { summary: 's', evidence } },
  reported: { seen: { state: '2' }, left: 'taken' },
};
const accepts = (given: unknown): boolean => Command.safeParse(given).success;

describe('a command', () => {
  for (const [name, least] of Object.entries(f.anyOf)) {
    it(`${name} is what it says, by whom and from where`, () => {
      assert.deepEqual(Command.parse(least), least);
      const full = { ...least, ...more[least.name] };
      assert.deepEqual(Command.parse(full), full);
    });

    it(`${name} says nothing less and nothing more`, () => {
      for (const field of Object.keys(least))
        assert.equal(accepts({ ...least, [field]: undefined }), false, field);
      assert.equal(accepts({ ...least, approved: true }), false);
    });

    it(`${name} has nothing of the wrong kind`, () => {
      for (const field of Object.keys({ ...least, ...more[least.name] }))
        assert.equal(accepts({ ...least, [field]: [{}] }), false, field);
    });
  }

  for (const [what, name, change] of [
    ['of a name nobody knows', 'advance', { name: 'execute' }],
    ['about a plan without a number', 'approve', { revision: 0 }],
    ['about half a plan', 'approve', { revision: 1.5 }],
    ['with a list for a value', 'confirm-parameters', { values: { pool: [] } }],
    ['with a result nobody knows', 'step-result', { result: 'perhaps' }],
    ['with a verdict nobody knows', 'review', { verdict: 'perhaps' }],
    ['for somebody until some day', 'delegate', { until: 'some day' }],
    ['for a part of the system', 'delegate', { to: { kind: 'system', name: 'timer' } }],
  ] as const)
    it(`is none ${what}`, () => assert.equal(accepts({ ...f.anyOf[name], ...change }), false));

  it('may have any result of a step, and either verdict', () => {
    for (const result of stepResults) assert.ok(accepts({ ...f.anyOf['step-result'], result }));
    for (const verdict of ['justified', 'not justified']) assert.ok(accepts({ ...f.anyOf.review, verdict }));
  });
});

describe('a refusal', () => {
  it('says to the person what the golden table says', () => assertGolden('refusals', refusals));

  const refusal = {
    code: 'stale-card',
    message: 'This card shows an older plan.',
    nextAction: 'Read the current card.',
    fields: [{ field: 'pool', message: 'a value is needed' }],
  };

  it('has a code, what happened, what to do, and the fields that are wrong', () => {
    assert.deepEqual(Refusal.parse(refusal), refusal);
    for (const code of Object.keys(refusals))
      assert.equal(Refusal.safeParse({ ...refusal, code }).success, true);
    for (const field of Object.keys(refusal))
      assert.equal(Refusal.safeParse({ ...refusal, [field]: undefined }).success, false, field);
    for (const wrong of [
      { code: 'never' },
      { facts: 'secret' },
      { fields: [{ field: 'pool' }] },
      { fields: [{ message: 'x' }] },
      { fields: [{ field: 'pool', message: 'x', value: 'secret' }] },
    ])
      assert.equal(Refusal.safeParse({ ...refusal, ...wrong }).success, false, JSON.stringify(wrong));
  });

  it('is one of two answers; the other says whether anything changed', () => {
    for (const reply of [
      { ok: true, changed: true },
      { ok: true, changed: false },
      { ok: false, refusal },
    ])
      assert.deepEqual(Reply.parse(reply), reply);
    for (const wrong of [
      { ok: true },
      { ok: false },
      { ok: true, refusal },
      { ok: true, changed: true, events: [] },
      { ok: false, refusal, changed: false },
      { changed: true },
      { ok: 'yes', changed: true },
    ])
      assert.equal(Reply.safeParse(wrong).success, false, JSON.stringify(wrong));
  });
});
