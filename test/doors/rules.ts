import { CONTROL } from '../../src/domain/control.ts';
import * as f from '../fakes/domain.ts';
import { passes, runsToItsEnd, says, votes } from './before.ts';
import { nobody, type Rule, type Try } from './rule.ts';
import { afterEnd } from './rules-after-end.ts';
import { guests, openStage, person, type Stage } from './stage.ts';

const approve = (who: string, more: Partial<Try> = {}): Try => ({
  who,
  ask: 'approve',
  revision: 1,
  ...more,
});
const drain = { type: 'integer', title: 'Drain', min: 0, default: 60, narrow: 'lower' };
const pool = { type: 'string', title: 'Pool', from: ['ci.u_app_pool'], pattern: '[a-z-]+' };
const morning = {
  name: 'mornings',
  environments: ['production'],
  days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '08:00',
  to: '09:10',
  zone: 'UTC',
};
const windows = { policy: { changeWindowRequired: ['production'], changeWindows: [morning] } };
const reason = 'the shop is down';
const breakGlass = (who: string): Try => ({ who, ask: 'break-glass', revision: 1, reason });

/** Every rule that must refuse, each in a situation where nothing but that rule stands in the way. */
export const rules: readonly Rule[] = [
  { name: 'self-approval', tries: approve('olivia'), want: 'self-approval' },
  { name: 'not a member', tries: approve('stranger'), want: 'not-approver' },
  {
    name: 'no member any more',
    before: async ({ groups }) => Object.assign(groups, { arne: [] }),
    tries: approve('arne'),
    want: 'not-approver',
  },
  { name: 'wrong tenant', tries: approve('arne', { tenant: guests }), want: 'wrong-tenant' },
  {
    name: 'a tenant that is not let in at all',
    tries: approve('arne', { tenant: 'cccccccc-3333-3333-3333-333333333333' }),
    want: 'wrong-tenant',
    atTeams: 'http 403',
  },
  { name: 'missing aadObjectId', tries: approve(nobody), want: '-', atTeams: 'no identity' },
  {
    name: 'membership unknown',
    before: async ({ groups }) => Object.assign(groups, { 'nobody answers': [] }),
    tries: approve('arne'),
    want: 'membership-unknown',
  },
  { name: 'expired', before: passes(30), tries: approve('arne'), want: 'expired', leaves: ['run-closed'] },
  {
    name: 'withdrawn',
    before: says('olivia', { name: 'withdraw', reason: '' }),
    tries: approve('arne'),
    want: 'already-ended',
    timer: 'already-ended',
  },
  {
    name: 'rejected',
    before: says('mia', { name: 'reject', reason: 'wrong server' }),
    tries: approve('arne'),
    want: 'already-ended',
    timer: 'already-ended',
  },
  {
    name: 'stale digest: the item changed since',
    before: async ({ world }) => {
      world.ci = f.ci({ fields: { u_app_pool: 'checkout' } });
    },
    tries: approve('arne'),
    want: 'plan-changed',
    leaves: ['parameters-resolved', 'approval-requested'],
  },
  {
    name: 'stale card: an older plan',
    before: async (stage) => {
      stage.world.ci = f.ci({ fields: { u_app_pool: 'checkout' } });
      await votes('mia')(stage);
    },
    tries: approve('arne'),
    want: 'stale-card',
  },
  { name: 'a plan that does not exist yet', tries: approve('arne', { revision: 2 }), want: 'stale-card' },
  {
    name: 'a card that was never drawn for this run',
    tries: approve('arne', { card: 'f'.repeat(64) }),
    want: 'stale-card',
  },
  {
    name: 'after the end',
    before: runsToItsEnd,
    tries: approve('mia'),
    want: 'already-ended',
    timer: 'already-ended',
  },
  {
    name: 'a replayed click',
    before: runsToItsEnd,
    tries: approve('arne'),
    want: 'known already',
    timer: 'already-ended',
  },
  {
    name: 'quorum not met: one vote of two',
    setting: { runbook: { approval: { group: 'web-approvers', quorum: 2, expires: '30m' } } },
    tries: approve('arne'),
    want: 'accepted',
    leaves: ['vote-cast'],
  },
  {
    name: 'quorum not met: the same person twice',
    setting: { runbook: { approval: { group: 'web-approvers', quorum: 2, expires: '30m' } } },
    before: votes('arne'),
    tries: approve('arne'),
    want: 'known already',
  },
  {
    name: 'window closed',
    setting: windows,
    before: passes(11),
    tries: approve('arne'),
    want: 'guardrail-denied',
  },
  {
    name: 'a fact that cannot be read',
    before: async ({ deps }) =>
      Object.assign(deps.itsm, { changes: () => Promise.reject(new Error('ServiceNow did not answer')) }),
    tries: approve('arne'),
    want: 'facts-unknown',
  },
  {
    name: 'everything stopped',
    before: says('ada', { name: 'stop', reason: 'bad release' }, CONTROL),
    tries: approve('arne'),
    want: 'stopped',
  },
  {
    name: 'author of the version',
    setting: { runbook: { approval: { group: 'web-approvers', notAuthor: true, expires: '30m' } } },
    tries: approve('nadia'),
    want: 'author-approval',
  },
  {
    decided: true,
    name: 'already decided',
    before: votes('arne'),
    tries: approve('mia'),
    want: 'already-decided',
  },
  {
    name: 'for somebody who may not vote',
    before: says(
      'olivia',
      { name: 'delegate', to: person('dora'), until: '2026-11-23T00:00:00Z', reason: 'away' },
      CONTROL,
    ),
    tries: approve('dora'),
    want: 'not-approver',
  },
  { name: 'break-glass by an approver', tries: breakGlass('mia'), want: 'not-commander' },
  {
    name: 'break-glass the policy does not cover',
    setting: {
      policy: {
        breakGlass: { groups: ['commanders'], environments: ['test'], review: { group: 'reviewers' } },
      },
    },
    tries: breakGlass('cora'),
    want: 'glass-closed',
  },
  {
    name: 'break-glass past a closed window it may not go past',
    setting: windows,
    before: passes(11),
    tries: breakGlass('cora'),
    want: 'guardrail-denied',
  },
  {
    decided: true,
    name: 'review by who broke the glass',
    before: says('cora', { name: 'break-glass', reason, revision: 1 }),
    tries: { who: 'cora', ask: 'review', reason: 'it was right' },
    want: 'self-review',
  },
  {
    name: 'rejection by a stranger',
    tries: { who: 'stranger', ask: 'reject', reason },
    want: 'not-approver',
  },
  {
    name: 'withdrawal by a stranger',
    tries: { who: 'stranger', ask: 'withdraw' },
    want: 'not-requester',
    timer: 'accepted',
  },
  {
    name: 'cancellation by a stranger',
    tries: { who: 'stranger', ask: 'cancel' },
    want: 'not-requester',
    timer: 'accepted',
  },
  {
    name: 'narrowing the wrong way',
    setting: { runbook: { parameters: { pool, drain } } },
    tries: { who: 'arne', ask: 'narrow', revision: 1, values: { drain: 90 } },
    want: 'not-narrower',
  },
  { name: 'stop by an approver', tries: { who: 'arne', ask: 'stop', reason }, want: 'not-admin' },
  {
    name: 'resume by an approver',
    before: says('ada', { name: 'stop', reason: 'bad release' }, CONTROL),
    tries: { who: 'arne', ask: 'resume', reason: 'go' },
    want: 'not-admin',
  },
  ...afterEnd,
];

export const stageFor = async ({ setting, before }: Rule): Promise<Stage> => {
  const stage = await openStage(setting);
  await before?.(stage);
  return stage;
};
