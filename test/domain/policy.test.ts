import assert from 'node:assert/strict';
import { autoApprovalFor, channelFor } from '../../src/domain/policy.ts';
import * as f from '../fakes/domain.ts';

describe('an automatic approval', () => {
  const { policy } = f.policy(f.autoApprove);
  const covers = (runbook: string, environment: string, at: string) =>
    autoApprovalFor(policy, runbook, environment, new Date(at), '')?.name;

  it('covers its runbook in its environments, until its end', () => {
    assert.equal(covers('recycle', 'test', '2026-12-31T23:59:59.999Z'), 'low risk');
    assert.equal(covers('recycle', 'test', '2027-01-01T00:00:00Z'), undefined);
    assert.equal(covers('recycle', 'production', '2026-11-22T09:00:00Z'), undefined);
    assert.equal(covers('recycle-all', 'test', '2026-11-22T09:00:00Z'), undefined);
  });

  it('covers each of its environments and of its tiers, or every tier', () => {
    const [rule] = policy.autoApprovals;
    assert.ok(rule);
    const covered = (change: Partial<typeof rule>, environment: string, tier: string): boolean =>
      autoApprovalFor(
        { ...policy, autoApprovals: [{ ...rule, ...change }] },
        'recycle',
        environment,
        f.T0,
        tier,
      ) !== undefined;
    assert.equal(covered({ environments: ['test', 'staging'] }, 'test', 'low'), true);
    assert.equal(covered({ environments: ['test', 'staging'] }, 'staging', ''), true);
    assert.equal(covered({ tiers: ['low', 'least'] }, 'test', 'least'), true);
    assert.equal(covered({ tiers: ['low', 'least'] }, 'test', 'high'), false);
    assert.equal(covered({ tiers: ['low'] }, 'test', ''), false);
  });

  it('is the first that covers it', () => {
    const [rule] = policy.autoApprovals;
    assert.ok(rule);
    const autoApprovals = [
      { ...rule, runbook: 'other', name: 'a' },
      { ...rule, name: 'b' },
      { ...rule, name: 'c' },
    ];
    assert.equal(autoApprovalFor({ ...policy, autoApprovals }, 'recycle', 'test', f.T0, '')?.name, 'b');
  });
});

describe('the channel of a run', () => {
  const { policy } = f.policy({
    channels: {
      default: '19:all',
      byAssignmentGroup: { 'Web Operations': '19:web', [`${'b'.repeat(32)}`]: '19:db' },
    },
  });
  const channel = (assignmentGroup: string, fields: Record<string, string> = {}) =>
    channelFor(policy, { assignmentGroup, fields });

  it('is that of the assignment group, by sys_id or by name, else the default', () => {
    assert.equal(channel('b'.repeat(32)), '19:db');
    assert.equal(channel('Web Operations'), '19:web');
    assert.equal(channel('c'.repeat(32), { 'assignment_group.name': 'Web Operations' }), '19:web');
    assert.equal(channel('Network'), '19:all');
    assert.equal(channel(''), '19:all');
  });

  it('is the default for a group that is named like a property of every object', () => {
    assert.equal(channel('constructor'), '19:all');
    assert.equal(channel('x', { 'assignment_group.name': 'toString' }), '19:all');
  });
});
