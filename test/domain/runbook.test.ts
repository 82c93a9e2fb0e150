import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fill, placeholdersIn } from '../../src/domain/placeholder.ts';
import { Runbook, targetsOf } from '../../src/domain/runbook.ts';
import * as f from '../fakes/domain.ts';

describe('a runbook', () => {
  it('has defaults that are careful', () => {
    const { steps, approval, environments } = f.runbook({ approval: { group: 'web-approvers' } }).runbook;
    assert.deepEqual([approval.quorum, approval.expires], [1, 1_800_000]);
    assert.deepEqual(environments, ['production', 'staging', 'test', 'development']);
    assert.deepEqual(steps.diagnostics[0]?.optional, false);
    assert.equal(steps.remediation[0]?.timeout, 300_000);
    const { status, successes, attempts, within } = steps.verification[0]?.http ?? {};
    assert.deepEqual(
      { status, successes, attempts, within },
      { status: [200], successes: 3, attempts: 5, within: 2_000 },
    );
  });

  for (const [name, change] of [
    ['a way back, or a reason why there is none', { rollback: undefined }],
    [
      'both a way back and a reason why there is none',
      { rollback: { ...f.rollbackSteps, impossible: 'x'.repeat(10) } },
    ],
    ['a cooldown', { cooldown: undefined }],
    ['somebody who approves', { approval: undefined }],
    ['somebody who may ask', { requesters: [] }],
    ['somebody to escalate to', { escalate: undefined }],
    ['an author', { author: '' }],
    ['a quorum of nobody', { approval: { group: 'web-approvers', quorum: 0 } }],
  ] as const)
    it(`does not parse ${name.startsWith('both') || name.startsWith('a quorum') ? 'with' : 'without'} ${name}`, () => {
      assert.throws(() => f.runbook(change));
    });

  it('gives its target to every step that names none', () => {
    const plain = { title: 'Go', job: 'go' };
    const read = f.runbook({
      target: 'awx',
      steps: {
        diagnostics: [{ ...plain, id: 'look' }],
        remediation: [{ ...plain, id: 'go', target: 'ops' }],
        verification: [{ id: 'ok', title: 'OK', http: { url: 'http://site.example' } }],
      },
      rollback: { steps: [{ ...plain, id: 'undo' }] },
    }).runbook;
    assert.deepEqual([read.steps.diagnostics[0]?.target, read.steps.remediation[0]?.target], ['awx', 'ops']);
    assert.equal('steps' in read.rollback && read.rollback.steps[0]?.target, 'awx');
    assert.deepEqual(targetsOf(read), ['awx', 'ops']);
  });

  it('is read again as it was read, when nothing was left to a default', () => {
    const { runbook } = f.runbook();
    const written = JSON.parse(JSON.stringify(runbook), (key, value: unknown) =>
      ['timeout', 'cooldown', 'expires', 'every', 'within'].includes(key) ? `${String(value)}ms` : value,
    );
    assert.deepEqual(Runbook.parse(written), runbook);
  });
});

describe('a placeholder', () => {
  for (const [text, names] of [
    ['{pool}', ['pool']],
    ['a {pool} on {site}', ['pool', 'site']],
    ['{pool}{pool}', ['pool', 'pool']],
    ['{{pool}}', ['pool']],
    ['{}, { pool }, {1x}, {a-b}', []],
  ] as const)
    it(`is found in ${text}`, () => assert.deepEqual(placeholdersIn(text), names));

  it('alone keeps the type of its value, and within text becomes text', () => {
    assert.equal(fill('{n}', { n: 5 }), 5);
    assert.equal(fill('{n}', { n: false }), false);
    assert.equal(fill('n={n}', { n: 5 }), 'n=5');
    assert.equal(fill(7, { n: 5 }), 7);
    assert.equal(fill('{gone}', {}), '');
  });

  it('is empty where nobody gives a value, and is no part of a longer text that begins or ends with it', () => {
    assert.equal(fill('<{gone}>', {}), '<>');
    assert.equal(fill('{n}s', { n: 5 }), '5s');
    assert.equal(fill('T-{n}', { n: 5 }), 'T-5');
    assert.equal(fill('{n}{n}', { n: 5 }), '55');
  });

  it('may have digits, capitals and underscores in its name, after a first letter', () => {
    for (const name of ['a', 'appPool', 'app_pool', 'a1b2', '_x', 'Z9']) {
      assert.equal(fill(`{${name}}`, { [name]: 7 }), 7);
      assert.equal(fill(`<{${name}}>`, { [name]: 7 }), '<7>');
      assert.deepEqual(placeholdersIn(`<{${name}}>`), [name]);
    }
    assert.equal(fill('{1x}', { '1x': 7 }), '{1x}');
  });

  it('is filled once: no value can bring in another placeholder, or a replacement pattern', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('{b}', '$&', '$1', "$'", '{a}'));
    fc.assert(
      fc.property(value, value, (a, b) => {
        assert.equal(fill('<{a}|{b}>', { a, b }), `<${a}|${b}>`);
        assert.equal(fill('{a}', { a, b }), a);
      }),
    );
  });
});
