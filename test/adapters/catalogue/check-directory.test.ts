import assert from 'node:assert/strict';
import { checkGroups } from '../../../src/adapters/catalogue/check-directory.ts';
import { AppError } from '../../../src/domain/errors.ts';
import * as f from '../../fakes/domain.ts';

const catalogue = (quorum: number | string) => ({
  runbooks: new Map([['recycle', f.runbook({ approval: { group: 'web-approvers', quorum } })]]),
  policy: f.policy(),
});
const approvers = f.policy().policy.groups['web-approvers']?.entra;
const directory = (people: readonly string[]) => ({
  members: async (group: string) => (group === approvers ? people : ['olivia']),
});

describe('the groups of the policy, at start', () => {
  it('are large enough for every quorum', () =>
    checkGroups(catalogue(2), directory(['arne', 'mia']), assert.fail));

  it('refuse the start when a quorum can never be reached, saying where and what to do', async () => {
    await assert.rejects(
      checkGroups(catalogue('2 of 3'), directory(['arne', 'mia']), assert.fail),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.match(error.message, /^1 quorum can never be reached\n {2}recycle\.yaml approval\.quorum: /);
        assert.match(error.message, /which has 2 members; lower the quorum or add members/);
        assert.match(error.fix, /Entra ID/);
        return true;
      },
    );
  });

  it('count nobody twice', () =>
    assert.rejects(
      checkGroups(catalogue(2), directory(['arne', 'arne']), assert.fail),
      /which has 1 member;/,
    ));

  it('are left to the guardrails when the directory does not answer, and that is said', async () => {
    const said: string[] = [];
    const members = () => Promise.reject(new Error('away'));
    await checkGroups(catalogue(2), { members }, (_, { groups, why }) => void said.push(`${groups}: ${why}`));
    assert.deepEqual(said, ['web-approvers, web-operations: away']);
  });

  it('hold up no start: a directory that is slow is left to the guardrails as well', async () => {
    const said: string[] = [];
    const members = () => new Promise<string[]>(() => undefined);
    await checkGroups(catalogue(2), { members }, (_, { why }) => void said.push(why), 10);
    assert.deepEqual(said, ['the directory did not answer in time']);
  });
});
