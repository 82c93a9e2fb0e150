import { involved, type Says } from './model.ts';
import { inGroup, isDown, type Outside } from './rules.ts';
import type { GroupName } from './scenario.ts';
import type { State } from './state.ts';

/** Whether this person's word on an unknown outcome counts: once, of those concerned, and of a second pair of eyes. */
export function maySettle(state: State, outside: Outside, { by, tenant }: Says): boolean {
  const { outcome, word, asked, rollback } = state;
  if (outcome !== 'outcome unknown' || word !== undefined) return false;
  if (by === undefined || tenant !== 'tenant-1' || isDown(outside, 'groups')) return false;
  const concerned: GroupName[] = ['web-approvers', 'web-operations'];
  for (const one of [asked, rollback]) {
    concerned.push(...(one?.places ?? []).map(({ group }) => group));
    if (one?.escalated) concerned.push('managers');
  }
  if (!concerned.some((group) => inGroup(outside, by, group))) return false;
  if (!outside.scenario.fourEyes || asked?.rule === true) return true;
  const approvedIt = asked?.votes.some((vote) => vote.by === by && vote.verb === 'approve') === true;
  return !involved(state, by) && !approvedIt && asked?.glass?.by !== by;
}

/** Whether what is left may be proposed: once, of the same runbook, by whoever may ask for it. */
export function mayContinue(state: State, outside: Outside, { by, tenant }: Says): boolean {
  const { outcome = '', word, asked, continued, steps } = state;
  if (by === undefined || tenant !== 'tenant-1' || continued || asked === undefined) return false;
  const known = ['automation failed', 'remediation failed', 'verification failed'].includes(outcome);
  const said = outcome === 'outcome unknown' && (word === 'ran' || word === 'did-not-run');
  if (steps.length === 0 || !(known || said)) return false;
  const edition: unknown = JSON.parse(asked.plan).at(-1);
  if (edition !== outside.situation.edition || isDown(outside, 'groups')) return false;
  return inGroup(outside, by, 'web-operations');
}
