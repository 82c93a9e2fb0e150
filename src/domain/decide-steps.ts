import { approversOf, askedGroups } from './approval.ts';
import { askRollback } from './ask.ts';
import type { Command } from './commands.ts';
import { endOfRejection } from './decide-approval.ts';
import { isRequester, resumeProposal } from './decide-proposal.ts';
import { afterwards, type Decided, type Facts, nothing, refuse } from './decision.ts';
import type { RunEvent } from './events.ts';
import { type Actor, nameOf } from './people.ts';
import type { PlanStep } from './plan.ts';
import { currentStep, isEnding, type Run, rejectionOf, requesterOf, stateOf } from './run.ts';
import { judgeEnd } from './step-end.ts';
import { closing, closingUnstarted, nextStep } from './steps.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/** The event the log implies next: a claimed step, the question whether to roll back, or the end. */
export function whatFollows(run: Run, by: Actor, facts: Facts): RunEvent[] {
  const next = nextStep(run);
  switch (next.does) {
    case 'wait':
      return [];
    case 'ask':
      return run.rollback === undefined && facts.world !== undefined
        ? askRollback(run, by, facts, facts.world)
        : [];
    case 'close':
      return [closing(next.outcome, next.reason, next.nextAction)];
    case 'start':
      return isHeld(next.step, facts) ? [] : [claim(next.step, facts)];
  }
}

/** While everything is stopped, or nobody can tell, nothing new is changed; undoing goes on. */
const isHeld = ({ phase }: PlanStep, { control }: Facts): boolean =>
  phase === 'remediation' && (!control.ok || control.value.stopped !== undefined);

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
export function advance(run: Run, { by }: Of<'advance'>, facts: Facts): Decided {
  if (!run.closed && rejectionOf(run)) return { ok: true, events: endOfRejection(run) };
  if (run.cancel && isEnding(run))
    return { ok: true, events: [closingUnstarted(run, saidBy(run.cancel.by, run.cancel.reason))] };
  switch (stateOf(run)) {
    case 'awaiting-parameters':
      return resumeProposal(run, facts);
    case 'diagnosing':
    case 'remediating':
    case 'verifying':
    case 'rolling-back':
      return { ok: true, events: whatFollows(run, by, facts) };
    case 'new':
    case 'awaiting-approval':
    case 'awaiting-rollback':
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
  const { step, evidence, artifacts, baseline } = command;
  const current = currentStep(run);
  if (current?.id !== step)
    return run.steps.some((one) => one.id === step) ? nothing : refuse(run, 'step-unknown');
  const kept = {
    ...(evidence ? { evidence } : {}),
    ...(artifacts ? { artifacts } : {}),
    ...(baseline ? { baseline } : {}),
  };
  const planned = run.approval?.plan.steps.find(({ id }) => id === step);
  const end = judgeEnd(planned?.does === 'job' ? planned.batch : undefined, command);
  const data = { step, phase: current.phase, ...end, ...kept };
  const finished: RunEvent = { type: 'step-finished', data };
  const after = afterwards(run, [finished], command, facts);
  return { ok: true, events: [finished, ...whatFollows(after, command.by, facts)] };
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
  if (stateOf(run) === 'awaiting-rollback')
    return refuse(run, 'already-running', { message: 'It has failed; approve or reject its rollback.' });
  if (stateOf(run) === 'rolling-back')
    return refuse(run, 'already-running', { message: 'The rollback is under way and has to finish.' });
  const requested: RunEvent = { type: 'cancel-requested', data: { reason: command.reason } };
  if (run.steps.length === 0) return { ok: true, events: [requested, closingUnstarted(run, said(command))] };
  const after = afterwards(run, [requested], command, facts);
  const follows = currentStep(run) ? [] : whatFollows(after, command.by, facts);
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
  const groups = facts.actorGroups.value;
  const approver =
    run.approval !== undefined && askedGroups(run.approval).some((one) => groups.includes(one));
  const requests = facts.runbook !== undefined && isRequester(facts.runbook, facts);
  return approver || requests ? undefined : refuse(run, 'not-requester');
}
