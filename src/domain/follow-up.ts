import type { EventData } from './events.ts';
import type { ConfigurationItem, Incident } from './incident.ts';
import { MEMBERS } from './parameter.ts';
import { isSameValue } from './parameter-value.ts';
import { resolveParameters } from './parameters.ts';
import type { Run } from './run.ts';
import type { Runbook } from './runbook.ts';

/**
 * Whether an event may propose a runbook that it proposed before. What people or the guardrails decided stands, unless the
 * incident or the CMDB give another plan now; what only the incident took back may come back with it.
 */
export function mayFollow(
  last: Run,
  runbook: Runbook,
  incident: Pick<Incident, 'fields'>,
  ci: ConfigurationItem,
): boolean {
  const { proposal, closed } = last;
  if (proposal === undefined || closed === undefined) return false;
  return isTakenBack(last) || proposal.ci.sysId !== ci.sysId || isOtherwise(proposal, runbook, incident, ci);
}

function isTakenBack({ entries }: Run): boolean {
  const end = entries.findLast((entry) => entry.type === 'run-closed');
  if (end?.data.outcome !== 'withdrawn') return false;
  return end.actor.kind === 'system' && end.actor.name === 'servicenow';
}

/** A value that was read, not entered, reads differently now. */
function isOtherwise(
  { parameters }: EventData<'run-proposed'>,
  runbook: Runbook,
  incident: Pick<Incident, 'fields'>,
  ci: ConfigurationItem,
): boolean {
  // what the item consists of, and whose it is, was not read for this
  const read = parameters.filter(({ source }) => source !== MEMBERS && source !== 'owner');
  const before = new Map(read.map(({ name, value }) => [name, value]));
  return resolveParameters(runbook, { incident, ci, members: undefined }).some(
    ({ name, value }) => before.has(name) && !isSameValue(before.get(name), value),
  );
}
