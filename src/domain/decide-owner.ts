import type { Command } from './commands.ts';
import { changeValues, planNow } from './decide-proposal.ts';
import { type Decided, type Facts, nothing, refuse } from './decision.ts';
import { ownerIn } from './ownership.ts';
import type { Person } from './people.ts';
import { type Run, stateOf } from './run.ts';
import { closing } from './steps.ts';
import { isSame } from './vote.ts';

type Answer = Extract<Command, { name: 'answer-ownership' }>;

/**
 * The owner of the item says whether it is theirs. Nobody else can: neither who asked for the run nor an approver. A yes
 * completes the values, and only then is anybody asked to approve; a no ends the run.
 */
export function answerOwnership(run: Run, command: Answer, facts: Facts): Decided {
  const { by, mine } = command;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  const asked = ownerIn(run.parameters);
  if (asked === undefined) return refuse(run, 'nobody-asked');
  if (saidSo(run, command)) return nothing;
  if (asked.value !== by.id) return notOwner(run, facts);
  const state = stateOf(run);
  if (state !== 'awaiting-parameters' && state !== 'awaiting-approval')
    return refuse(run, run.steps.length > 0 ? 'already-running' : 'already-decided');
  return mine ? confirmed(run, command, by, facts) : disowned(run, command, by);
}

/** The same answer of the same person, again. */
export const saidSo = ({ ownership }: Run, { by, mine }: Answer): boolean =>
  by.kind === 'person' &&
  ownership?.answer !== undefined &&
  isSame(ownership.answer.by, by) &&
  ownership.answer.mine === mine;

function disowned(run: Run, command: Answer, by: Person): Decided {
  const reason = command.reason.trim();
  if (reason === '') return refuse(run, 'reason-needed');
  return {
    ok: true,
    events: [
      { type: 'ownership-answered', data: { mine: false, reason, parameters: [...run.parameters] } },
      closing('not confirmed', `${by.name} says that ${run.proposal?.ci.name} is not theirs: ${reason}`),
    ],
  };
}

/** Whose it is, is read again: a device that was handed on meanwhile is somebody else's to confirm. */
function confirmed(run: Run, command: Answer, by: Person, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  if (loaded === undefined || world === undefined) return refuse(run, 'runbook-unknown');
  if (!world.owner.ok) return refuse(run, 'facts-unknown', { message: world.owner.why });
  const known = { loaded, facts, world };
  const now = planNow(run, known).parameters;
  if (ownerIn(now)?.value !== by.id) return notOwner(run, facts);
  const parameters = now.map((one) => (one.source === 'owner' ? { ...one, confirm: false } : one));
  const data = { mine: true, reason: command.reason.trim(), parameters };
  return changeValues(run, command, { type: 'ownership-answered', data }, known);
}

/** When the CMDB names somebody else by now, that person is asked. */
function notOwner(run: Run, facts: Facts): Decided {
  const { runbook: loaded, world } = facts;
  if (loaded === undefined || world === undefined || stateOf(run) !== 'awaiting-parameters')
    return refuse(run, 'not-owner');
  const parameters = [...planNow(run, { loaded, facts, world }).parameters];
  const moved = ownerIn(parameters)?.value !== ownerIn(run.parameters)?.value;
  return refuse(run, 'not-owner', {
    events: moved ? [{ type: 'parameters-resolved', data: { parameters } }] : [],
  });
}
