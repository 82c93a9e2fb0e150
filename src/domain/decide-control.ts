import type { Command } from './commands.ts';
import { type Control, noControl } from './control.ts';
import { type Decided, type Facts, nothing, refuse } from './decision.ts';
import type { Person } from './people.ts';
import type { Run } from './run.ts';
import { isSame } from './vote.ts';

type Of<N extends Command['name']> = Extract<Command, { name: N }>;

const controlOf = (run: Run): Control => run.control ?? noControl;

/** Stops everything: no run is dispatched and no remediation is claimed until somebody resumes. */
export function stop(run: Run, command: Of<'stop'>, facts: Facts): Decided {
  const admin = asAdmin(run, command, facts);
  if ('ok' in admin) return admin;
  if (controlOf(run).stopped) return nothing;
  const reason = command.reason.trim();
  if (reason === '') return refuse(run, 'reason-needed', { message: 'Say why everything has to stop.' });
  return { ok: true, events: [{ type: 'dispatch-stopped', data: { reason } }] };
}

/** Lets the guardrails decide again. Nothing that waits starts without them. */
export function resume(run: Run, command: Of<'resume'>, facts: Facts): Decided {
  const admin = asAdmin(run, command, facts);
  if ('ok' in admin) return admin;
  if (controlOf(run).stopped === undefined) return refuse(run, 'not-stopped');
  return { ok: true, events: [{ type: 'dispatch-resumed', data: { reason: command.reason.trim() } }] };
}

function asAdmin(run: Run, { by }: Command, { policy, actorGroups }: Facts): Decided | Person {
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  if (!actorGroups.ok) return refuse(run, 'membership-unknown', { message: actorGroups.why });
  const { admins } = policy.policy;
  return admins !== undefined && actorGroups.value.includes(admins) ? by : refuse(run, 'not-admin');
}

/** Lets somebody else vote in one's place for a while: out of office. Never the other way round, and never further on. */
export function delegate(run: Run, command: Of<'delegate'>, facts: Facts): Decided {
  const { by, to, until } = command;
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  const rule = facts.policy.policy.delegation;
  if (rule === undefined) return refuse(run, 'delegation-closed');
  if (to.tenant !== facts.tenant || isSame(to, by)) return refuse(run, 'not-delegate');
  const { delegateGroups } = facts;
  if (!delegateGroups.ok) return refuse(run, 'membership-unknown', { message: delegateGroups.why });
  if (!delegateGroups.value.includes(rule.to))
    return refuse(run, 'not-delegate', { message: `${to.name} is not in ${rule.to}.` });
  const end = Date.parse(until);
  const latest = facts.now.getTime() + rule.most;
  if (end <= facts.now.getTime() || end > latest)
    return refuse(run, 'not-delegate', {
      message: `It may last until ${new Date(latest).toISOString()} at most, and must end after now.`,
    });
  const reason = command.reason.trim();
  const known = controlOf(run).delegations.find(({ from }) => isSame(from, by));
  if (known?.to.id === to.id && known.until === until && known.reason === reason) return nothing;
  return { ok: true, events: [{ type: 'vote-delegated', data: { from: by, to, until, reason } }] };
}

export function endDelegation(run: Run, { by }: Of<'end-delegation'>, _facts: Facts): Decided {
  if (by.kind !== 'person') return refuse(run, 'not-a-person');
  const known = controlOf(run).delegations.some(({ from }) => isSame(from, by));
  return known ? { ok: true, events: [{ type: 'delegation-ended', data: { from: by } }] } : nothing;
}
