import { spell } from '../duration.ts';
import { freeAt, runsWithin } from './past-runs.ts';
import { allow, denyUntil, type Guardrail, unknown } from './verdict.ts';

/** Remediation after remediation on one item hides a cause that somebody has to find. */
export const flapping: Guardrail = (facts) => {
  const { flapping: rule } = facts.policy;
  if (rule === undefined) return allow('the policy does not count runs on one item');
  const { history } = facts;
  if (!history.ok) return unknown('earlier runs on the item', history);
  const counted = runsWithin(history.value, rule.within, facts.now);
  const span = spell(rule.within);
  const seen = {
    runs: counted.map(({ runId }) => runId).join(', '),
    incidents: [...new Set(counted.map(({ incident }) => incident))].join(', '),
    within: span,
  };
  // this run would be one more
  const free = freeAt(counted, rule.runs - 1, rule.within);
  if (free === undefined)
    return allow(
      `${counted.length} ${counted.length === 1 ? 'run' : 'runs'} on this CI within ${span}`,
      seen,
    );
  const reason = `this would be run number ${counted.length + 1} on this CI within ${span}: look for the cause and open a problem record`;
  return denyUntil(free, reason, seen);
};
