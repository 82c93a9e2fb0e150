import type { Command } from './commands.ts';
import { askFor, isRequester, missingIn, planNow, resumeProposal } from './decide-proposal.ts';
import {
  type Decided,
  evaluated,
  evaluatedOnce,
  evaluateRun,
  type Facts,
  nothing,
  refuse,
} from './decision.ts';
import { spell } from './duration.ts';
import type { RunEvent } from './events.ts';
import { denials } from './guardrails.ts';
import { type Actor, nameOf } from './people.ts';
import { type PlanStep, planDigest } from './plan.ts';
import {
  type Approval,
  apply,
  approversOf,
  currentStep,
  isEnding,
  type Run,
  rejectionOf,
  requesterOf,
  stateOf,
} from './run.ts';
import type { LoadedRunbook } from './runbook.ts';
import { closing, nextStep } from './steps.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** The third evaluation, after approval and right before the first step is claimed (invariant 5). */
export function dispatch(run: Run, command: Of<'dispatch'>, facts: Facts): Decided {
  if (stateOf(run) !== 'approved' || run.approval === undefined)
    return run.steps.length > 0 ? nothing : refuse(run, 'not-approved');
  const { world, runbook } = facts;
  if (world === undefined) return refuse(run, 'not-due');
  const evaluation = evaluateRun(run, command.by, facts, world);
  const record = evaluatedOnce(run, 'dispatch', evaluation);
  // nothing is launched on what could not be read; while the approval is fresh it is worth asking again
  if (evaluation.unknown && facts.now.getTime() < Date.parse(run.approval.expiresAt))
    return refuse(run, 'facts-unknown', { events: record, message: denials(evaluation) });
  if (evaluation.effect === 'deny' || runbook === undefined)
    return { ok: true, events: [...record, closing('denied', denials(evaluation))] };
  const current = planNow(run, runbook, facts, world);
  if (current.plan === undefined)
    return { ok: true, events: [...record, closing('denied', `there is ${missingIn(current)}`)] };
  const tooOld = approvalTooOld(run.approval, runbook, facts.now);
  if (planDigest(current.plan) !== run.approval.digest || tooOld !== undefined) {
    const asked = askFor(
      run,
      { ...current, plan: current.plan },
      runbook,
      facts,
      evaluation.effect === 'allow',
      tooOld,
    );
    return { ok: true, events: [...record, ...asked] };
  }
  return { ok: true, events: [evaluated('dispatch', evaluation), ...whatFollows(run, facts)] };
}

/** An approval is for now: a rule that has ended, or votes that waited longer than people had to decide, do not count. */
function approvalTooOld(approval: Approval, { runbook }: LoadedRunbook, now: Date): string[] | undefined {
  if (approval.rule !== undefined)
    return now.getTime() < Date.parse(approval.expiresAt)
      ? undefined
      : [`the rule ${approval.rule} has ended`];
  const last = Math.max(...approval.votes.map((vote) => Date.parse(vote.at)));
  const age = now.getTime() - last;
  return age <= runbook.approval.expires ? undefined : [`the approval was ${spell(age)} old`];
}

/** The event the log implies next: a claimed step, or the end. */
function whatFollows(run: Run, facts: Facts): RunEvent[] {
  const next = nextStep(run);
  if (next.does === 'wait') return [];
  return [next.does === 'start' ? claim(next.step, facts) : closing(next.outcome, next.reason)];
}

const claim = (step: PlanStep, { now, executionId }: Facts): RunEvent => ({
  type: 'step-started',
  data: {
    step: step.id,
    phase: step.phase,
    executionId,
    deadline: new Date(now.getTime() + step.timeout).toISOString(),
  },
});

/** Completes what a crash cut off between two events. */
export function advance(run: Run, _command: Of<'advance'>, facts: Facts): Decided {
  const rejection = rejectionOf(run);
  if (rejection && !run.closed)
    return { ok: true, events: [closing('rejected', saidBy(rejection.by, rejection.reason))] };
  if (run.cancel && isEnding(run))
    return { ok: true, events: [closing('cancelled', saidBy(run.cancel.by, run.cancel.reason))] };
  switch (stateOf(run)) {
    case 'awaiting-parameters':
      return resumeProposal(run, facts);
    case 'diagnosing':
    case 'remediating':
    case 'verifying':
    case 'rolling-back':
      return { ok: true, events: whatFollows(run, facts) };
    case 'new':
    case 'awaiting-approval':
    case 'approved':
    case 'closed':
      return nothing;
  }
}

