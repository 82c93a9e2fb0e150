import { isOwned } from '../ownership.ts';
import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** Where the owner has to confirm, there has to be exactly one who can be asked. */
export const owner: Guardrail = (facts) => {
  if (!isOwned(facts.runbook)) return allow('it needs nobody to say that the item is theirs');
  const { owner: found } = facts;
  if (!found.ok) return unknown('whose it is', found);
  if ('nobody' in found.value) return deny(found.value.nobody);
  const { id, name } = found.value.person;
  return allow(`it is assigned to ${name}, whose word is needed`, { owner: id });
};
