import type { Approval } from './approval.ts';
import { type ApprovalTerms, neededOf, needsSize, type Requirement } from './approval-rule.ts';
import type { Facts } from './decision.ts';
import type { Needed, RunEvent } from './events.ts';
import type { World } from './facts.ts';
import { isChosen, type ResolvedParameter } from './parameters.ts';
import type { Actor } from './people.ts';
import { type Plan, planDiff, planDigest } from './plan.ts';
import { autoApprovalFor } from './policy.ts';
import type { Tier } from './risk.ts';
import { type Run, requesterOf } from './run.ts';
import type { LoadedRunbook, Runbook } from './runbook.ts';
import { restsOnMachine } from './suggestion.ts';
import { tierOf } from './tier.ts';

/** The values as they are now and the plan they make; no plan while values are missing. */
export type Current = { readonly parameters: readonly ResolvedParameter[]; readonly plan: Plan | undefined };
export type Planned = Current & { readonly plan: Plan };

export type Ask = {
  readonly loaded: LoadedRunbook;
  readonly facts: Facts;
  readonly world: World;
  /** Every guardrail allows it, so a rule of the policy may decide. */
  readonly lowRisk: boolean;
  /** In words why it is asked for again when the plan itself is the same. */
  readonly also?: readonly string[];
  /** ISO 8601: the closed window that is waited for. */
  readonly notBefore?: string;
};

/**
 * Asks people, or lets a policy rule decide when the risk is low, no person chose a value and the runbook is not a
 * machine's idea alone. Either way the plan and its digest are stored.
 */
export function askFor(run: Run, by: Actor, current: Planned, ask: Ask): RunEvent[] {
  const { plan, parameters } = current;
  const moved = JSON.stringify(parameters) !== JSON.stringify(run.parameters);
  const resolved: RunEvent[] = moved
    ? [{ type: 'parameters-resolved', data: { parameters: [...parameters] } }]
    : [];
  const planned = { plan, digest: planDigest(plan), revision: nextRevision(run) };
  const rule = ruleFor(run, current, ask);
  if (rule) {
    const { name, owner, until } = rule;
    return [...resolved, { type: 'auto-approved', data: { ...planned, rule: name, owner, until } }];
  }
  return [...resolved, request(run, by, planned, ask)];
}

const nextRevision = (run: Run): number =>
  Math.max(run.approval?.revision ?? 0, run.rollback?.revision ?? 0) + 1;

function ruleFor(run: Run, { plan, parameters }: Planned, { facts, lowRisk, notBefore }: Ask) {
  const machine = restsOnMachine(run.proposal?.suggestion, plan.runbook.id);
  const chosen = parameters.some(isChosen);
  // something went wrong before: whether to go on is for people
  const goesOn = run.proposal?.resumes !== undefined;
  if (!lowRisk || machine || chosen || goesOn || notBefore !== undefined) return undefined;
  const { id } = plan.runbook;
  return autoApprovalFor(facts.policy.policy, id, plan.ci.environment, facts.now, plan.tier ?? '');
}

type PlanToApprove = { readonly plan: Plan; readonly digest: string; readonly revision: number };

function request(run: Run, by: Actor, planned: PlanToApprove, ask: Ask): RunEvent {
  const { loaded, facts, world, also = [], notBefore } = ask;
  const { runbook } = loaded;
  const tier = facts.policy.policy.tiers.find(({ name }) => name === planned.plan.tier);
  const terms = strictest(runbook.approval, tier);
  const own = { group: runbook.approval.group, quorum: runbook.approval.quorum };
  const barred = barredFrom(run, by, terms, world);
  const requirements = needed([own, ...(tier?.approvers ?? [])], barred, world);
  const [first] = requirements;
  const at = (ms: number) => new Date(facts.now.getTime() + ms).toISOString();
  // people decide before the window opens, however far away that is
  const expires = Math.max(
    terms.expires,
    notBefore === undefined ? 0 : Date.parse(notBefore) - facts.now.getTime(),
  );
  const changes = [...(run.approval ? planDiff(run.approval.plan, planned.plan) : []), ...also];
  return {
    type: 'approval-requested',
    data: {
      ...planned,
      group: first?.group ?? '',
      quorum: first?.needed ?? 1,
      requirements,
      expiresAt: at(expires),
      changes,
      ...(tier ? { tier: tier.name } : {}),
      ...(terms.fourEyes ? { fourEyes: true } : {}),
      ...(terms.notAuthor && world.authors.ok ? { authors: [...world.authors.value] } : {}),
      ...clocks(terms, facts.now),
      ...(notBefore === undefined ? {} : { notBefore }),
    },
  };
}

/** When approvers are reminded, and who is asked next. */
const clocks = ({ remind, escalate }: Duties, now: Date) => ({
  ...(remind === undefined ? {} : { remindEvery: remind }),
  ...(escalate === undefined
    ? {}
    : { escalateAt: new Date(now.getTime() + escalate.after).toISOString(), escalateTo: escalate.to }),
});

const MORE_THAN_THERE_ARE = 9_999;

