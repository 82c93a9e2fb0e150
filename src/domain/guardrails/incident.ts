import { isOver } from '../incident.ts';
import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** There is still something to remedy, on the item the run was proposed for. */
export const incident: Guardrail = ({ incident: read, proposedCi }) => {
  if (!read.ok) return unknown('the incident', read);
  const { number, state, ciSysId } = read.value;
  const facts = { incident: number, state };
  // its values and its lease belong to the item it was proposed for; another item is another run
  if (proposedCi !== undefined && ciSysId !== proposedCi)
    return deny(`${number} names another configuration item now`, { ...facts, ci: ciSysId });
  return isOver(read.value) ? deny(`${number} is ${state}`, facts) : allow(`${number} is open`, facts);
};
