import { neededOf, needsSize, type Quorum } from '../approval-rule.ts';
import type { Fact, GuardrailFacts } from '../facts.ts';
import type { Tier } from '../risk.ts';
import { judgeTier } from '../tier.ts';
import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** One person of a group will be found; whether more can be had is a question of who is in it. */
export const needsMembers = (quorum: Quorum): boolean => needsSize(quorum) || neededOf(quorum, 0) > 1;

/** Enough people may approve it: better said now than after the time to decide has passed. */
export const approvers: Guardrail = (facts) => {
  const judged = judgeTier(facts);
  if (judged.is === 'unknown') return unknown(judged.what, judged);
  const tier = judged.is === 'found' ? judged.tier : undefined;
  const asked = [facts.runbook.approval, ...(tier?.approvers ?? [])].filter((one) =>
    needsMembers(one.quorum),
  );
  // whoever wrote it has to be known to be kept out, however few people are needed
  const barred = barredFrom(facts, tier);
  if (!barred.ok) return unknown('who wrote the runbook', barred);
  if (asked.length === 0) return allow('one person of each group is enough');
  const { members } = facts;
  if (!members.ok) return unknown('who can approve', members);
  const counted = asked.map(({ group, quorum }) => {
    const people = Object.hasOwn(members.value, group) ? members.value[group] : undefined;
    const can = new Set(people?.filter((id) => !barred.value.has(id))).size;
    return { group, known: people !== undefined, can, needed: neededOf(quorum, can) };
  });
  const unread = counted.find(({ known }) => !known);
  if (unread) return unknown('who can approve', { why: `the members of ${unread.group} were not read` });
  const seen = Object.fromEntries(
    counted.map(({ group, can, needed }) => [group, `${can} can, ${needed} needed`]),
  );
  const short = counted.filter(({ can, needed }) => can < needed);
  const says = short.map(
    ({ group, can, needed }) => `only ${can} of ${needed} needed can approve (${group})`,
  );
  return short.length > 0 ? deny(says.join('; '), seen) : allow('enough people can approve', seen);
};

/** Whose approval would not count, whatever group they are in. */
function barredFrom(facts: GuardrailFacts, tier: Tier | undefined): Fact<ReadonlySet<string>> {
  const { requester, runbook } = facts;
  const own = requester.kind === 'person' ? [requester.id] : [];
  if (runbook.approval.notAuthor !== true && tier?.notAuthor !== true)
    return { ok: true, value: new Set(own) };
  const { authors } = facts;
  return authors.ok ? { ok: true, value: new Set([...own, ...authors.value]) } : authors;
}
