import { freezeAt } from '../windows.ts';
import { allow, denyUntil, type Guardrail, unknown, utc } from './verdict.ts';

/** A time in which the policy wants no change, whatever window is open and whatever change is approved. */
export const freeze: Guardrail = (facts) => {
  const { policy, now } = facts;
  if (policy.freezes.length === 0) return allow('the policy names no change freeze');
  const { ci } = facts;
  if (!ci.ok) return unknown('the change freeze', ci);
  const { environment } = ci.value;
  const frozen = freezeAt(
    policy.freezes.filter((one) => one.environments.includes(environment)),
    now,
  );
  if (frozen === undefined) return allow(`no change freeze for ${environment}`, { environment });
  const { name } = frozen.freeze;
  return denyUntil(frozen.until, `change freeze "${name}" until ${utc(frozen.until)}`, {
    environment,
    freeze: name,
  });
};
