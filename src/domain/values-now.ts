import type { World } from './facts.ts';
import { MEMBERS } from './parameter.ts';
import { type ResolvedParameter, resolveAgain, type Sources } from './parameters.ts';
import type { Run } from './run.ts';
import type { Runbook } from './runbook.ts';

/** The values of a run as they are right now: those of the incident and the CMDB are read again. */
export function valuesNow(run: Run, runbook: Runbook, world: World): readonly ResolvedParameter[] {
  const incident = world.incident.ok ? world.incident.value : run.proposal?.incident;
  const ci = world.ci.ok ? world.ci.value : run.proposal?.ci;
  if (incident === undefined || ci === undefined) return run.parameters;
  return resolveAgain(runbook, run.parameters, {
    incident,
    ci,
    members: membersIn(world),
    owner: ownerNow(world),
  });
}

/** What the item consists of, when all of it could be read: half a pool is not a pool. */
export function membersIn({ relations }: Pick<World, 'relations'>): Sources['members'] {
  if (!relations.ok || relations.value.truncated) return undefined;
  const names = relations.value.members.map(({ name }) => name);
  // one that may not be read is there all the same
  return names.includes('') ? undefined : names;
}

/** Whom the item is assigned to, when there is one person who can be asked. */
export const ownerNow = ({ owner }: Pick<World, 'owner'>): Sources['owner'] =>
  owner.ok && 'person' in owner.value ? owner.value.person : undefined;

/** Some value of the runbook may be what the item consists of. */
export const takesMembers = ({ parameters }: Pick<Runbook, 'parameters'>): boolean =>
  Object.values(parameters).some((one) => one.type === 'list' && one.from.includes(MEMBERS));