export function stepLaunched(run: Run, { step, externalId }: Of<'step-launched'>): Decided {
  const current = currentStep(run);
  if (current?.id !== step)
    return run.steps.some((one) => one.id === step) ? nothing : refuse(run, 'step-unknown');
  if (current.externalId !== undefined) return nothing;
  return { ok: true, events: [{ type: 'step-launched', data: { step, externalId } }] };
}

/** A step ended; the next step or the end is stored with it. */
export function stepResult(run: Run, command: Of<'step-result'>, facts: Facts): Decided {
  const { step, result, detail, evidence } = command;
  const current = currentStep(run);
  if (current?.id !== step)
    return run.steps.some((one) => one.id === step) ? nothing : refuse(run, 'step-unknown');
  const data = { step, phase: current.phase, result, detail, ...(evidence ? { evidence } : {}) };
  const finished: RunEvent = { type: 'step-finished', data };
  return { ok: true, events: [finished, ...whatFollows(after(run, finished, command, facts), facts)] };
}

/** The run as it will be once this event is stored. */
function after(run: Run, event: RunEvent, { by, origin }: Command, facts: Facts): Run {
  const subject = { incident: '', ci: '', runbook: { id: '', version: '', hash: '' } };
  const envelope = {
    event: '',
    at: facts.now.toISOString(),
    actor: by,
    tenant: facts.tenant,
    origin,
    subject,
  };
  return apply(run, {
    ...event,
    ...envelope,
    v: 1,
    runId: run.runId,
    seq: run.entries.length + 1,
    prev: '',
    hash: '',
  });
}

/** Takes a proposal back before anything ran. */
export function withdraw(run: Run, command: Of<'withdraw'>, facts: Facts): Decided {
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval' && state !== 'approved')
    return refuse(run, 'already-running');
  const refused = mayNotStop(run, command, facts);
  if (refused) return refused;
  return { ok: true, events: [closing('withdrawn', said(command))] };
}

/** Stops a run. Before dispatch it ends at once; later the step in progress is asked to stop first. */
export function cancel(run: Run, command: Of<'cancel'>, facts: Facts): Decided {
  const refused = mayNotStop(run, command, facts);
  if (refused) return refused;
  if (run.cancel) return nothing;
  if (stateOf(run) === 'rolling-back')
    return refuse(run, 'already-running', { message: 'The rollback is under way and has to finish.' });
  const requested: RunEvent = { type: 'cancel-requested', data: { reason: command.reason } };
  if (run.steps.length === 0) return { ok: true, events: [requested, closing('cancelled', said(command))] };
  const follows = currentStep(run) ? [] : whatFollows(after(run, requested, command, facts), facts);
  return { ok: true, events: [requested, ...follows] };
}

const said = ({ by, reason }: Of<'withdraw' | 'cancel'>): string => saidBy(by, reason);

const saidBy = (by: Actor, reason: string): string =>
  reason.trim() === '' ? `by ${nameOf(by)}` : `${nameOf(by)}: ${reason.trim()}`;

/** The requester, an approver, or a member of a group that may ask for or approve this runbook. */
function mayNotStop(run: Run, { by }: Of<'withdraw' | 'cancel'>, facts: Facts): Decided | undefined {
  if (by.kind === 'system') return undefined;
  const requester = requesterOf(run);
  const involved = [...(requester ? [requester] : []), ...(run.approval ? approversOf(run.approval) : [])];
  if (involved.some((one) => one.kind === 'person' && one.id === by.id)) return undefined;
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  const approver = run.approval !== undefined && facts.actorGroups.value.includes(run.approval.group);
  const requests = facts.runbook !== undefined && isRequester(facts.runbook, facts);
  return approver || requests ? undefined : refuse(run, 'not-requester');
}
