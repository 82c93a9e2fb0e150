import type { Command, CommandName, RefusalCode } from './commands.ts';
import { CONTROL } from './control.ts';
import { continueRun, settle } from './decide-after-end.ts';
import { reconsider } from './decide-again.ts';
import { approve, expire, narrow, reject } from './decide-approval.ts';
import { delegate, endDelegation, resume, stop } from './decide-control.ts';
import { dispatch, isLate, startLate } from './decide-dispatch.ts';
import { breakGlass, review } from './decide-glass.ts';
import { answerOwnership, saidSo } from './decide-owner.ts';
import { confirmParameters, propose } from './decide-proposal.ts';
import { advance, cancel, stepLaunched, stepResult, withdraw } from './decide-steps.ts';
import { escalate, remind } from './decide-waiting.ts';
import { type Decided, type Facts, nothing, refuse } from './decision.ts';
import { isEnding, type Run, stateOf } from './run.ts';
import { isSame } from './vote.ts';

type Decider<N extends CommandName> = (
  run: Run,
  command: Extract<Command, { name: N }>,
  facts: Facts,
) => Decided;

const deciders: { readonly [N in CommandName]: Decider<N> } = {
  propose,
  'confirm-parameters': confirmParameters,
  'answer-ownership': answerOwnership,
  approve,
  reject,
  narrow,
  'break-glass': breakGlass,
  review,
  settle,
  continue: continueRun,
  remind,
  escalate,
  withdraw,
  cancel,
  expire,
  reconsider,
  dispatch,
  wait: (run, { holder }) => {
    if (stateOf(run) !== 'approved') return refuse(run, 'not-approved');
    return run.waitsFor === holder ? nothing : accepted('dispatch-waiting', { holder });
  },
  advance: (run, command, facts) => (isLate(run) ? startLate : advance)(run, command, facts),
  'step-launched': stepLaunched,
  'step-result': stepResult,
  'card-posted': (run, { conversation, activity }) =>
    run.card ? refuse(run, 'card-known') : accepted('card-posted', { conversation, activity }),
  'owner-asked': (run, { owner, conversation, activity }) =>
    run.ownership?.cards.some((card) => card.owner.id === owner.id)
      ? refuse(run, 'card-known')
      : accepted('owner-asked', { owner, conversation, activity }),
  reported: (run, { key, note, seen, left }) =>
    key in run.reported
      ? nothing
      : accepted('reported', {
          key,
          note,
          ...(seen === undefined ? {} : { seen }),
          ...(left === undefined ? {} : { left }),
        }),
  stop,
  resume,
  delegate,
  'end-delegation': endDelegation,
};

const bookkeeping: readonly CommandName[] = ['card-posted', 'owner-asked', 'reported'];
/** Asked of the control stream, and of nothing else. */
const forAll: readonly CommandName[] = ['stop', 'resume', 'delegate', 'end-delegation'];
/** What people, and the reminder of a review, say of a run that has ended. */
const afterEnd: readonly CommandName[] = ['review', 'remind', 'settle', 'continue'];

/**
 * The one door (invariant 2): a run, what somebody asks of it, and the facts give the events that follow, or a refusal.
 * Pure: no clock, no ids, no I/O. Events must be stored before anything is done about them.
 */
export function decide(run: Run, command: Command, facts: Facts): Decided {
  const early = refusedOutright(run, command, facts);
  if (early) return refuse(run, early);
  const decider = deciders[command.name] as Decider<CommandName>;
  return recordRefusal(run, command, decider(run, command, facts));
}

/** What holds for every command, whichever it is. */
function refusedOutright(run: Run, command: Command, facts: Facts): RefusalCode | undefined {
  if (command.by.kind === 'person' && command.by.tenant !== facts.tenant) return 'wrong-tenant';
  if (forAll.includes(command.name) || run.runId === CONTROL)
    return forAll.includes(command.name) && run.runId === CONTROL ? undefined : 'no-such-run';
  const state = stateOf(run);
  if (command.name === 'propose') return state === 'new' ? undefined : 'already-proposed';
  if (state === 'new') return 'no-such-run';
  return isOver(run, command) ? 'already-ended' : undefined;
}

/** Ended, or its end is decided: nothing counts any more but bookkeeping, reviews, and what says the same again. */
function isOver(run: Run, command: Command): boolean {
  if (bookkeeping.includes(command.name) || afterEnd.includes(command.name) || isRepeat(run, command))
    return false;
  return stateOf(run) === 'closed' || (isEnding(run) && command.name !== 'advance');
}

/** A vote or an answer that was counted before the run ended: saying it again is not an error. */
const isRepeat = (run: Run, command: Command): boolean =>
  command.name === 'answer-ownership' ? saidSo(run, command) : isSameVote(run, command);

const isSameVote = (run: Run, { name, by }: Command): boolean =>
  by.kind === 'person' &&
  (run.rollback ?? run.approval)?.votes.some((vote) => vote.verb === name && isSame(vote.by, by)) === true;

const recorded: readonly RefusalCode[] = [
  'not-approver',
  'self-approval',
  'author-approval',
  'owner-approval',
  'not-owner',
  'not-requester',
  'not-admin',
  'not-commander',
  'not-reviewer',
  'self-review',
  'not-settler',
  'self-settlement',
  'not-delegate',
  'membership-unknown',
];

/** Somebody tried what they may not do: that belongs in the record, once. */
function recordRefusal(run: Run, command: Command, decided: Decided): Decided {
  if (decided.ok || !recorded.includes(decided.refusal.code)) return decided;
  const data = {
    command: command.name,
    code: decided.refusal.code,
    revision: (run.rollback ?? run.approval)?.revision ?? 0,
  };
  const known = run.entries.some(
    (entry) =>
      entry.type === 'command-refused' &&
      JSON.stringify([entry.data, entry.actor]) === JSON.stringify([data, command.by]),
  );
  return known ? decided : { ...decided, events: [...decided.events, { type: 'command-refused', data }] };
}

const accepted = <T extends 'dispatch-waiting' | 'card-posted' | 'owner-asked' | 'reported'>(
  type: T,
  data: Extract<Decided['events'][number], { type: T }>['data'],
): Decided => ({ ok: true, events: [{ type, data } as Decided['events'][number]] });
