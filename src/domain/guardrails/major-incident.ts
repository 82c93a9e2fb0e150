import { allow, type Guardrail, unknown } from './verdict.ts';

/** While people handle a major incident here, they decide what is touched. */
export const majorIncident: Guardrail = (facts) => {
  const { policy } = facts;
  if (policy.majorIncident === 'allow') return allow('the policy lets major incidents pass');
  const { majorIncidents } = facts;
  if (!majorIncidents.ok) return unknown('open major incidents', majorIncidents);
  if (majorIncidents.value.length === 0) return allow('no major incident is open here');
  const numbers = majorIncidents.value.map(({ number }) => number).join(', ');
  const reason = `major incident ${numbers} is open on the item or on what depends on it`;
  return { ...allow(reason, { incidents: numbers }), effect: policy.majorIncident };
};
