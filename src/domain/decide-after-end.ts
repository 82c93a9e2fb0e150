import { approversOf, askedGroups } from './approval.ts';
import type { Command } from './commands.ts';
import { type Decided, type Facts, lookedAt, nothing, refuse } from './decision.ts';
import { authorised } from './guardrails/authorised.ts';
import type { Person } from './people.ts';
import { restOf, unknownStep } from './rest.ts';
import { type Run, requesterOf } from './run.ts';
import { isSame } from './vote.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

/**
 * A person's word on a step whose outcome is unknown: it ran, it did not run, or nobody can tell. Said once, with a reason,
 * after the end, which stays what it is. It changes nothing by itself; it says where the run may be continued.
 */
export function settle(run: Run, command: Of<'settle'>, facts: Facts): Decided {
  const { by, word } = command;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  const step = unknownStep(run);
  if (step === undefined) return refuse(run, 'no-unknown');
  if (run.word)
    return isSame(run.word.by, by) && run.word.word === word ? nothing : refuse(run, 'already-settled');
  if (!facts.actorGroups.ok) return refuse(run, 'membership-unknown', { message: facts.actorGroups.why });
  const { value: groups } = facts.actorGroups;
  if (!settlersOf(run, facts).some((group) => groups.includes(group))) return refuse(run, 'not-settler');
  if (wantsFourEyes(run) && isInvolved(run, by)) return refuse(run, 'self-settlement');
  const reason = command.reason.trim();
  if (reason === '')
    return refuse(run, 'reason-needed', { message: 'Say what you found, and where you looked.' });
  return { ok: true, events: [{ type: 'outcome-settled', data: { step, word, reason } }] };
}

/** Those who were asked for an approval, those a runbook that a rule approved would have asked, its owners, the resolver group. */
function settlersOf({ approval, rollback, proposal }: Run, { runbook: loaded }: Facts): string[] {
  const asked = [approval, rollback].flatMap((one) => (one ? askedGroups(one) : []));
  const own = loaded ? [loaded.runbook.approval.group, loaded.runbook.owner] : [];
  return [...asked, ...own, ...(proposal ? [proposal.escalation] : [])];
}

const wantsFourEyes = ({ approval }: Run): boolean =>
  approval?.fourEyes === true || approval?.plan.unknownOutcome?.fourEyes === true;

/** Asked for it, confirmed its values, or approved it. */
const isInvolved = (run: Run, person: Person): boolean =>
  [requesterOf(run), ...run.confirmers, ...(run.approval ? approversOf(run.approval) : [])].some(
    (one) => one !== undefined && isSame(one, person),
  );

/** Lets what is left of a run be proposed, once; whoever may ask for its runbook may ask for that. */
export function continueRun(run: Run, { by, next }: Of<'continue'>, facts: Facts): Decided {
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (run.continued) return nothing;
  const rest = restOf(run);
  if (rest === undefined) return refuse(run, 'not-continuable');
  const { runbook: loaded, world } = facts;
  if (loaded === undefined || world === undefined) return refuse(run, 'runbook-unknown');
  if (loaded.hash !== rest.hash) return refuse(run, 'runbook-changed');
  const may = authorised(lookedAt(run, by, facts, loaded.runbook, world));
  if (may.effect === 'deny')
    return refuse(run, may.unknown === true ? 'membership-unknown' : 'not-requester', {
      message: may.reason,
    });
  return { ok: true, events: [{ type: 'run-continued', data: { runId: next } }] };
}
