import type { Command } from './commands.ts';
import { askFor, missingIn, planNow } from './decide-proposal.ts';
import {
  type Decided,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  type Facts,
  nothing,
  refuse,
} from './decision.ts';
import type { RunEvent } from './events.ts';
import { denials } from './guardrails.ts';
import type { Actor, Person } from './people.ts';
import { planDigest } from './plan.ts';
import { type Approval, isApproved, type Run, requesterOf, stateOf } from './run.ts';
import { closing } from './steps.ts';

type VoteCommand = Extract<Command, { name: 'approve' | 'reject' }>;

/** A vote for exactly the plan that was shown, by somebody who may give it, while the guardrails still hold. */
export function approve(run: Run, command: Extract<Command, { name: 'approve' }>, facts: Facts): Decided {
  const admitted = admit(run, command, facts);
  if ('ok' in admitted) return admitted;
  const { approval } = admitted;
  const { world, runbook } = facts;
  if (world === undefined || runbook === undefined) return refuse(run, 'runbook-unknown');

  const current = planNow(run, runbook, facts, world);
  if (current.plan === undefined)
    return refuse(run, 'plan-changed', { message: `There is ${missingIn(current)}.` });
  if (planDigest(current.plan) !== approval.digest) {
    const events = askFor(run, { ...current, plan: current.plan }, runbook, facts, false);
    return refuse(run, 'plan-changed', { events, message: changedMessage(events) });
  }
  const evaluation = evaluateRun(run, command.by, facts, world);
  if (evaluation.effect === 'deny') {
    const events = evaluatedOnce(run, 'decision', evaluation);
    return refuse(run, evaluation.unknown ? 'facts-unknown' : 'guardrail-denied', {
      events,
      message: denials(evaluation),
    });
  }
  return { ok: true, events: [evaluated('decision', evaluation), vote(approval, 'approve', '')] };
}

function changedMessage(events: readonly RunEvent[]): string {
  const asked = events.find((event) => event.type === 'approval-requested');
  return `The plan changed: ${asked?.data.changes.join('; ') ?? 'see the card'}. Approval starts again.`;
}

/** One rejection ends it. */
export function reject(run: Run, command: Extract<Command, { name: 'reject' }>, facts: Facts): Decided {
  const admitted = admit(run, command, facts);
  if ('ok' in admitted) return admitted;
  const reason = command.reason.trim();
  if (reason === '') return refuse(run, 'reason-needed');
  return {
    ok: true,
    events: [
      vote(admitted.approval, 'reject', reason),
      closing('rejected', `${admitted.by.name}: ${reason}`),
    ],
  };
}

const vote = (approval: Approval, verb: 'approve' | 'reject', reason: string): RunEvent => ({
  type: 'vote-cast',
  data: { verb, digest: approval.digest, revision: approval.revision, reason },
});

/** Everything about a vote that does not depend on its direction, in the order a person should hear it. */
function admit(run: Run, command: VoteCommand, facts: Facts): Decided | { approval: Approval; by: Person } {
  const { by } = command;
  const { approval } = run;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (approval === undefined) return refuse(run, 'parameters-missing');
  if (approval.votes.some((one) => one.verb === command.name && isSame(one.by, by))) return nothing;
  if (stateOf(run) !== 'awaiting-approval')
    return refuse(run, isApproved(approval) ? 'already-decided' : 'not-due');
  // a typed approval names no plan: that is enough for the first one, which is the only one ever shown
  if ((command.revision ?? (command.name === 'approve' ? 1 : approval.revision)) !== approval.revision)
    return refuse(run, 'stale-card');
  if (facts.now.getTime() >= Date.parse(approval.expiresAt))
    return refuse(run, 'expired', {
      events: [closing('expired', `nobody decided until ${approval.expiresAt}`)],
    });
  return mayNotVote(run, approval, by, facts) ?? { approval, by };
}

/** Separation of duties, then membership; both are checked at each click. */
function mayNotVote(run: Run, approval: Approval, by: Person, { actorGroups }: Facts): Decided | undefined {
  const requester = requesterOf(run);
  if (requester && isSame(requester, by)) return refuse(run, 'self-approval');
  if (run.confirmedBy && isSame(run.confirmedBy, by)) return refuse(run, 'self-approval');
  if (!actorGroups.ok) return refuse(run, 'membership-unknown', { message: actorGroups.why });
  return actorGroups.value.includes(approval.group) ? undefined : refuse(run, 'not-approver');
}

const isSame = (one: Actor, person: Person): boolean => one.kind === 'person' && one.id === person.id;

/** The safe default of an undecided run: it does not run. */
export function expire(run: Run, _command: Extract<Command, { name: 'expire' }>, facts: Facts): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval') return nothing;
  const at = run.approval?.expiresAt ?? run.proposal?.expiresAt ?? '';
  if (facts.now.getTime() < Date.parse(at)) return refuse(run, 'not-due');
  const reason = run.approval ? `nobody decided until ${at}` : `nobody confirmed the parameters until ${at}`;
  return { ok: true, events: [closing('expired', reason)] };
}
