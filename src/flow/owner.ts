import { AppError } from '../domain/errors.ts';
import type { Fact } from '../domain/facts.ts';
import type { ConfigurationItem } from '../domain/incident.ts';
import type { Owner } from '../domain/ownership.ts';
import type { Deps } from './deps.ts';
import { fact } from './fact.ts';

/** Whom an item is assigned to, as the person who signs in to Teams. */
export const ownerNow = (deps: Deps, ci: Fact<ConfigurationItem>): Promise<Fact<Owner>> =>
  fact(async (dated): Promise<Owner> => {
    if (!ci.ok) throw new Error(ci.why);
    const assigned = dated(await deps.itsm.owner(ci.value));
    return 'nobody' in assigned ? assigned : personNamed(deps, assigned.named, ci.value.name);
  }, deps.itsm);

/** Several people of one name are as good as nobody: the reason says what to do. A directory that is away is no answer. */
async function personNamed({ directory, tenant }: Deps, named: string, item: string): Promise<Owner> {
  try {
    const found = await directory.person(named);
    if (found !== undefined)
      return { person: { kind: 'person', id: found.id.toLowerCase(), name: found.name || named, tenant } };
    return {
      nobody: `Entra ID knows nobody called ${named}, whom ${item} is assigned to: correct the user in ServiceNow`,
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.retryable) throw error;
    return { nobody: `whoever ${item} is assigned to cannot be told: ${error.message}. ${error.fix}` };
  }
}
