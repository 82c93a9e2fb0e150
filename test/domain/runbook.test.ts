import assert from 'node:assert/strict';
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
