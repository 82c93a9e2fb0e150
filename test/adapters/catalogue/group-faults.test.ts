import assert from 'node:assert/strict';
import { groupFaults } from '../../../src/adapters/catalogue/group-faults.ts';
import * as f from '../../fakes/domain.ts';

const found = (
  sizes: Record<string, number>,
  change: { runbook?: Record<string, unknown>; policy?: Record<string, unknown> } = {},
): string[] =>
  groupFaults(
    f.policy(change.policy).policy,
    [f.runbook(change.runbook).runbook],
    new Map(Object.entries(sizes)),
  ).map(({ file, field, message }) => `${file} ${field} ${message}`);

describe('a quorum that is larger than its group', () => {
  const asks = (quorum: unknown) => ({ runbook: { approval: { group: 'web-approvers', quorum } } });

  it('is named with where it stands, how many there are and what to do', () => {
    assert.deepEqual(found({ 'web-approvers': 2 }, asks(3)), [
      'recycle.yaml approval.quorum asks for 3 of web-approvers, which has 2 members; lower the quorum or add members',
    ]);
  });

  for (const [quorum, size, faults] of [
    [1, 0, 1],
    [1, 1, 0],
    [2, 1, 1],
    [2, 2, 0],
    ['any', 0, 1],
    ['any', 1, 0],
    ['all', 0, 1],
    ['all', 1, 0],
    ['50%', 0, 1],
    ['50%', 1, 0],
    ['2 of 5', 4, 1],
    ['2 of 5', 5, 0],
  ] as const)
    it(`${faults === 0 ? 'can' : 'cannot'} be ${quorum} where the group has ${size}`, () =>
      assert.equal(found({ 'web-approvers': size }, asks(quorum)).length, faults));

  it('says nothing of a group whose members could not be read', () =>
    assert.deepEqual(found({}, asks(3)), []));

  it('is looked for wherever people are asked', () => {
    const tier = {
      name: 'all',
      approvers: [{ group: 'web-operations', quorum: 2 }],
      escalate: { after: '5m', to: 'web-operations' },
    };
    const lines = found(
      { 'web-approvers': 0, 'web-operations': 0 },
      {
        policy: {
          tiers: [tier],
          breakGlass: { groups: ['web-approvers'], review: { group: 'web-operations' } },
        },
        runbook: {
          approval: { group: 'web-approvers', escalate: { after: '5m', to: 'web-operations' } },
          rollback: { ...f.rollbackSteps, approval: { approvers: [{ group: 'web-approvers', quorum: 2 }] } },
        },
      },
    );
    assert.deepEqual(
      lines.map((line) => line.split(' asks ')[0]),
      [
        'recycle.yaml approval.quorum',
        'recycle.yaml approval.escalate.to',
        'recycle.yaml rollback.approval.approvers.0.quorum',
        'policy.yaml tiers.0.approvers.0.quorum',
        'policy.yaml tiers.0.escalate.to',
        'policy.yaml breakGlass.review.group',
      ],
    );
    assert.match(lines[0] ?? '', /which has nobody/);
  });
});
