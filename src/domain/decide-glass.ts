import type { Approval } from './approval.ts';
import { askFor } from './ask.ts';
import type { Command } from './commands.ts';
import { again } from './decide-approval.ts';
import { isComplete, missingIn, planNow } from './decide-proposal.ts';
import {
  type Decided,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  type Facts,
  nothing,
  refuse,
} from './decision.ts';
import type { Evaluation } from './guardrails.ts';
import type { Person } from './people.ts';
import { planDigest } from './plan.ts';
import type { BreakGlass } from './policy.ts';
import type { Run } from './run.ts';
import { opensAt, standingOf } from './standing.ts';
import { askedNow, isSame } from './vote.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/**
 * One person decides alone because waiting would do harm. Only what the policy allows, only with a reason, past named
 * guardrails only, and a second person has to review it.
 */
export function breakGlass(run: Run, command: Of<'break-glass'>, facts: Facts): Decided {
  const asked = askedNow(run, command, facts);
  if ('ok' in asked) return asked;
  const { approval } = asked;
  const rule = mayBreak(run, approval, command, facts);
  if ('ok' in rule) return rule;
  const { world, runbook: loaded } = facts;
  if (world === undefined || loaded === undefined) return refuse(run, 'runbook-unknown');
  const evaluation = evaluateRun(run, command.by, facts, world);
  const overridden = goesPast(rule, evaluation);
  const refused = stillForbidden(run, evaluation, overridden, facts);
  if (refused) return refused;
  const known = { loaded, facts, world };
  const current = planNow(run, known);
  if (!isComplete(current))
    return refuse(run, 'parameters-missing', { message: `There is ${missingIn(current)}.` });
  if (planDigest(current.plan) !== approval.digest) {
    // whoever approves the new plan goes past nothing: it waits for its window as any other
    const wait = opensAt(standingOf(evaluation, facts.policy.policy, facts.now));
    return again(run, [
      ...evaluatedOnce(run, 'decision', evaluation),
      ...askFor(run, command.by, current, { ...known, lowRisk: false, ...wait }),
    ]);
  }
  const data = {
    digest: approval.digest,
    revision: approval.revision,
    reason: command.reason.trim(),
    overridden,
    reviewGroup: rule.review.group,
    reviewBy: new Date(facts.now.getTime() + rule.review.within).toISOString(),
    ...(command.card === undefined ? {} : { card: command.card }),
  };
  return { ok: true, events: [evaluated('decision', evaluation), { type: 'glass-broken', data }] };
}

/** The rule that lets this person do it, for this run, with a reason. */
function mayBreak(
  run: Run,
  { phase, plan, authors }: Approval,
  { by, reason }: Of<'break-glass'>,
  facts: Facts,
): Decided | BreakGlass {
  const rule = facts.policy.policy.breakGlass;
  if (phase === 'rollback' || rule === undefined) return refuse(run, 'glass-closed');
  // the plan that would run, not the item as it was when the run was proposed
  if (!covers(rule, plan.runbook.id, plan.ci.environment)) return refuse(run, 'glass-closed');
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  const groups = facts.actorGroups.value;
  if (!rule.groups.some((group) => groups.includes(group))) return refuse(run, 'not-commander');
  // nobody runs his own words alone either; asking for a run and breaking its glass is what an emergency looks like
  if (by.kind === 'person' && authors.includes(by.id)) return refuse(run, 'author-approval');
  if (reason.trim() !== '') return rule;
  return refuse(run, 'reason-needed', { message: 'Say why this cannot wait for an approval.' });
}

/** The guardrails that say no and that the rule names; never what could not be read. */
const goesPast = ({ overrides }: BreakGlass, { lines }: Evaluation): string[] =>
  lines.flatMap(({ guardrail, effect, unknown }) =>
    effect === 'deny' && !unknown && overrides.some((name) => name === guardrail) ? [guardrail] : [],
  );

function stillForbidden(
  run: Run,
  evaluation: Evaluation,
  overridden: readonly string[],
  facts: Facts,
): Decided | undefined {
  const events = evaluatedOnce(run, 'decision', evaluation);
  const standing = standingOf(evaluation, facts.policy.policy, facts.now, overridden);
  if (standing.is === 'clear') return undefined;
  const { reason: message } = standing;
  if (standing.is === 'unknown') return refuse(run, 'facts-unknown', { events, message });
  if (standing.is === 'waits' && standing.stopped) return refuse(run, 'stopped', { events, message });
  // a limit is waited for; a calendar that the rule does not go past is a no
  if (standing.is === 'waits' && standing.notBefore === undefined) return undefined;
  return refuse(run, 'guardrail-denied', { events, message });
}

/** Whether the rule is about such a run at all. */
export const covers = (
  { runbooks, environments }: BreakGlass,
  runbook: string,
  environment: string,
): boolean =>
  (runbooks === undefined || runbooks.includes(runbook)) &&
  (environments === undefined || environments.some((name) => name === environment));

/** The second person's word on a broken glass, during the run or after its end. */
export function review(run: Run, command: Of<'review'>, facts: Facts): Decided {
  const { by, verdict } = command;
  const glass = run.glass;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (glass === undefined) return refuse(run, 'no-review');
  if (run.review)
    return isSame(run.review.by, by) && run.review.verdict === verdict ? nothing : refuse(run, 'no-review');
  if (hasBroken(run, by)) return refuse(run, 'self-review');
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  if (!facts.actorGroups.value.includes(glass.reviewGroup)) return refuse(run, 'not-reviewer');
  const note = command.note.trim();
  if (note === '') return refuse(run, 'reason-needed', { message: 'Say what you found.' });
  return { ok: true, events: [{ type: 'run-reviewed', data: { verdict, note } }] };
}

/** Whoever broke any glass of this run reviews none of it. */
const hasBroken = ({ entries }: Run, person: Person): boolean =>
  entries.some(({ type, actor }) => type === 'glass-broken' && isSame(actor, person));

/** Says once that a review is late. */
export function remindReview(run: Run, now: Date): Decided {
  const glass = run.glass;
  if (glass === undefined || run.review || run.overdue) return nothing;
  if (now.getTime() < Date.parse(glass.reviewBy)) return refuse(run, 'not-due');
  return { ok: true, events: [{ type: 'review-overdue', data: { reviewBy: glass.reviewBy } }] };
}
