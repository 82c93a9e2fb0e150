import { judgeTier } from '../tier.ts';
import { allow, deny, type Guardrail, unknown } from './verdict.ts';

/** What the policy's risk tier says about this item, now. */
export const risk: Guardrail = (facts) => {
  if (facts.policy.tiers.length === 0) return allow('the policy names no risk tiers');
  const judged = judgeTier(facts);
  switch (judged.is) {
    case 'unknown':
      return unknown(judged.what, judged);
    case 'none':
      return deny('no risk tier of the policy takes this; its last one must be without conditions');
    case 'found': {
      const { tier, why } = judged;
      const line = allow(`tier ${tier.name}: ${why}`, { tier: tier.name, ...judged.facts });
      return { ...line, effect: tier.effect };
    }
  }
};
