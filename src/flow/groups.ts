import type { Fact } from '../domain/facts.ts';
import type { Actor, Person } from '../domain/people.ts';
import type { Deps } from './deps.ts';
import { type Dated, fact } from './fact.ts';

/** Names of the policy's groups somebody is in. A part of the system is in none. */
export async function groupsOf(deps: Deps, actor: Actor): Promise<Fact<readonly string[]>> {
  if (actor.kind === 'system') return { ok: true, value: [] };
  const groups = Object.entries(deps.catalogue.policy.policy.groups);
  return fact(async (dated) => {
    const ids = dated(
      await deps.directory.memberOf(
        actor.id,
        groups.map(([, group]) => group.entra),
      ),
    );
    return groups.filter(([, group]) => ids.includes(group.entra)).map(([name]) => name);
  }, deps.directory);
}

/** Those on call now for a group: one of the policy's, by the ServiceNow group it names, or one of ServiceNow. */
export async function onCallOf(
  deps: Deps,
  group: string,
  dated: Dated = (answer) => answer,
): Promise<Person[]> {
  const { groups } = deps.catalogue.policy.policy;
  const named = Object.hasOwn(groups, group) ? groups[group]?.servicenow : group;
  if (named === undefined || named === '') return [];
  const emails = dated(await deps.itsm.onCall(named, deps.clock.now()));
  const people = await Promise.all(emails.map(async (email) => dated(await deps.directory.person(email))));
  return people.flatMap((one) =>
    one === undefined ? [] : [{ kind: 'person' as const, id: one.id, name: one.name, tenant: deps.tenant }],
  );
}