/** Asks the approvers of the rollback. Its plan is the one that ran; it waits for no window. */
export function askRollback(run: Run, by: Actor, facts: Facts, world: World): RunEvent[] {
  const { approval } = run;
  const asked = approval?.plan.rollbackApproval;
  if (approval === undefined || asked === undefined) return [];
  const authors = authorsFor(approval, facts, world);
  if (authors === undefined) return [];
  const barred = new Set([...barredFrom(run, by, {}, world), ...authors]);
  const requirements = needed(asked.approvers, barred, world);
  // how many that is cannot be told now: better asked a moment later than asked for more than there are
  if (requirements.some(({ needed }) => needed === MORE_THAN_THERE_ARE)) return [];
  const [first] = requirements;
  const expiresAt = new Date(facts.now.getTime() + asked.expires).toISOString();
  const { plan, digest } = approval;
  const planned = { plan, digest, revision: nextRevision(run), phase: 'rollback' as const };
  const data = {
    ...planned,
    group: first?.group ?? '',
    quorum: first?.needed ?? 1,
    requirements,
    expiresAt,
    changes: [],
    ...clocks(withoutThose(requirements, dutiesOf(approval, facts)), facts.now),
    ...(authors.length > 0 ? { authors: [...authors] } : {}),
  };
  return [{ type: 'approval-requested', data }];
}

/** A change that is half done waits no more quietly than the run did: what was asked of its approvers, or is by now of a rule's. */
function dutiesOf(approval: Approval, { runbook, policy }: Facts): Duties {
  const { rule, tier, askedAt, remindEvery, escalateAt, escalateTo } = approval;
  if (rule !== undefined)
    return runbook
      ? strictest(
          runbook.runbook.approval,
          policy.policy.tiers.find(({ name }) => name === tier),
        )
      : {};
  return {
    ...(remindEvery === undefined ? {} : { remind: remindEvery }),
    ...(escalateAt === undefined || escalateTo === undefined
      ? {}
      : { escalate: { after: Date.parse(escalateAt) - Date.parse(askedAt), to: escalateTo } }),
  };
}

/** Who may not approve the rollback because they wrote it. A rule kept nobody out; undefined while nobody can tell whom. */
function authorsFor(approval: Approval, { runbook, policy }: Facts, world: World) {
  const { rule, tier, authors } = approval;
  if (rule === undefined || runbook === undefined) return authors;
  const asked = strictest(
    runbook.runbook.approval,
    policy.policy.tiers.find(({ name }) => name === tier),
  );
  if (!asked.notAuthor) return authors;
  return world.authors.ok ? world.authors.value : undefined;
}

type Duties = Pick<ApprovalTerms, 'remind' | 'escalate'>;

/** Who approves the rollback is often whom the run would have gone to next: nobody is a next group of their own. */
function withoutThose(asked: readonly Needed[], { escalate, ...others }: Duties): Duties {
  const isAsked = asked.some(({ group }) => group === escalate?.to);
  return escalate === undefined || isAsked ? others : { ...others, escalate };
}

type Terms = ApprovalTerms & { readonly expires: number };

/** Where the runbook and its tier both say something, the stricter counts: less time, and every duty. */
export function strictest(own: Runbook['approval'], tier: Tier | undefined): Terms {
  const least = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  const remind = least(own.remind, tier?.remind);
  const escalate = [own.escalate, tier?.escalate]
    .filter((one) => one !== undefined)
    .sort((a, b) => a.after - b.after)[0];
  return {
    expires: Math.min(own.expires, tier?.expires ?? own.expires),
    fourEyes: own.fourEyes === true || tier?.fourEyes === true,
    notAuthor: own.notAuthor === true || tier?.notAuthor === true,
    ...(remind === undefined ? {} : { remind }),
    ...(escalate === undefined ? {} : { escalate }),
  };
}

/** The people whose approval would not count: who asked, who confirmed the values, and who wrote it where that matters. */
function barredFrom(run: Run, by: Actor, { notAuthor }: ApprovalTerms, { authors }: World): Set<string> {
  const involved = [requesterOf(run) ?? by, ...run.confirmers, run.ownership?.answer?.by].flatMap((one) =>
    one?.kind === 'person' ? [one.id] : [],
  );
  return new Set([...involved, ...(notAuthor && authors.ok ? authors.value : [])]);
}

/** Each group once, with the larger of its demands, as a number of people. */
export function needed(
  asked: readonly Requirement[],
  barred: ReadonlySet<string>,
  { members }: Pick<World, 'members'>,
): Needed[] {
  const byGroup = new Map<string, Needed>();
  for (const { group, quorum } of asked) {
    const people = members.ok ? members.value[group]?.filter((id) => !barred.has(id)) : undefined;
    // a guardrail refuses before this when the size matters and is not known; more than anybody has is the safe side
    const count =
      needsSize(quorum) && people === undefined ? MORE_THAN_THERE_ARE : neededOf(quorum, people?.length ?? 0);
    const before = byGroup.get(group);
    if (before !== undefined && before.needed >= count) continue;
    byGroup.set(group, { group, needed: count, ...(people ? { of: people.length } : {}) });
  }
  return [...byGroup.values()];
}

/** The tier a plan is made for now; '' when the policy names none. */
export const tierNow = ({ policy: { policy }, runbook }: Facts, world: World): string =>
  (runbook && tierOf({ policy, runbook: runbook.runbook, ...world })?.tier.name) ?? '';
