import { type Refusal, type RefusalCode, refusals } from './commands.ts';
import type { RunEvent } from './events.ts';
import { type Evaluation, evaluate, type Fact } from './guardrails.ts';
import type { Change, ConfigurationItem, Incident } from './incident.ts';
import type { FieldError } from './parameters.ts';
import { type Actor, nameOf } from './people.ts';
import type { LoadedPolicy } from './policy.ts';
import { approversOf, codeOf, type Run, requesterOf } from './run.ts';
import type { LoadedRunbook } from './runbook.ts';

/** What ServiceNow, the CMDB, the log and the directory say right now. */
export type World = {
  readonly incident: Fact<Incident>;
  readonly ci: Fact<ConfigurationItem>;
  readonly changes: Fact<readonly Change[]>;
  readonly lastRun: Fact<Date | null>;
  readonly requesterGroups: Fact<readonly string[]>;
};

/** Everything `decide` may look at besides the run and the command. */
export type Facts = {
  readonly now: Date;
  readonly tenant: string;
  readonly policy: LoadedPolicy;
  /** The runbook as it is loaded now; undefined when it is gone. */
  readonly runbook: LoadedRunbook | undefined;
  /** Fetched only for the commands that need it (`needsWorld`). */
  readonly world: World | undefined;
  /** Names of the policy's groups the acting person is in. */
  readonly actorGroups: Fact<readonly string[]>;
  /** A fresh UUID for a step that may be claimed by this decision. */
  readonly executionId: string;
};

/** Events to store, or a refusal. A refusal may have events too: what was evaluated belongs in the record. */
export type Decided =
  | { readonly ok: true; readonly events: readonly RunEvent[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly events: readonly RunEvent[] };

/** Accepted, and nothing changes: the command had been carried out before. */
export const nothing: Decided = { ok: true, events: [] };

type Extra = {
  readonly message?: string;
  readonly events?: readonly RunEvent[];
  readonly fields?: readonly FieldError[];
};

/** A refusal with the message of its code, the state of the run, and what to do now. */
export function refuse(run: Run, code: RefusalCode, extra: Extra = {}): Decided {
  const { message = refusals[code], events = [], fields = [] } = extra;
  return {
    ok: false,
    refusal: { code, message, nextAction: nextActionFor(run, code), fields: [...fields] },
    events,
  };
}

function nextActionFor(run: Run, code: RefusalCode): string {
  const short = codeOf(run.runId);
  switch (code) {
    case 'no-such-run':
    case 'runbook-unknown':
      return 'Look at /runbook list and /runbook status.';
    case 'already-ended':
      return `It ended: ${run.closed?.outcome ?? 'it is being closed'}. Ask again with /runbook run if it is still needed.`;
    case 'already-decided':
      return `It was approved by ${approvedBy(run)}. To stop it, type: cancel ${short}.`;
    case 'already-proposed':
    case 'already-running':
    case 'card-known':
      return 'Look at /runbook status.';
    case 'stale-card':
    case 'plan-changed':
      return `Read the current card, then decide again, e.g. approve ${short} ${run.approval?.revision ?? 1}.`;
    case 'expired':
      return 'Ask again with /runbook run if it is still needed.';
    case 'wrong-tenant':
    case 'not-a-person':
      return 'Sign in with your work account of this organisation.';
    case 'self-approval':
      return `Ask another member of ${run.approval?.group ?? 'the approvers'}, or type: withdraw ${short}.`;
    case 'not-approver':
      return `Ask a member of ${run.approval?.group ?? 'the approvers'}.`;
    case 'not-requester':
      return 'Ask the on-call engineer of the owning group.';
    case 'membership-unknown':
    case 'incident-unknown':
    case 'ci-unknown':
    case 'facts-unknown':
      return 'Nothing was changed. Try again in a minute; if it stays, tell the operator.';
    case 'guardrail-denied':
      return 'Nothing was changed. Solve what the guardrail names, then try again.';
    case 'reason-needed':
      return `Say why, e.g. reject ${short} wrong server.`;
    case 'parameters-missing':
      return `Fill them in on the card, or type: confirm ${short}.`;
    case 'parameters-invalid':
      return 'Correct the fields that are named and confirm again.';
    case 'not-running':
    case 'not-approved':
    case 'not-due':
    case 'step-unknown':
      return 'Nothing needs to be done.';
  }
}

function approvedBy(run: Run): string {
  if (run.approval?.rule !== undefined) return `the policy rule ${run.approval.rule}`;
  return run.approval ? approversOf(run.approval).map(nameOf).join(', ') : 'nobody';
}

/** An evaluation as it is recorded. */
export const evaluated = (
  stage: 'proposal' | 'decision' | 'dispatch',
  { effect, lines }: Evaluation,
): RunEvent => ({
  type: 'guardrails-evaluated',
  data: { stage, effect, lines },
});

/** The same, unless the last evaluation at this stage said exactly this: clicking on does not fill the log. */
export function evaluatedOnce(run: Run, stage: 'decision' | 'dispatch', evaluation: Evaluation): RunEvent[] {
  const event = evaluated(stage, evaluation);
  return JSON.stringify(run.evaluations[stage]) === JSON.stringify(event.data) ? [] : [event];
}

/** Asks all guardrails about a run with fresh facts. */
export function evaluateRun(run: Run, requester: Actor, facts: Facts, world: World): Evaluation {
  if (facts.runbook === undefined) {
    const id = run.proposal?.runbook.id ?? 'the runbook';
    const reason = `${id} is not loaded any more`;
    return { effect: 'deny', unknown: false, lines: [{ guardrail: 'runbook', effect: 'deny', reason }] };
  }
  return evaluate({
    now: facts.now,
    runbook: facts.runbook.runbook,
    policy: facts.policy.policy,
    requester: requesterOf(run) ?? requester,
    proposedCi: run.proposal?.ci.sysId,
    ...world,
  });
}
