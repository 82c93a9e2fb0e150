import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** Who may ask for this runbook: members of its groups, and whoever is on call for one of them now. */
export const authorised: Guardrail = (facts) => {
  const { requester } = facts;
  if (requester.kind === 'system') return allow('raised by an event; people approve it');
  const { requesterGroups, runbook } = facts;
  const { name } = requester;
  const member = requesterGroups.ok ? requesterGroups.value : [];
  const group = runbook.requesters.find((one) => member.includes(one));
  if (group !== undefined) return allow(`${name} is in ${group}`, { group });
  const { requesterOnCall } = facts;
  const groups = runbook.requesters.join(', ');
  if (requesterOnCall.ok && requesterOnCall.value)
    return allow(`${name} is on call now for one of ${groups}`, { 'on call': 'yes' });
  if (!requesterGroups.ok) return unknown(`the groups of ${name}`, requesterGroups);
  if (!requesterOnCall.ok) return unknown(`whether ${name} is on call`, requesterOnCall);
  return deny(`${name} is in none of ${groups} and not on call for them`, { groups: member.join(', ') });
};
